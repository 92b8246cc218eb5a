package node

import (
	"net/http"
	"time"
)

// nodeMetrics counts what Prometheus reads.
type nodeMetrics struct{ node *Node }

func newMetrics(n *Node) *nodeMetrics { return &nodeMetrics{n} }

func (m *nodeMetrics) handler() http.Handler { return nil }

func (m *nodeMetrics) propagated(string, time.Duration) {}
