package control

import (
	"context"
	"errors"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// What members may read is filtered here, at the sender: of a zone that a member's grant does not cover it learns that
// the name is taken, and nothing more.

// Exists returns those of the names that are zones here. What is left of a deleted zone is none: who deletes a zone may
// create it again.
func (c *Control) Exists(ctx context.Context, p acl.Principal, names []zone.Name) ([]zone.Name, error) {
	if err := allowed(p, acl.Ask); err != nil {
		return nil, err
	}
	var there []zone.Name
	for _, z := range names {
		switch h, err := c.Store.Head(z); {
		case err == nil && h.Live:
			there = append(there, z)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return nil, c.storeError(ctx, z.Text(), err)
		}
	}
	return there, nil
}

// CompareFor answers a member's question about digests of what it may read.
func (c *Control) CompareFor(ctx context.Context, p acl.Principal, q digest.Question) ([]digest.Part, error) {
	if err := allowed(p, acl.Ask); err != nil {
		return nil, err
	}
	parts, err := digest.Answer(seen{ctx, c.Store, c.sees(p.Grant, q.Owners)}, q)
	return parts, c.storeError(ctx, "digests", err)
}

// Standing is how one server stands with a zone.
type Standing struct {
	Zone           zone.Name
	Position       uint64 // of its newest change, in that server's feed
	Live           bool
	State, Content zone.Sum
	Vector         zone.Vector
	Base           uint64
}

func standingOf(h store.Head) Standing {
	s := Standing{Zone: h.Zone, Position: uint64(h.Position), Live: h.Live, Vector: h.Vector, Base: h.Base}
	s.State, s.Content = h.Sums()
	return s
}

// StandFor returns how this node stands with those of the names that the member may read.
func (c *Control) StandFor(ctx context.Context, p acl.Principal, names []zone.Name) ([]Standing, error) {
	if err := allowed(p, acl.Ask); err != nil {
		return nil, err
	}
	var standings []Standing
	for _, z := range names {
		switch h, err := c.Store.Head(z); {
		case err == nil && c.Reads(p.Grant, h.Owner, h.Home):
			standings = append(standings, standingOf(h))
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return nil, c.storeError(ctx, z.Text(), err)
		}
	}
	return standings, nil
}

// FetchFor returns the whole state of a zone. One that the member may not read is not found.
func (c *Control) FetchFor(ctx context.Context, p acl.Principal, z zone.Name) (zone.Delta, store.Position, error) {
	if err := allowed(p, acl.Ask); err != nil {
		return zone.Delta{}, 0, err
	}
	h, err := c.Store.Head(z)
	if errors.Is(err, store.ErrNotFound) || err == nil && !c.Reads(p.Grant, h.Owner, h.Home) {
		return zone.Delta{}, 0, fail(CodeNotFound, z.Text(), "there is no such zone")
	}
	if err == nil {
		var s *zone.State
		var at store.Position
		if s, at, err = c.Store.State(z); err == nil {
			return s.Whole(), at, nil
		}
	}
	return zone.Delta{}, 0, c.storeError(ctx, z.Text(), err)
}

// sees says which groups of zones are compared over a link: those that the grant lets its holder read, within the link's
// scope. Both ends use it, so that trees are equal where nothing differs. What is left of deleted zones belongs to no
// account and no home, so a leaf compares none of it.
func (c *Control) sees(g cluster.Grant, owners []string) func(digest.Group) bool {
	return func(group digest.Group) bool {
		inScope := len(owners) == 0 || !group.Deleted && slices.Contains(owners, group.Owner)
		return inScope && c.Reads(g, group.Owner, group.Home)
	}
}

// carries narrows what is compared to what a link carries, beside the accounts that travel with the question.
func carries(s cluster.Scope, sees func(digest.Group) bool) func(digest.Group) bool {
	return func(group digest.Group) bool { return !slices.Contains(s.Except, group.Owner) && sees(group) }
}

// carried takes groups out of an answer that the link does not carry.
func carried(s cluster.Scope, parts []digest.Part, err error) ([]digest.Part, error) {
	if len(s.Except) == 0 {
		return parts, err
	}
	for i := range parts {
		parts[i].Below = slices.DeleteFunc(parts[i].Below, func(k digest.Known) bool { return slices.Contains(s.Except, k.Group.Owner) })
	}
	return parts, err
}

// seen is the zones of this node that are compared over a link.
type seen struct {
	ctx   context.Context
	store *store.Store
	sees  func(digest.Group) bool
}

func (s seen) Total(b digest.Branch, by digest.By) (total digest.Total, err error) {
	err = s.store.Digests(s.ctx, func(t *digest.Tree) { total = t.Total(b, by, s.sees) })
	return total, err
}

func (s seen) Below(b digest.Branch, by digest.By) (below []digest.Known, err error) {
	err = s.store.Digests(s.ctx, func(t *digest.Tree) { below = t.Below(b, by, s.sees) })
	return below, err
}

func (s seen) Zones(branches []digest.Branch, by digest.By) (map[digest.Branch][]digest.Leaf, error) {
	zones := map[digest.Branch][]digest.Leaf{}
	err := s.store.ListDigests(s.ctx, branches, func(b digest.Branch, e digest.Entry) {
		if s.sees(e.Group) {
			zones[b] = append(zones[b], e.Leaf(by))
		}
	})
	return zones, err
}
