package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// EnableMember lets a disabled link go on from its cursor.
func (c *Control) EnableMember(ctx context.Context, p acl.Principal, host string) (MemberResult, error) {
	return c.switchMember(ctx, p, host, cluster.Health.Enable)
}

// DisableMember stops a link until a person enables it: it neither sends, follows nor answers. Its cursor stays.
func (c *Control) DisableMember(ctx context.Context, p acl.Principal, host string) (MemberResult, error) {
	return c.switchMember(ctx, p, host, cluster.Health.Disable)
}

func (c *Control) switchMember(ctx context.Context, p acl.Principal, host string, act transition) (MemberResult, error) {
	if err := allow(p, acl.ManageMembers, mine(p, host)); err != nil {
		return MemberResult{}, err
	}
	m, err := c.member(c.Store, p, host)
	if err != nil {
		return MemberResult{}, err
	}
	m.Health, err = c.moveHealth(ctx, p, m.Target, act)
	if err != nil {
		return MemberResult{}, err
	}
	if m.Health.Current() == cluster.DisabledByHand {
		return MemberResult{Member: m, Does: []string{
			"nothing is sent to " + m.Label() + ", followed or answered until a person enables it; where it stopped is kept",
		}}, nil
	}
	return MemberResult{Member: m, Does: append([]string{"it goes on from where it stopped"}, does(m)...)}, nil
}
