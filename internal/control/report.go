package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/cluster"
)

// LinkFailed counts a failed attempt to reach the member of that target; it returns what the link's health is now. Only
// failures of the connection come here, never refusals of content.
func (c *Control) LinkFailed(ctx context.Context, target string, cause error) (cluster.Health, error) {
	return cluster.Health{}, errTodo
}

// LinkWorked records an answer of the member: it clears the count and brings a link back that failures had disabled.
func (c *Control) LinkWorked(ctx context.Context, target string) (cluster.Health, error) {
	return cluster.Health{}, errTodo
}

// Health returns the health of a link.
func (c *Control) Health(target string) cluster.Health {
	return cluster.Health{}
}

// LinkOpened records what a member said of itself when a session opened: version, software, name, clock.
func (c *Control) LinkOpened(ctx context.Context, target string, f Facts) error { return errTodo }

// FirstPassDone records that the first synchronization of the link is over in that direction: from then on only what
// changes is taken. push is ours to the member, pull the member's to us.
func (c *Control) FirstPassDone(ctx context.Context, target string, push, pull bool) error {
	return errTodo
}
