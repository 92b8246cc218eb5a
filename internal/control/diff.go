package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Diff returns how the zone's content differs between two positions. from 0 is before its first change, to 0 is now.
func (c *Control) Diff(ctx context.Context, p acl.Principal, z zone.Name, from, to store.Position) ([]Difference, error) {
	return nil, errTodo
}
