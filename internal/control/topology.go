package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// Topology returns the links of the cluster as far as this node knows them: its own, and those that other servers have
// stated since it started.
func (c *Control) Topology(ctx context.Context, p acl.Principal) ([]cluster.Edge, error) {
	if err := allow(p, acl.ReadMembers, "", ""); err != nil {
		return nil, err
	}
	edges, err := c.edges()
	if err != nil {
		return nil, fmt.Errorf("read the links of the cluster: %w", err)
	}
	return edges, nil
}
