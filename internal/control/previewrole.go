package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// RolePreview is what a change of a member's role would do.
type RolePreview struct {
	Member  Member       // as it is
	Role    cluster.Role // as it would be
	Zones   int          // that this node holds
	Waiting int          // changes that have not been delivered
	Does    []string     // what the link does from then on
	Stops   []string     // what it does now and would not do any more
	Notices []string     // circles, several writers
	// What the last comparison found, with the time of it; nothing is known where Compared is 0.
	Compared                    zone.Millis
	Differ, OnlyHere, OnlyThere int
}

// PreviewRole says what EditMember with another role would do; an empty one is the role that it has. Nothing is changed,
// and nobody is asked.
func (c *Control) PreviewRole(ctx context.Context, p acl.Principal, host string, role cluster.Role) (RolePreview, error) {
	if err := allow(p, acl.ReadMembers, host, ""); err != nil {
		return RolePreview{}, err
	}
	m, err := c.member(c.Store, p, host)
	if err != nil {
		return RolePreview{}, err
	}
	if role == "" {
		role = m.Role
	}
	if role, err = cluster.ParseRole(string(role)); err != nil {
		return RolePreview{}, fail(CodeInvalid, "role", "%v", err)
	}
	_, _, zones, err := c.Store.Heads(store.Query{Limit: 1})
	if err != nil {
		return RolePreview{}, err
	}
	then := m
	then.Role = role
	found := c.drift.get(m.Target)
	v := RolePreview{
		Member: m, Role: role, Zones: zones, Does: does(then), Stops: without(does(m), does(then)), Notices: c.circles(then, nil),
		Compared: found.At, Differ: found.Drifted(), OnlyHere: found.CountHere, OnlyThere: found.CountThere,
	}
	if c.Reach != nil {
		for _, l := range c.Reach.Links() {
			if l.Target == m.Target {
				v.Waiting = l.Waiting
			}
		}
	}
	return v, nil
}

// without is what is in a and not in b.
func without(a, b []string) (left []string) {
	in := map[string]bool{}
	for _, s := range b {
		in[s] = true
	}
	for _, s := range a {
		if !in[s] {
			left = append(left, s)
		}
	}
	return left
}
