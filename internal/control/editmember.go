package control

import (
	"context"
	"errors"
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
	// ReverseTrust sets the trust up there, or undoes it, if that is not so already.
	ReverseTrust *bool
}

// EditMember changes settings of a member. With a new port or token the member is asked again, and must be the same
// server. Another host is another member: remove this one and add that.
func (c *Control) EditMember(ctx context.Context, p acl.Principal, e MemberEdit) (MemberResult, error) {
	if err := allow(p, acl.ManageMembers, mine(p, e.Host)); err != nil {
		return MemberResult{}, err
	}
	token, err := c.recheck(ctx, p, e)
	if err != nil {
		return MemberResult{}, err
	}
	var note string
	m, err := c.changeMember(ctx, p, e.Host, func(tx *store.Tx, m *Member) error {
		e.apply(m)
		if err := m.Validate(); err != nil {
			return fail(CodeInvalid, "member", "%v", err)
		}
		if note, err = c.mayHave(*m); err != nil {
			return err
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
	out := MemberResult{Member: m, Does: does(m), Notices: c.circles(m, nil)}
	if note != "" {
		out.Notices = append(out.Notices, "ignored: "+note)
	}
	if e.ReverseTrust != nil && *e.ReverseTrust != m.Reverse {
		if err := c.changeTrust(ctx, p, &out.Member, *e.ReverseTrust); err != nil {
			out.Notices = append(out.Notices, err.Error())
		}
		c.MembersChanged()
	}
	return out, nil
}

// changeTrust sets reverse trust up, or undoes it. The error is for people: the other settings are saved.
func (c *Control) changeTrust(ctx context.Context, p acl.Principal, m *Member, want bool) error {
	e, err := c.Endpoint(ctx, *m)
	if want {
		if err == nil {
			err = c.reverseTrust(ctx, p, m, e.Token)
		}
		if err != nil {
			return errors.New(noWayBack(*m, err))
		}
		return nil
	}
	if err == nil {
		err = c.forgetAt(ctx, e, false)
	}
	if err != nil {
		return fmt.Errorf("reverse trust stays: %s could not be told: %w; run there: %s", m.Label(), err, c.removeCommand())
	}
	return c.commitRecords(ctx, m.Label(), func(tx *store.Tx) error {
		row, found, err := c.link(tx, m.Target)
		if err != nil || !found {
			return err
		}
		if row.TrustToken != "" {
			if err := c.revoke(tx, p, row.TrustToken); CodeOf(err) != CodeNotFound && err != nil {
				return err
			}
		}
		row.Reverse, row.ReverseTrust, row.TrustToken = false, false, ""
		*m = row
		return saveMember(tx, row)
	})
}

func (e MemberEdit) apply(m *Member) {
	set(&m.Port, e.Port)
	set(&m.Username, e.Username)
	set(&m.Debug, e.Debug)
	set(&m.Zones, e.Zones)
	set(&m.Role, e.Role)
	set(&m.ReverseTrust, e.ReverseTrust)
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
