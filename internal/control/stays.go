package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// Stay is what a change would leave behind at a server: zones that go there now, and would not any more.
type Stay struct {
	Member string
	Zones  int // here; that server may never have had some of them
}

// Text says it to a person who can still decide otherwise.
func (s Stay) Text() string {
	return fmt.Sprintf("up to %s that this server sends to %s now would stay there as they are: it goes on answering them, and no link updates them", zonesText(s.Zones), s.Member)
}

func stayTexts(list []Stay) (texts []string) {
	for _, s := range list {
		texts = append(texts, s.Text())
	}
	return texts
}

// stays says what is sent by the rows before, and not by those after, both as they are worked.
func (c *Control) stays(before, after []Member) (list []Stay, err error) {
	seen := map[string]bool{}
	for _, m := range before {
		if seen[m.Fingerprint] {
			continue
		}
		seen[m.Fingerprint] = true
		var sent sentRow
		sent.add(sendingTo(m.Fingerprint, before))
		u, err := c.unsentTo(m.Fingerprint, m.Name, sent, sendingTo(m.Fingerprint, after))
		if err != nil {
			return nil, err
		}
		if m.Reverse && !slices.ContainsFunc(after, func(a Member) bool { return a.Target == m.Target }) {
			u.reads = nil // who removes a server undoes that it follows this one
		}
		n, err := u.count()
		if err != nil {
			return nil, err
		}
		if n > 0 {
			list = append(list, Stay{m.Label(), n})
		}
	}
	return list, nil
}

// staysWith says what another table, or other users, would leave behind. An edit returns the row as it would be; false
// removes it.
func (c *Control) staysWith(ctx context.Context, edit func(Member) (Member, bool), users household) ([]Stay, error) {
	rows, err := c.Links(ctx)
	if err != nil {
		return nil, err
	}
	before, err := workedAll(rows, c)
	if err != nil {
		return nil, err
	}
	var then []Member
	for _, m := range rows {
		if m, stays := edit(m); stays {
			then = append(then, m)
		}
	}
	after, err := workedAll(then, users)
	if err != nil {
		return nil, err
	}
	return c.stays(before, after)
}

func unchanged(m Member) (Member, bool) { return m, true }

// edited is the users with one changed.
type edited struct {
	*Control
	old, now User
}

func (e edited) clustersAlone(user string) (bool, error) {
	if user == e.old.Name {
		return e.now.Unique, nil
	}
	return e.Control.clustersAlone(user)
}

func (e edited) ownersOf(reseller string) ([]string, error) {
	list, err := e.Control.ownersOf(reseller)
	if e.old.Owner == e.now.Owner {
		return list, err
	}
	switch reseller {
	case e.old.Owner:
		list = slices.DeleteFunc(list, func(o string) bool { return o == e.old.Name })
	case e.now.Owner:
		list = append(list, e.old.Name)
		slices.Sort(list)
	}
	return list, err
}

// UserEditPreview is what an edit of a user would do beyond what it says.
type UserEditPreview struct {
	User    string
	Changes []string // in words
	Stays   []Stay
}

// PreviewUserEdit says what EditUser would leave behind at other servers. Nothing is changed, and nobody is asked.
func (c *Control) PreviewUserEdit(ctx context.Context, p acl.Principal, e UserEdit) (UserEditPreview, error) {
	if err := c.allowEdit(p, e); err != nil {
		return UserEditPreview{}, err
	}
	old, found, err := loadUser(c.Store, e.Name)
	if err == nil && !found {
		err = noAccount(e.Name)
	}
	if err != nil {
		return UserEditPreview{}, err
	}
	now, err := c.withEdit(c.Store, p, old, e)
	if err != nil {
		return UserEditPreview{}, err
	}
	v := UserEditPreview{User: e.Name, Changes: whatChanged(old, now)[1:]}
	v.Stays, err = c.staysWith(ctx, unchanged, edited{c, old, now})
	return v, err
}
