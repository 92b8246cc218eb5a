package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// PreviewRequest is what is thought of for a member.
type PreviewRequest struct {
	Host string       // which: host, host:port or name
	Role cluster.Role // the role that it would have; empty: the one that it has
	Sync bool         // SyncMember too
}

// MemberPreview is what EditMember with another role, or SyncMember, would do.
type MemberPreview struct {
	Member     Member // as it is
	Link       LinkStatus
	Role       cluster.Role // as it would be
	Zones      int          // that this node holds
	Starts     []string     // what happens once; only with Sync
	Does       []string     // what the link does from then on
	Stops      []string     // what it does now and would not do any more
	Notices    []string     // circles, several writers
	Overwrites bool         // what differs there is replaced
	Stays      []Stay       // what would be left behind there
	// What the last comparison found, with the time of it; nothing is known where Compared is 0.
	Compared                    zone.Millis
	Differ, OnlyHere, OnlyThere int
}

// PreviewMember says what a change of a member would do. Nothing is changed, and nobody is asked.
func (c *Control) PreviewMember(ctx context.Context, p acl.Principal, r PreviewRequest) (MemberPreview, error) {
	if err := allow(p, acl.ReadMembers, acl.Object{Name: r.Host}); err != nil {
		return MemberPreview{}, err
	}
	m, err := c.member(c.Store, p, r.Host)
	if err != nil {
		return MemberPreview{}, err
	}
	then := m
	if r.Role != "" {
		if then.Role, err = cluster.ParseRole(string(r.Role)); err != nil {
			return MemberPreview{}, fail(CodeInvalid, "role", "%v", err)
		}
	}
	scoped, err := c.workedNow(m)
	if err != nil {
		return MemberPreview{}, err
	}
	zones, err := c.countCarried(scoped.Scope)
	if err != nil {
		return MemberPreview{}, err
	}
	found := c.drift.get(m.Target)
	v := MemberPreview{
		Member: m, Link: c.linkStatus(m.Target), Role: then.Role, Zones: zones,
		Does: does(then), Stops: without(does(m), does(then)), Notices: c.circles(then, nil),
		Compared: found.At, Differ: found.Drifted(), OnlyHere: found.CountHere, OnlyThere: found.CountThere,
	}
	v.Stays, err = c.staysWith(ctx, func(row Member) (Member, bool) {
		if row.Target == m.Target {
			row.Role = then.Role
		}
		return row, true
	}, c)
	if err != nil {
		return MemberPreview{}, err
	}
	if r.Sync {
		start(&then, true, 0)
		v.Starts, v.Overwrites = starts(then), then.Overwrite
	}
	return v, nil
}

func (c *Control) linkStatus(target string) LinkStatus {
	if c.Reach != nil {
		for _, l := range c.Reach.Links() {
			if l.Target == target {
				return l
			}
		}
	}
	return LinkStatus{}
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
