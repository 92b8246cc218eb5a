package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Conflict is one version, or one life, that is not served although nobody who saw it replaced it.
type Conflict struct {
	ID     string // the same on every server
	Kind   zone.ConflictKind
	Zone   zone.Name
	Owner  zone.Name
	Type   zone.Type
	Meta   string
	Hidden Side  // what is not served
	Served *Side // what is served instead, nil if nothing is
}

// Side is one side of a conflict.
type Side struct {
	Author string
	Time   zone.Millis
	Absent bool
	RRset  *zone.RRset  // nil for metadata and lives
	Meta   string       // text of a metadata value
	Life   *Life        // of a zone conflict
	RRsets []zone.RRset // content of that life, filled by ShowConflict only
}

// Life describes a life of a zone to people.
type Life struct {
	Owner   string
	Home    string // name of the home node
	Created zone.Millis
	Records int
}

// ConflictQuery selects conflicts; an empty Zone means all zones.
type ConflictQuery struct {
	Zone  zone.Name
	After string // Next of the page before
	Limit int    // 1 to 1000, default 100
}

// ConflictPage is one page of conflicts.
type ConflictPage struct {
	Conflicts []Conflict
	Next      string
}

// Choice says how to settle a conflict.
type Choice string

// Choices.
const (
	ChooseHidden Choice = "hidden" // serve the version listed as hidden
	ChooseServed Choice = "served" // keep what is served, drop the other from the list
	ChooseMerge  Choice = "merge"  // records of both
)

// ChooseRequest settles one conflict.
type ChooseRequest struct {
	ID     string
	Choice Choice
	Reason string
}

// Conflicts lists what is not served.
func (c *Control) Conflicts(ctx context.Context, p acl.Principal, q ConflictQuery) (ConflictPage, error) {
	return ConflictPage{}, errTodo
}

// ShowConflict returns one conflict with the whole content of its sides.
func (c *Control) ShowConflict(ctx context.Context, p acl.Principal, id string) (Conflict, error) {
	return Conflict{}, errTodo
}

// ChooseConflict settles a conflict by a new change, which travels like any other.
func (c *Control) ChooseConflict(ctx context.Context, p acl.Principal, r ChooseRequest) (Result, error) {
	return Result{}, errTodo
}
