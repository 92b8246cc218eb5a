package control

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// SyncRequest is one of WHM's four choices of "Synchronize DNS Records".
type SyncRequest struct {
	Zone       zone.Name // empty: all
	Everywhere bool      // newest copies go to all members too; otherwise they only come here
	Others     bool      // with all zones: also those that are not here yet
}

// MemberSync is what synchronizing does, or did, with one member.
type MemberSync struct {
	Member string
	Role   cluster.Role
	Failed string // why nothing is done with it
	// Come and Go name zones whose newer state comes here, or goes there; Overwrite are those of Go that replace something
	// newer there; Clash are those of Come that were changed on both sides: what contradicts becomes a conflict.
	Come, Go, Overwrite, Clash []zone.Name
	Left                       []string // what the role leaves alone
	More                       bool     // there are more than were looked at: synchronize again
	// Done counts what has come and gone, of len(Come)+len(Go). Refused are zones that one side did not take.
	Done, Refused int
	Differ        int  // zones that still differ at the end, of those that were looked at
	Ended         bool // nothing more is done with it

	target string
}

// Total is how many zones move.
func (m MemberSync) Total() int { return len(m.Come) + len(m.Go) }

// PreviewSync says what synchronizing would do with each member of the acting user. Nothing is changed.
func (c *Control) PreviewSync(ctx context.Context, p acl.Principal, r SyncRequest) ([]MemberSync, error) {
	if err := allow(p, acl.ManageMembers, mine(p, "")); err != nil {
		return nil, err
	}
	if r.Zone != "" {
		if err := checkName(r.Zone); err != nil {
			return nil, err
		}
	}
	members, err := c.driftMembers(ctx, p, "")
	if err != nil {
		return nil, err
	}
	if len(members) == 0 {
		return nil, fail(CodeNotFound, "", "there is no member to synchronize with").hint("zonefleet member add")
	}
	plans := make([]MemberSync, len(members))
	var g errgroup.Group
	g.SetLimit(sideBySide)
	for i, m := range members {
		g.Go(func() error {
			plans[i] = c.planSync(ctx, m, r)
			return nil
		})
	}
	g.Wait() //nolint:errcheck // what failed is in the plans
	return plans, unavailable(ctx, "synchronize", ctx.Err())
}

// sideBySide is how many members are asked side by side: a plan of one may hold the names of all that differs.
const sideBySide = 8

// planSync asks one member. What cannot be done with it is in the plan.
func (c *Control) planSync(ctx context.Context, m Member, r SyncRequest) MemberSync {
	plan := MemberSync{Member: m.Label(), Role: m.Role, target: m.Target}
	k, err := c.startComparing(m)
	var o Overlap
	if err == nil {
		o, err = k.overlapWith(ctx, r.Zone)
	}
	if err != nil {
		plan.Failed = plainly(err)
		return plan
	}
	plan.fill(k.policy, o, r)
	return plan
}

// overlapWith looks at what a member over whose link questions travel has, or at one zone alone.
func (k *comparing) overlapWith(ctx context.Context, z zone.Name) (Overlap, error) {
	v := linked{k.Comparing, k.member.Target, k.peer}
	if z == "" {
		return k.overlap(ctx, v, k.member.Scope, k.by)
	}
	var o Overlap
	h, err := k.head(z)
	if err != nil {
		return o, err
	}
	theirs, err := v.Stand(ctx, []zone.Name{z})
	if err != nil {
		return o, fmt.Errorf("ask for the zone: %w", err)
	}
	there := len(theirs) == 1 && theirs[0].Live
	switch {
	case h.Live && len(theirs) == 1, there && h.Position != 0:
		return o, o.sort(ctx, k.Store, v, []zone.Name{z})
	case h.Live:
		o.OnlyHere, o.zones.onlyHere = 1, []zone.Name{z}
	case there:
		o.OnlyThere, o.zones.onlyThere = 1, []zone.Name{z}
	}
	return o, nil
}

// linked is a member as it answers over its open link.
type linked struct {
	comparing Comparing
	target    string
	facts     Facts
}

func (l linked) Facts() Facts { return l.facts }

func (l linked) Compare(ctx context.Context, q digest.Question) ([]digest.Part, error) {
	return l.comparing.Compare(ctx, l.target, q)
}

func (l linked) Stand(ctx context.Context, names []zone.Name) ([]Standing, error) {
	return l.comparing.Stand(ctx, l.target, names)
}

// fill chooses by role: what is read comes, what is sent goes. A person asked for it, so it does not matter whether the link
// was synchronized before.
func (m *MemberSync) fill(pol cluster.Policy, o Overlap, r SyncRequest) {
	z := o.zones
	reads, sends := pol.Follow, pol.Send != cluster.SendNone && r.Everywhere
	if reads {
		m.Come, m.Clash = slices.Concat(z.newerThere, z.apart), z.apart
		if r.Others || r.Zone != "" {
			m.Come = append(m.Come, z.onlyThere...)
		}
	}
	if sends {
		m.Go = slices.Concat(z.newerHere, z.apart, z.onlyHere)
		if pol.Send == cluster.SendReplace {
			m.Overwrite = slices.Concat(z.newerThere, z.apart)
			m.Go = append(m.Go, z.newerThere...)
		}
	}
	m.More = o.More
	var left lines
	newer, theirs := o.NewerThere+o.Apart, o.OnlyThere
	left.add(!reads && newer > 0 && len(m.Overwrite) == 0, fmt.Sprintf("%s newer there: its role %s reads nothing", plural(newer, "zone"), m.Role))
	left.add(reads && !r.Others && r.Zone == "" && theirs > 0, fmt.Sprintf("%s not here: zones that are not configured here are left out", plural(theirs, "zone")))
	left.add(r.Everywhere && pol.Send == cluster.SendNone && o.NewerHere+o.OnlyHere > 0, fmt.Sprintf("%s newer or only here: its role %s sends nothing", plural(o.NewerHere+o.OnlyHere, "zone"), m.Role))
	m.Left = left
}
