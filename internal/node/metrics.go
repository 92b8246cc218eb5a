package node

import (
	"context"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/metrics"
)

// newMetrics counts what this node does; most is read when it is scraped.
func newMetrics(n *Node) *metrics.Metrics {
	return metrics.New(n.Version, metrics.Sources{
		Queries: n.countQueries, Zones: n.table.Len, Conflicts: n.countConflicts, Members: n.countMembers, Backup: n.countBackup,
		Held: func() int { return n.control.HeldCount() }, LongestVector: func() int { return n.control.LongestVector() },
		Copied:  func() int { return n.control.CopiedServers() },
		LeftOut: n.Logs.LeftOut, CertUntil: func() time.Time { return n.identity.ShownUntil() }, Reloaded: func() bool { return !n.badConfig.Load() },
		Now: func() time.Time { return time.UnixMilli(int64(n.now())) },
	})
}

func (n *Node) countQueries() metrics.Queries {
	s := n.dns.Stats()
	return metrics.Queries{
		UDP: s.UDP, TCP: s.TCP, Dropped: s.Dropped, Truncated: s.Truncated, Transfers: s.Transfers, Rcodes: s.Rcodes[:],
	}
}

func (n *Node) countConflicts() int {
	count, err := n.control.ConflictCount()
	if err != nil {
		return 0
	}
	return count
}

func (n *Node) countMembers() []metrics.Member {
	members, err := n.control.MemberStatus(context.Background(), acl.Node())
	if err != nil {
		return nil
	}
	var list []metrics.Member
	for _, m := range members {
		counted := metrics.Member{Name: m.Label(), State: string(m.Health.Current()), Waiting: m.Link.Waiting, Drifted: m.Drifted}
		if m.Link.Oldest != 0 {
			counted.Oldest = time.UnixMilli(int64(m.Link.Oldest))
		}
		list = append(list, counted)
	}
	return list
}

func (n *Node) countBackup() metrics.Backup {
	b, err := n.control.ShowBackups(context.Background(), acl.Node())
	if err != nil {
		return metrics.Backup{}
	}
	m := metrics.Backup{Bytes: b.Bytes, Late: b.Late}
	if b.Good != 0 {
		m.Good = time.UnixMilli(int64(b.Good))
	}
	return m
}
