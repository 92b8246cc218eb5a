package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Change is one entry of the history.
type Change struct {
	Position    store.Position
	Zone        zone.Name
	Time        zone.Millis
	Kind        string // "create", "edit", "import", "delete", "restore", "undo", "join", "choose", "replace"
	Author      string
	Reason      string
	Source      string // link it came in by, for joins
	ETag        string // of the zone after it
	Keys        int    // RRsets and metadata values touched
	Differences []Difference
}

// History returns the changes of one zone, newest first, below position before (0: from the newest). Only ShowChange
// fills Differences.
func (c *Control) History(ctx context.Context, p acl.Principal, z zone.Name, before store.Position, limit int) ([]Change, error) {
	return nil, errTodo
}

// Changes returns the changes of all zones, newest first.
func (c *Control) Changes(ctx context.Context, p acl.Principal, before store.Position, limit int) ([]Change, error) {
	return nil, errTodo
}

// ShowChange returns one change with its differences.
func (c *Control) ShowChange(ctx context.Context, p acl.Principal, pos store.Position) (Change, error) {
	return Change{}, errTodo
}
