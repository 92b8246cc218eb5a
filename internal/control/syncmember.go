package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// SyncMember starts the link's synchronization from the beginning, as its role says.
func (c *Control) SyncMember(ctx context.Context, p acl.Principal, host string) (MemberResult, error) {
	return MemberResult{}, errTodo
}
