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
	Port     *int
	Username *string
	Token    string
	Debug    *bool
	Zones    *cluster.Zones
	Role     *cluster.Role
	Leaf     *bool
}

// EditMember changes settings of a member. With a new port or token the member is asked again, and must be the same
// server. Another host is another member: remove this one and add that.
func (c *Control) EditMember(ctx context.Context, p acl.Principal, e MemberEdit) (MemberResult, error) {
	if err := allow(p, acl.ManageMembers, acl.Object{Name: e.Host}); err != nil {
		return MemberResult{}, err
	}
	token, err := c.recheck(ctx, p, e)
	if err != nil {
		return MemberResult{}, err
	}
	m, err := c.changeMember(ctx, p, e.Host, func(tx *store.Tx, m *Member) error {
		e.apply(m)
		if err := m.Validate(); err != nil {
			return fail(CodeInvalid, "member", "%v", err)
		}
		if token != "" {
			c.saveSecret(tx, *m, token)
		}
		ev := c.event(p, "member-edited", fmt.Sprintf("%s edited, role %s", m.Label(), m.Role))
		ev.Member = m.Label()
		tx.AppendEvent(ev)
		return nil
	})
	if err != nil {
		return MemberResult{}, err
	}
	return MemberResult{Member: m, Does: does(m), Notices: c.circles(m, nil)}, nil
}

func (e MemberEdit) apply(m *Member) {
	set(&m.Port, e.Port)
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

// recheck asks the member again if it is to be reached in another way, and returns the token to keep then.
func (c *Control) recheck(ctx context.Context, p acl.Principal, e MemberEdit) (token string, err error) {
	m, err := c.member(c.Store, p, e.Host)
	if err != nil || e.Token == "" && (e.Port == nil || *e.Port == m.Port) {
		return "", err
	}
	if token = e.Token; token == "" {
		known, err := c.Endpoint(ctx, m)
		if err != nil {
			return "", err
		}
		token = known.Token
	}
	if err := c.checkToken(token); err != nil {
		return "", err
	}
	set(&m.Port, e.Port)
	_, err = c.checkMember(ctx, &m, nil, token, m.Fingerprint)
	return token, err
}
