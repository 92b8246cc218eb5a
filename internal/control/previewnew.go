package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/digest"
)

// NewMemberPreview is what AddMember would do with a request. The key in Member was proved with the token, in a session in
// which the token did not travel; it is pinned when the member is added.
type NewMemberPreview struct {
	Member      Member // as it would be
	Facts       Facts
	Own, Remote cluster.Profile
	Suggested   cluster.Suggestion
	Zones       int      // on this server
	Overlap     *Overlap // nil: it could not be looked at, and Unknown says why
	Unknown     string
	Moves       []string // what moves at once, in numbers
	Does        []string // what the link does from then on
	Notices     []string // what AddMember would say
	Advice      []string // what the guide advises against for the pair
	Writers     string   // others that write there as write-only; synchronize is offered instead
	Overwrites  bool     // what differs there is replaced
}

// PreviewNewMember asks a server that is not added yet, with all the checks of AddMember, and says what adding it would do.
// Nothing is saved here; there, a token that nobody has used is bound to this server.
func (c *Control) PreviewNewMember(ctx context.Context, p acl.Principal, r MemberRequest) (NewMemberPreview, error) {
	if err := allow(p, acl.ManageMembers, mine(p, r.Host)); err != nil {
		return NewMemberPreview{}, err
	}
	m, facts, err := c.candidate(ctx, p, &r)
	if err != nil {
		return NewMemberPreview{}, err
	}
	start(&m, r.SyncNow, c.Store.Synced())
	if m.User != acl.Root { // what belongs to others is not even counted
		if m.Scope.Owners, err = c.ownersOf(m.User); err != nil {
			return NewMemberPreview{}, err
		}
	}
	v := NewMemberPreview{
		Member: m, Facts: facts, Own: c.profile(), Remote: profileOf(m), Does: does(m), Overwrites: m.Overwrite,
		Notices: c.notices(m, facts), Advice: cluster.Advise(c.profile(), profileOf(m), m.Role), Writers: c.otherWriters(m, facts.Edges),
	}
	if v.Suggested, err = c.suggest(m); err != nil {
		return v, err
	}
	if v.Zones, err = c.countCarried(m.Scope); err != nil {
		return v, err
	}
	o, err := c.overlapAt(ctx, m, facts, r.Token)
	if err != nil {
		v.Unknown, v.Moves = plainly(err), starts(m)
		return v, nil
	}
	v.Overlap, v.Moves = &o, o.moves(m, r.SyncNow)
	return v, nil
}

// countCarried counts the zones here that a link carries.
func (c *Control) countCarried(s cluster.Scope) (int, error) {
	n, _, err := c.Store.CountOf(s.Owners)
	if err != nil {
		return 0, fmt.Errorf("count zones: %w", err)
	}
	return n, nil
}

// overlapAt looks at what a server that is no member yet has.
func (c *Control) overlapAt(ctx context.Context, m Member, f Facts, token string) (o Overlap, err error) {
	if !slices.Contains(f.Capabilities, canCompare) {
		return o, fail(CodeUnavailable, m.Label(), "its release cannot be asked what it has")
	}
	e, err := c.resolve(ctx, m)
	if err != nil {
		return o, err
	}
	e.Token, e.Fingerprint = token, m.Fingerprint
	by := digest.State
	if m.Policy().Compares().Content {
		by = digest.Content
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	err = c.Members.Visit(ctx, e, func(v Visited) error {
		o, err = c.overlap(ctx, v, m.Scope, by)
		return err
	})
	return o, err
}

// otherWriters says which other servers write to a member as write-only, where this link does too. It is shown at all of them.
func (c *Control) otherWriters(m Member, stated []cluster.Edge) string {
	edges, err := c.edges()
	if err != nil {
		return ""
	}
	return cluster.WritersWarning(append(edges, stated...), cluster.Edge{From: c.Self.Name, To: m.Name, Role: m.Role})
}
