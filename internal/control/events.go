package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// Events returns events after the one with that number, oldest first.
func (c *Control) Events(ctx context.Context, p acl.Principal, after uint64, limit int) ([]store.Event, error) {
	if err := allow(p, acl.ReadEvents, "", ""); err != nil {
		return nil, err
	}
	events, err := c.Store.Events(after, page(limit))
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

// LastEvents returns the newest events, oldest first.
func (c *Control) LastEvents(ctx context.Context, p acl.Principal, limit int) ([]store.Event, error) {
	if err := allow(p, acl.ReadEvents, "", ""); err != nil {
		return nil, err
	}
	events, err := c.Store.LastEvents(page(limit))
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

// page bounds the length of a list.
func page(limit int) int {
	const usual, most = 100, 1000
	if limit <= 0 {
		return usual
	}
	return min(limit, most)
}
