package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// MemberEdit changes a member; nil fields stay. An empty token leaves the token.
type MemberEdit struct {
	Host     string // which
	Port     *int
	Username *string
	Token    string
	Debug    *bool
	Zones    *cluster.Zones
	Role     *cluster.Role
	Leaf     *bool
}

// EditMember changes settings of a member. A changed address or token is checked like that of a new one.
func (c *Control) EditMember(ctx context.Context, p acl.Principal, e MemberEdit) (MemberResult, error) {
	return MemberResult{}, errTodo
}

// SetRole changes the role and says what the link will do from now on.
func (c *Control) SetRole(ctx context.Context, p acl.Principal, host string, r cluster.Role) (MemberResult, error) {
	return MemberResult{}, errTodo
}
