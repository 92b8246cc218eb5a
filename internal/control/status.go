package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// Status is the state of the cluster as this node sees it.
type Status struct {
	Self       Identity
	Clustering bool
	Zones      int
	Deleted    int
	Conflicts  int
	Foreign    int // foreign writes refused since the start of the last day
	Members    []MemberStatus
	Sentence   string
	Exit       int // 0 in step, 1 catching up, 2 someone must act
}

// MemberStatus is one line of it.
type MemberStatus struct {
	Member
	Health    cluster.Health
	Threshold int // 0: keep online
	Link      LinkStatus
}

// Status returns the state of the cluster.
func (c *Control) Status(ctx context.Context, p acl.Principal) (Status, error) {
	return Status{}, errTodo
}
