package control

import (
	"context"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// LeaveResult says what leaving did.
type LeaveResult struct {
	Delivered bool          // everything that waited has arrived
	Removed   []string      // members that no longer list this node
	Unreached []LeftBehind  // members that must be told by hand
	Waited    time.Duration //
}

// LeftBehind is a member that could not be told, with the command to run there.
type LeftBehind struct {
	Name    string
	Reason  string
	Command string
}

// LeaveCluster delivers what waits (as long as ctx allows), disables clustering here and removes this node from every
// member that lists it.
func (c *Control) LeaveCluster(ctx context.Context, p acl.Principal) (LeaveResult, error) {
	return LeaveResult{}, errTodo
}
