package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// EnableMember lets a disabled link go on from its cursor.
func (c *Control) EnableMember(ctx context.Context, p acl.Principal, host string) (MemberResult, error) {
	return MemberResult{}, errTodo
}

// DisableMember stops a link until a person enables it: it neither sends, follows nor answers. Its cursor stays.
func (c *Control) DisableMember(ctx context.Context, p acl.Principal, host string) (MemberResult, error) {
	return MemberResult{}, errTodo
}
