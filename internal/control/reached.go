package control

import (
	"context"
	"errors"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Reached says where a change of a zone has arrived, without waiting. Position 0 is the zone's newest.
func (c *Control) Reached(ctx context.Context, p acl.Principal, z zone.Name, at store.Position) (Reached, error) {
	if err := c.allowZone(p, acl.ReadZone, z); err != nil {
		return Reached{}, err
	}
	if c.Reach == nil {
		return Reached{}, fail(CodeUnavailable, "", "nothing is delivered by this node")
	}
	if at == 0 {
		h, err := c.Store.Head(z)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return Reached{}, err
		}
		at = h.Position
	}
	r, err := c.Reach.Reached(z, at)
	if errors.Is(err, store.ErrNotFound) {
		return Reached{}, fail(CodeNotFound, textOf(z), "there is no such zone here")
	}
	return r, err
}

// ZoneHead is what a list shows of a zone that lives here.
func (c *Control) ZoneHead(_ context.Context, p acl.Principal, z zone.Name) (store.Head, error) {
	if err := c.allowZone(p, acl.ReadZone, z); err != nil {
		return store.Head{}, err
	}
	return c.live(z)
}
