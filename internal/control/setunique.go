package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// UniqueState is how a reseller's accounts are clustered.
type UniqueState struct {
	User    string
	On      bool
	Members int      // of the reseller's own table
	Stops   []string // what ends when it is switched off
	Starts  []string // what begins when it is switched on
}

// Unique says how the accounts of the acting reseller are clustered.
func (c *Control) Unique(ctx context.Context, p acl.Principal) (UniqueState, error) {
	if err := allow(p, acl.ManageMembers, mine(p, "")); err != nil {
		return UniqueState{}, err
	}
	u, found, err := loadUser(c.Store, p.Account())
	if err != nil {
		return UniqueState{}, err
	}
	if !found {
		return UniqueState{User: p.Account()}, nil // root has no cluster but its own
	}
	s := UniqueState{User: u.Name, On: u.Unique}
	rows, err := c.Links(ctx)
	if err != nil {
		return s, err
	}
	for _, m := range rows {
		if m.User != u.Name {
			continue
		}
		s.Members++
		if !u.Unique {
			e := cluster.Unique(true, rootRole(m.Fingerprint, rows), m.Role)
			switch {
			case e.Own:
				s.Starts = append(s.Starts, fmt.Sprintf("%s is worked with the entry of %s, %s, for the zones of these accounts", m.Label(), u.Name, e.Role))
			default:
				s.Starts = append(s.Starts, fmt.Sprintf("%s stays as it is: %s", m.Label(), e.Note))
			}
		} else {
			s.Stops = append(s.Stops, fmt.Sprintf("%s is not worked any more with the entry of %s, %s; the entry stays", m.Label(), u.Name, m.Role))
		}
	}
	then := u
	then.Unique = !u.Unique
	stays, err := c.staysWith(ctx, unchanged, edited{c, u, then})
	if err != nil {
		return s, err
	}
	if !u.Unique {
		s.Starts = append(s.Starts, stayTexts(stays)...)
		s.Starts = append(s.Starts, u.Name+" may add servers of its own, which carry the zones of these accounts alone; elsewhere root's servers go on")
	} else {
		s.Stops = append(s.Stops, stayTexts(stays)...)
		s.Stops = append(s.Stops, "the zones of these accounts go to the servers of root, as root's roles say")
	}
	return s, nil
}

// SetUnique enables or disables unique DNS clustering for the accounts of the acting reseller. Entries stay as they are.
func (c *Control) SetUnique(ctx context.Context, p acl.Principal, on bool) (UniqueState, error) {
	if err := allow(p, acl.ManageMembers, mine(p, "")); err != nil {
		return UniqueState{}, err
	}
	err := c.commitRecords(ctx, p.Account(), func(tx *store.Tx) error {
		u, found, err := loadUser(tx, p.Account())
		if err != nil {
			return err
		}
		if !found {
			return fail(CodeInvalid, p.Account(), "unique DNS clustering is for resellers: root's servers apply to all others").hint("choose a reseller")
		}
		if u.Unique == on {
			return nil
		}
		old := u
		u.Unique = on
		word := map[bool]string{true: "enabled", false: "disabled"}[on]
		e := c.event(p, "unique-clustering-"+word, "unique DNS clustering "+word+" for accounts owned by "+u.Name)
		tx.AppendEvent(e)
		return saveUser(tx, old, u)
	})
	if err != nil {
		return UniqueState{}, err
	}
	c.MembersChanged()
	return c.Unique(ctx, p)
}

// ClusterUsers lists whose clusters p may manage beside the own one: for root, and users with all, root and everybody with the
// privilege for it, an own table, or unique DNS clustering; for others nobody.
func (c *Control) ClusterUsers(ctx context.Context, p acl.Principal) ([]string, error) {
	if err := allow(p, acl.ReadMembers, acl.Object{}); err != nil || !p.Root {
		return nil, err
	}
	rows, err := loadAll[userRow](c.Store, kindUser)
	if err != nil {
		return nil, err
	}
	members, err := c.Links(ctx)
	if err != nil {
		return nil, err
	}
	list := []string{p.Account()}
	for _, m := range members {
		list = append(list, m.User)
	}
	for _, u := range rows {
		if u.Unique || u.Privileges.HasAny(acl.Clustering) {
			list = append(list, u.User.Name)
		}
	}
	slices.Sort(list)
	list = slices.DeleteFunc(slices.Compact(list), func(u string) bool { return u == acl.Root })
	if len(list) == 0 {
		return nil, nil // there is nobody to choose but root
	}
	return append([]string{acl.Root}, list...), nil
}
