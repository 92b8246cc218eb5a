package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// TrustRequest is what a node sends to a member for reverse trust: add me, as standalone.
type TrustRequest struct {
	Name        string // of the asking node
	Host        string // where the member reaches it
	Port        int
	Fingerprint string // of its key; the door sets the one that was proved in the session
	Token       string // a token of the asking node that serves this trust only
	Version     string
}

// TrustAnswer is the member's answer.
type TrustAnswer struct {
	Name    string
	Notices []string
}

// reverseTrust asks a member that was just saved to add this node, and records that it did.
func (c *Control) reverseTrust(ctx context.Context, p acl.Principal, m *Member, token string) error {
	host, port := c.advertised()
	t := c.newToken(p, "reverse trust of "+m.Label(), auth.KindMember,
		cluster.Grant{Trust: true, User: p.Account(), Holder: m.Name + " " + m.Fingerprint})
	// The token has to work before the member is asked: it tests the address with it.
	err := c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error { return save(tx, kindToken, t.ID, t.Token) })
	if err != nil {
		return err
	}
	e, err := c.Endpoint(ctx, *m)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		e.Token = token
		_, err = c.Members.Trust(ctx, e, TrustRequest{
			Name: c.Self.Name, Host: host, Port: port, Fingerprint: c.Self.Fingerprint, Token: t.Text, Version: c.Self.Version,
		})
	}
	if err != nil {
		revoked := c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error { return c.revoke(tx, p, t.ID) })
		return errors.Join(err, revoked)
	}
	return c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		row, found, err := c.link(tx, m.Target)
		if err != nil || !found {
			return err
		}
		row.Reverse, row.TrustToken = true, t.ID
		m.Reverse, m.TrustToken = true, t.ID
		return errors.Join(c.endTries(tx, p, t.Token), saveMember(tx, row))
	})
}

// endTries revokes what earlier tries of the same trust left, which ended before they were noted here.
func (c *Control) endTries(tx *store.Tx, p acl.Principal, last auth.Token) error {
	tokens, err := loadAll[auth.Token](c.Store, kindToken)
	if err != nil {
		return err
	}
	for id, t := range tokens {
		try := t.Grant.Trust && !t.Revoked && t.User == last.User && keyOf(t.Grant.Holder) == keyOf(last.Grant.Holder)
		if try && id != last.ID {
			if err := c.revoke(tx, p, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Trust adds the asking node here as standalone, after testing its address, and enables clustering.
func (c *Control) Trust(ctx context.Context, p acl.Principal, r TrustRequest) (TrustAnswer, error) {
	if err := allow(p, acl.Trust, acl.Object{Name: r.Name}); err != nil {
		return TrustAnswer{}, err
	}
	m, err := c.trusted(p, r)
	if err != nil {
		return TrustAnswer{}, err
	}
	answer := TrustAnswer{Name: c.Self.Name}
	known, found, err := c.knownKey(m.User, r.Fingerprint)
	switch {
	case err != nil:
		return TrustAnswer{}, err
	case found && known.ByTrust == "":
		// A person's own entry is worth more than the reverse one and stays as it is.
		answer.Notices = append(answer.Notices, fmt.Sprintf("%s is a member of %s already, as %s", r.Name, c.Self.Name, known.Role))
		return answer, nil
	}
	f, err := c.testAddress(ctx, m, r)
	if err != nil {
		return TrustAnswer{}, err
	}
	m.meets(f)
	err = c.commitRecords(ctx, r.Name, func(tx *store.Tx) error {
		if err := c.makePlace(tx, p, m); err != nil {
			return err
		}
		c.saveSecret(tx, m, r.Token)
		e := c.event(p, "member-added", m.Label()+" added itself as standalone by reverse trust")
		e.Member = m.Label()
		tx.AppendEvent(e)
		if err := c.putClustering(tx, p, true); err != nil {
			return err
		}
		return saveMember(tx, m)
	})
	if err == nil {
		c.MembersChanged()
	}
	return answer, err
}

// trusted makes the row of a node that asks for trust. What comes from it is held to the grant of the token it used.
func (c *Control) trusted(p acl.Principal, r TrustRequest) (Member, error) {
	m := Member{Relay: p.Grant.Kind == cluster.Relay, ByTrust: p.TokenID, PushFrom: c.Store.Synced(), Member: cluster.Member{
		User: p.Account(), Host: cluster.NormalizeHost(r.Host), Port: r.Port, Name: r.Name, Username: acl.Root,
		Backend: BackendZonefleet, Role: cluster.Standalone, Zones: cluster.Common,
		Fingerprint: r.Fingerprint, Version: r.Version, Added: c.Now(),
	}}
	m.Target = newTarget(m)
	if err := m.Validate(); err != nil {
		return m, fail(CodeInvalid, "reverse trust", "%v", err)
	}
	if r.Name == "" || len(r.Name) > 255 || !printable(r.Name) {
		return m, fail(CodeInvalid, "reverse trust", "the asking server says no name")
	}
	if r.Fingerprint == "" || r.Fingerprint == c.Self.Fingerprint {
		return m, selfError(m.at(), "it is this server itself")
	}
	return m, c.checkToken(r.Token)
}

// testAddress proves that the address leads to the node that asks.
func (c *Control) testAddress(ctx context.Context, m Member, r TrustRequest) (Facts, error) {
	if c.Members == nil {
		return Facts{}, fail(CodeUnavailable, m.at(), "this node reaches no members")
	}
	e, err := c.resolve(ctx, m)
	if err != nil {
		return Facts{}, err
	}
	e.Token, e.Fingerprint = r.Token, r.Fingerprint
	ctx, cancel := context.WithTimeout(ctx, probeTimeout/2) // the asker waits for the whole answer
	defer cancel()
	f, err := c.Members.Probe(ctx, e)
	if err != nil {
		return Facts{}, fail(CodeUnavailable, m.at(), "%s cannot be reached from %s at the address it advertises: %v", r.Name, c.Self.Name, err).
			hint("serve --advertise ADDR says by which address members reach it").because(err)
	}
	return f, nil
}

// knownKey finds the acting user's row of the server with that key.
func (c *Control) knownKey(user, key string) (Member, bool, error) {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return Member{}, false, err
	}
	for _, m := range rows {
		if m.User == user && m.Fingerprint == key {
			return m, true, nil
		}
	}
	return Member{}, false, nil
}

// Forget undoes a trust: with a member's token it removes the link that the token's holder had added here by Trust, with a
// trust token it revokes that token. With leave, every link to the holder goes, whoever added it. key is the
// fingerprint that the caller proved in the session.
func (c *Control) Forget(ctx context.Context, p acl.Principal, key string, leave bool) error {
	if err := allowed(p, acl.Forget); err != nil {
		return err
	}
	if key == "" || keyOf(p.Grant.Holder) != "" && keyOf(p.Grant.Holder) != key {
		return fail(CodeDenied, p.TokenName, "the token belongs to another server")
	}
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return err
	}
	var gone []Member
	err = c.commitRecords(ctx, p.TokenName, func(tx *store.Tx) error {
		for _, m := range rows {
			if m.User == p.Account() && m.Fingerprint == key && (leave || m.ByTrust == p.TokenID) {
				gone = append(gone, m)
				if err := c.dropMember(tx, p, m); err != nil {
					return err
				}
			}
		}
		if p.Grant.Trust {
			return c.endTrust(tx, p)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range gone {
		c.forgetTarget(m.Target)
	}
	c.MembersChanged()
	return nil
}

// endTrust revokes the trust token and marks the row whose reverse side it was.
func (c *Control) endTrust(tx *store.Tx, p acl.Principal) error {
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return err
	}
	for _, old := range rows {
		m, found, err := load[Member](tx, kindMember, old.id())
		if err != nil {
			return err
		}
		if found && m.TrustToken == p.TokenID {
			m.Reverse, m.TrustToken = false, ""
			if err := saveMember(tx, m); err != nil {
				return err
			}
		}
	}
	if err := c.revoke(tx, p, p.TokenID); CodeOf(err) != CodeNotFound {
		return err
	}
	return nil
}
