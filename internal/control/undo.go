package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// UndoRequest undoes one change.
type UndoRequest struct {
	Position store.Position
	DryRun   bool
	Reason   string
}

// UndoResult is what an undo put back, and what it left because it was edited since.
type UndoResult struct {
	Result
	Undone Change       // the change that was undone
	Back   []Difference // put back
	Left   []Difference // not put back: Before is what undo would have brought, After is what is there
}

// UndoChange makes a new change that puts back exactly what the one at the position replaced. What was edited since stays.
func (c *Control) UndoChange(ctx context.Context, p acl.Principal, r UndoRequest) (UndoResult, error) {
	return UndoResult{}, errTodo
}
