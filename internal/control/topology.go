package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// Topology returns the links of the cluster as far as this node knows them: its own, and those that other servers have
// stated since it started.
func (c *Control) Topology(ctx context.Context, p acl.Principal) ([]cluster.Edge, error) {
	if err := allowed(p, acl.ReadMembers); err != nil {
		return nil, err
	}
	edges, err := c.edges()
	if err != nil {
		return nil, fmt.Errorf("read the links of the cluster: %w", err)
	}
	if p.Root {
		return edges, nil
	}
	return c.edgesSeen(ctx, p, edges)
}

// edgesSeen leaves the links from here to members that p sees: those of other resellers are not p's business.
func (c *Control) edgesSeen(ctx context.Context, p acl.Principal, edges []cluster.Edge) ([]cluster.Edge, error) {
	rows, err := c.Links(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[cluster.Edge]bool{}
	for _, m := range rows {
		if m.User == p.User || m.User == acl.Root {
			seen[cluster.Edge{From: c.Self.Name, To: m.Name, Role: m.Role}] = true
		}
	}
	return slices.DeleteFunc(edges, func(e cluster.Edge) bool { return !seen[e] }), nil
}
