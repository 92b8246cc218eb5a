package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// MemberEdit changes a member; nil fields stay. An empty token leaves the token.
type MemberEdit struct {
	Host     string // which: host, host:port or name
	Username *string
	Token    string
	Debug    *bool
	Zones    *cluster.Zones
	Role     *cluster.Role
	Leaf     *bool
}

// EditMember changes settings of a member. A new token is checked like that of a new member. Another address is another
// member: remove this one and add that.
func (c *Control) EditMember(ctx context.Context, p acl.Principal, e MemberEdit) (MemberResult, error) {
	if err := allow(p, acl.ManageMembers, e.Host, ""); err != nil {
		return MemberResult{}, err
	}
	if e.Token != "" {
		if err := c.checkNewToken(ctx, p, e); err != nil {
			return MemberResult{}, err
		}
	}
	m, err := c.changeMember(ctx, p, e.Host, func(tx *store.Tx, m *Member) error {
		e.apply(m)
		if err := m.Validate(); err != nil {
			return fail(CodeInvalid, "member", "%v", err)
		}
		if e.Token != "" {
			c.saveSecret(tx, *m, e.Token)
		}
		ev := c.event(p, "member-edited", fmt.Sprintf("%s edited, role %s", m.Label(), m.Role))
		ev.Member = m.Label()
		tx.AppendEvent(ev)
		return nil
	})
	if err != nil {
		return MemberResult{}, err
	}
	return MemberResult{Member: m, Does: does(m), Notices: c.circles(m)}, nil
}

func (e MemberEdit) apply(m *Member) {
	set(&m.Username, e.Username)
	set(&m.Debug, e.Debug)
	set(&m.Zones, e.Zones)
	set(&m.Role, e.Role)
	if e.Leaf != nil {
		m.Relay = !*e.Leaf
	}
	if !m.Policy().FirstSync.Overwrite {
		m.Overwrite = false
	}
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// checkNewToken proves the new token to the same server.
func (c *Control) checkNewToken(ctx context.Context, p acl.Principal, e MemberEdit) error {
	m, err := c.member(c.Store, p, e.Host)
	if err != nil {
		return err
	}
	if err := checkToken(e.Token); err != nil {
		return err
	}
	_, err = c.checkMember(ctx, &m, nil, e.Token, m.Fingerprint)
	return err
}

// SetRole changes the role and says what the link will do from now on.
func (c *Control) SetRole(ctx context.Context, p acl.Principal, host string, r cluster.Role) (MemberResult, error) {
	if _, err := cluster.ParseRole(string(r)); err != nil {
		return MemberResult{}, fail(CodeInvalid, "role", "%v", err)
	}
	return c.EditMember(ctx, p, MemberEdit{Host: host, Role: &r})
}
