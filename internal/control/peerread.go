package control

import (
	"context"
	"errors"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// What members may read is filtered here, at the sender: of a zone that a member's grant does not cover it learns that
// the name is taken, and nothing more.

// Exists returns those of the names that are zones here. What is left of a deleted zone is none: who deletes a zone may
// create it again.
func (c *Control) Exists(ctx context.Context, p acl.Principal, names []zone.Name) ([]zone.Name, error) {
	if err := allow(p, acl.Ask, "", ""); err != nil {
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

// HeadsFor returns what this node has of those names that the member may read.
func (c *Control) HeadsFor(ctx context.Context, p acl.Principal, names []zone.Name) ([]store.Head, error) {
	if err := allow(p, acl.Ask, "", ""); err != nil {
		return nil, err
	}
	var heads []store.Head
	for _, z := range names {
		h, err := c.Store.Head(z)
		switch {
		case err == nil && mayRead(p, h):
			heads = append(heads, h)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return nil, c.storeError(ctx, z.Text(), err)
		}
	}
	return heads, nil
}

// FetchFor returns the whole state of a zone. One that the member may not read is not found.
func (c *Control) FetchFor(ctx context.Context, p acl.Principal, z zone.Name) (zone.Delta, store.Position, error) {
	if err := allow(p, acl.Ask, "", ""); err != nil {
		return zone.Delta{}, 0, err
	}
	h, err := c.Store.Head(z)
	if errors.Is(err, store.ErrNotFound) || err == nil && !mayRead(p, h) {
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

func mayRead(p acl.Principal, h store.Head) bool {
	return p.Grant.MayRead(cluster.ZoneFact{Name: h.Zone.Text(), Owner: h.Owner, Home: h.Home})
}

// ListFor pages through what the member may read, deleted zones too. A page may hold fewer than limit, or none, while
// next says that there is more.
func (c *Control) ListFor(ctx context.Context, p acl.Principal, after zone.Name, limit int) (heads []store.Head, next zone.Name, err error) {
	if err := allow(p, acl.Ask, "", ""); err != nil {
		return nil, "", err
	}
	q := store.Query{Limit: limit, IncludeDeleted: true}
	if after != "" {
		q.After = after.Text()
	}
	page, more, _, err := c.Store.Heads(q)
	if err != nil {
		return nil, "", c.storeError(ctx, "zones", err)
	}
	for _, h := range page {
		if mayRead(p, h) {
			heads = append(heads, h)
		}
	}
	if more != "" {
		next = page[len(page)-1].Zone
	}
	return heads, next, nil
}
