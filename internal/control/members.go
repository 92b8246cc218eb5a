package control

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// Member is one row of the DNS cluster table: the link from here to a remote server.
type Member struct {
	cluster.Member
	// Target names the link in delivery's registers and reports. It changes whenever synchronization starts anew, so that a
	// cursor is never taken over from an earlier link to a server of the same name.
	Target string
	// PushFrom is where a new cursor starts: 0 sends everything, otherwise what changed after it.
	PushFrom store.Position
	// PullAll says that the first pass over the member's feed starts at its beginning, PullOthers that it takes zones
	// that only the member has. Otherwise following starts at the head. FirstPassDone clears both.
	PullAll, PullOthers bool
	// PullFrom is where following starts without such a first pass: the head of the member's feed when it was added, in
	// the numbers of PullInstance. Rows of v0.1 have neither.
	PullFrom     uint64
	PullInstance string
	// Overwrite says that the first pass of a write-only link replaces every key. FirstPassDone clears it.
	Overwrite bool
	// Relay says that what comes from this member may be changes of any zone; otherwise it is a leaf to us.
	Relay bool
	// TrustToken is the id of our token that this member uses for its reverse link.
	TrustToken string
	// ByTrust is the id of our token with which the member added itself here by reverse trust; empty if a person added it.
	ByTrust string
	// Addresses is where it answers DNS, as it said last; Reached is the address at which its link was opened last.
	Addresses []string
	Reached   string
	// DNSSEC is whether its nameserver software can do DNSSEC, as it said last: SignsYes, SignsNo, or empty.
	DNSSEC string
	// Renew says that another machine has taken the member's place, and may not know our token; it is over when one worked.
	Renew bool
}

// Grant is what this member may change here when its feed is followed.
func (m Member) Grant() cluster.Grant {
	g := cluster.Grant{Kind: cluster.Leaf, User: m.User, Holder: m.Name + " " + m.Fingerprint}
	if m.Relay {
		g.Kind = cluster.Relay
	}
	return g
}

// Policy is what the link does.
func (m Member) Policy() cluster.Policy { return cluster.Resolve(m.Link()) }

// Source is the LinkSource of a member whose feed is followed; f is what it said when the session opened.
func (c *Control) Source(m Member, f Facts) LinkSource {
	return LinkSource{
		Name: m.Host, Key: m.Fingerprint, Grant: m.Grant(), Nodes: f.Nodes,
		TakeOthers: m.Policy().TakeOthers || m.PullOthers,
	}
}

// Label is what people call the member: its own name, else where it is reached.
func (m Member) Label() string {
	if m.Name != "" {
		return m.Name
	}
	return m.at()
}

func (m Member) at() string { return hostPort(m.Host, m.Port) }

// id is the id of the member's rows: who acts, and where; neither can contain the separator.
func (m Member) id() string { return memberID(m.User, m.Host, m.Port) }

func memberID(user, host string, port int) string { return user + "\x00" + hostPort(host, port) }

// ShowMember returns one row.
func (c *Control) ShowMember(ctx context.Context, p acl.Principal, host string) (Member, error) {
	if err := allow(p, acl.ReadMembers, acl.Object{Name: host}); err != nil {
		return Member{}, err
	}
	m, err := c.member(c.Store, p, host)
	if CodeOf(err) == CodeNotFound && p.User != acl.Root {
		if roots, of := c.member(c.Store, acl.Principal{User: acl.Root}, host); of == nil {
			return roots.readOnly(p), nil
		}
	}
	return m, err
}

// readOnly is root's member as others see it: without the user name there, debug, keys, and what was said of zones.
func (m Member) readOnly(p acl.Principal) Member {
	if p.Root || m.User == p.User {
		return m
	}
	m.Username, m.Debug, m.Relay, m.TrustToken, m.ByTrust = "", false, false, "", ""
	m.Health.LastError = ""
	return m
}

// Homes returns what says whether the home of a zone is this node or a member, of whichever user. A removed member stays the
// home of its zones: who is to edit them there should see that it is none.
func (c *Control) Homes(ctx context.Context) (known func(home string) bool, err error) {
	rows, err := c.Links(ctx)
	if err != nil {
		return nil, err
	}
	keys := map[string]bool{c.Self.Fingerprint: true}
	for _, m := range rows {
		keys[m.Fingerprint] = true
	}
	return func(home string) bool { return keys[keyOf(home)] }, nil
}

// Links returns all rows of all users, for node, which makes targets of them.
func (c *Control) Links(ctx context.Context) ([]Member, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return nil, err
	}
	all := make([]Member, 0, len(rows))
	for _, m := range rows {
		m.Health = c.Health(m.Target)
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Port, b.Port))
	})
	return all, nil
}

// link finds a row by its target; what reports about a link that is gone is not found.
func (c *Control) link(r records, target string) (Member, bool, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return Member{}, false, err
	}
	for id, m := range rows {
		if m.Target == target {
			m, found, err := load[Member](r, kindMember, id)
			return m, found && m.Target == target, err
		}
	}
	return Member{}, false, nil
}

// newTarget names a link that begins now.
func newTarget(m Member) string { return fmt.Sprintf("%s@%s/%016x", m.User, m.at(), rand.Uint64()) }

// member finds a row by what a person calls it: host:port, or the host or name where only one has it.
func (c *Control) member(r records, p acl.Principal, ref string) (Member, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return Member{}, err
	}
	ids := matching(rows, p.Account(), cluster.NormalizeHost(ref))
	if len(ids) > 1 {
		return Member{}, fail(CodeInvalid, ref, "is the host of %d members", len(ids)).hint("give host:port")
	}
	if len(ids) == 1 {
		m, found, err := load[Member](r, kindMember, ids[0])
		if err != nil || found {
			m.Health = c.Health(m.Target)
			return m, err
		}
	}
	return Member{}, fail(CodeNotFound, ref, "is not a member here").hint("zonefleet member list")
}

func matching(rows map[string]Member, user, ref string) (ids []string) {
	for id, m := range rows {
		switch {
		case m.User != user:
		case m.at() == ref:
			return []string{id}
		case m.Host == ref || cluster.NormalizeHost(m.Name) == ref:
			ids = append(ids, id)
		}
	}
	return ids
}

// changeMember runs f on one row, saves it, tells node, and returns the row as it is then.
func (c *Control) changeMember(ctx context.Context, p acl.Principal, host string, f func(tx *store.Tx, m *Member) error) (Member, error) {
	if err := allow(p, acl.ManageMembers, mine(p, host)); err != nil {
		return Member{}, err
	}
	var m Member
	err := c.commitRecords(ctx, host, func(tx *store.Tx) (err error) {
		if m, err = c.member(tx, p, host); err != nil {
			return err
		}
		old := m.id()
		if err = f(tx, &m); err != nil {
			return err
		}
		if m.id() != old {
			tx.DeleteRecord(kindMember, old)
			tx.DeleteRecord(kindCredentials, old)
		}
		return saveMember(tx, m)
	})
	if err == nil {
		c.MembersChanged()
	}
	return m, err
}

func saveMember(tx *store.Tx, m Member) error {
	m.Health = cluster.Health{} // it has rows of its own and changes far more often
	return save(tx, kindMember, m.id(), m)
}

// saveSecret keeps a member's token, sealed.
func (c *Control) saveSecret(tx *store.Tx, m Member, token string) {
	id := m.id()
	tx.PutRecord(kindCredentials, id, c.Store.Seal([]byte(token), kindCredentials+"\x00"+id))
}

// Endpoint returns how the member is reached, with its unsealed token.
func (c *Control) Endpoint(ctx context.Context, m Member) (Endpoint, error) {
	id := m.id()
	box, err := c.Store.Record(kindCredentials, id)
	if err != nil {
		return Endpoint{}, fmt.Errorf("read the token of member %s: %w", m.Host, err)
	}
	token, err := c.Store.Unseal(box, kindCredentials+"\x00"+id)
	if err != nil {
		return Endpoint{}, fmt.Errorf("read the token of member %s: %w", m.Host, err)
	}
	return Endpoint{Host: m.Host, Port: m.Port, Token: string(token), Fingerprint: m.Fingerprint, Allow: c.dialable(m.User)}, nil
}

// mine is a member of the acting user's own table: whoever acts may manage those, with the privilege for it.
func mine(p acl.Principal, host string) acl.Object { return acl.Object{Name: host, Owner: p.Account()} }
