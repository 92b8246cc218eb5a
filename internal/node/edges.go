package node

import (
	"slices"
	"sync"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// maxEdges bounds what is kept and told of the links of a cluster: about 25 kB in a greeting, which may have 64.
const maxEdges = 256

// edges is what other servers have stated of the links that they hold. It serves warnings only, and is learned anew after
// each start.
type edges struct {
	mu       sync.Mutex
	byServer map[string][]cluster.Edge
}

// learn takes what a server states of its own links.
func (e *edges) learn(f wire.Facts) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byServer == nil || len(e.byServer) > maxEdges {
		e.byServer = map[string][]cluster.Edge{}
	}
	var own []cluster.Edge
	for _, edge := range edgesOf(f.Links) {
		if edge.From == f.Name {
			own = append(own, edge)
		}
	}
	e.byServer[f.Name] = own
}

func (e *edges) known() []cluster.Edge {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []cluster.Edge
	for _, own := range e.byServer {
		list = append(list, own...)
	}
	return list
}

// edgesOf reads links as they travel; roles that are not known are left out.
func edgesOf(links []wire.FactLink) []cluster.Edge {
	var list []cluster.Edge
	for _, l := range links[:min(len(links), maxEdges)] {
		if role, err := cluster.ParseRole(l.Role); err == nil {
			list = append(list, cluster.Edge{From: l.From, To: l.To, Role: role})
		}
	}
	return list
}

// statedLinks is what this node states: its own links and those that it was told of by their holders.
func (n *Node) statedLinks() []wire.FactLink {
	var list []wire.FactLink
	for _, row := range n.links.rows() {
		list = append(list, wire.FactLink{From: n.Config.Name, To: nameOf(row), Role: string(row.Role)})
	}
	for _, e := range n.edges.known() {
		list = append(list, wire.FactLink{From: e.From, To: e.To, Role: string(e.Role)})
	}
	return slices.Clip(list[:min(len(list), maxEdges)])
}

// factsFor is what a caller with that grant is told: a leaf learns nothing of the cluster's shape.
func (n *Node) factsFor(g cluster.Grant) wire.Facts {
	f := n.facts()
	if g.Kind != cluster.Relay && !g.Trust {
		f.Links = nil
	}
	return f
}
