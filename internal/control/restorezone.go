package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// RestoreRequest brings a zone back: what it was after the change at Position, or before its deletion if that is 0.
type RestoreRequest struct {
	Zone     zone.Name
	Position store.Position
	Reason   string
}

// RestoreZone brings a zone back. A deleted zone gets a new life (an ended one never lives again); a zone that lives gets
// the old content as an edit.
func (c *Control) RestoreZone(ctx context.Context, p acl.Principal, r RestoreRequest) (Result, error) {
	return Result{}, errTodo
}
