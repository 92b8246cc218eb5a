package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// DeleteRequest deletes a zone.
type DeleteRequest struct {
	Zone    zone.Name
	IfMatch string
	Reason  string
}

// DeleteZone ends every life of the zone that this node sees. Its content stays in the history, where RestoreZone finds it.
func (c *Control) DeleteZone(ctx context.Context, p acl.Principal, r DeleteRequest) (Result, error) {
	return Result{}, errTodo
}
