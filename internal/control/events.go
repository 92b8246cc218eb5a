package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Events returns events after the one with that number, oldest first.
func (c *Control) Events(ctx context.Context, p acl.Principal, after uint64, limit int) ([]store.Event, error) {
	if err := allowed(p, acl.ReadEvents); err != nil {
		return nil, err
	}
	want, err := c.eventsSeen(p)
	if err != nil {
		return nil, err
	}
	events, err := c.Store.EventsThat(after, page(limit), want)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

// LastEvents returns the newest events, oldest first.
func (c *Control) LastEvents(ctx context.Context, p acl.Principal, limit int) ([]store.Event, error) {
	if err := allowed(p, acl.ReadEvents); err != nil {
		return nil, err
	}
	want, err := c.eventsSeen(p)
	if err != nil {
		return nil, err
	}
	events, err := c.Store.LastEventsThat(page(limit), want)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

// fieldUser names, among the fields of an event, the user that it is about.
const fieldUser = "user"

// eventsSeen is which events p sees: those of own zones and of own users, and, where they name a member, only with the
// right to see members. nil is all.
func (c *Control) eventsSeen(p acl.Principal) (func(store.Event) bool, error) {
	if p.Root {
		return nil, nil
	}
	sight, err := c.sightOf(p)
	if err != nil {
		return nil, err
	}
	members := allowed(p, acl.ReadMembers) == nil
	known := map[zone.Name]bool{}
	return func(e store.Event) bool {
		switch user := e.Fields[fieldUser]; {
		case e.Member != "" && !members:
			return false
		case user != "":
			return sight.account(user)
		case e.Zone == "":
			return false
		}
		if _, asked := known[e.Zone]; !asked {
			seen, err := c.seesZone(sight, e.Zone)
			known[e.Zone] = seen && err == nil
		}
		return known[e.Zone]
	}, nil
}

// page bounds the length of a list.
func page(limit int) int {
	const usual, most = 100, 1000
	if limit <= 0 {
		return usual
	}
	return min(limit, most)
}
