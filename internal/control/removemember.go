package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// RemoveResult says what removing a member did.
type RemoveResult struct {
	Member      Member
	ZonesKept   int // all zones stay here
	ZonesAtHome int // of them, those whose home is the removed member: shown as "not a member"
	Notices     []string
}

// RemoveMember drops the link, its progress, its credentials and, if the member can be reached, the reverse trust there.
func (c *Control) RemoveMember(ctx context.Context, p acl.Principal, host string) (RemoveResult, error) {
	return RemoveResult{}, errTodo
}
