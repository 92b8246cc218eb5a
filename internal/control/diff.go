package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Diff returns how the zone's content differs between two positions. from 0 is before its first change, to 0 is now.
func (c *Control) Diff(ctx context.Context, p acl.Principal, z zone.Name, from, to store.Position) ([]Difference, error) {
	if err := c.allowZone(p, acl.ReadHistory, z); err != nil {
		return nil, err
	}
	if to == 0 {
		to = c.Store.Synced()
	}
	var before []zone.RRset
	if from != 0 {
		s, err := c.shownAt(p, z, from)
		if err != nil {
			return nil, err
		}
		before = contentOf(s)
	}
	s, err := c.shownAt(p, z, to)
	if err != nil {
		return nil, err
	}
	return differences(before, contentOf(s)), nil
}
