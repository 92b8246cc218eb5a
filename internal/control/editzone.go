package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// OpKind says what an Op does.
type OpKind string

// Operations on a zone's RRsets.
const (
	OpSet    OpKind = "set"    // the RRset becomes exactly Data
	OpAdd    OpKind = "add"    // Data is added to the RRset: an addition, concurrent ones are served together
	OpDelete OpKind = "delete" // the records in Data go; with no Data the whole RRset
)

// Op is one step of an edit.
type Op struct {
	Kind  OpKind
	Owner zone.Name
	Type  zone.Type
	TTL   uint32
	// KeepTTL takes the TTL that the RRset has (3600 if it is new) instead of TTL.
	KeepTTL bool
	Data    [][]byte
}

// EditRequest changes RRsets of a zone in one Change. With Text the whole content becomes that of the text instead of
// Ops, as after `zone edit`; then IfMatch is required.
type EditRequest struct {
	Zone    zone.Name
	IfMatch string // ETag the edit was made against; RRsets that changed since make it stale, others merge
	Ops     []Op
	Text    string
	DryRun  bool
	Reason  string
}

// EditResult is what an edit did.
type EditResult struct {
	Result
	Differences []Difference
}

// EditZone changes RRsets of a zone.
func (c *Control) EditZone(ctx context.Context, p acl.Principal, r EditRequest) (EditResult, error) {
	return EditResult{}, errTodo
}
