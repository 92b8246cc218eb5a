package deliver

import (
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// TargetStatus is how a target stands.
type TargetStatus struct {
	ID, Name  string
	Instance  string
	Connected bool
	Since     time.Time // of Connected, or of the loss
	LastError string

	Cursor  store.Position // everything at or below is settled
	Served  store.Position // and served
	Waiting int            // changes that are not settled
	// Unserved counts zones that are stored there and whose serving has not been reported yet.
	Unserved   int
	Oldest     zone.Millis // of what waits
	Behind     []string
	Exceptions []Exception // by time
}

// Status lists the targets by id.
func (t *Tracker) Status() []TargetStatus {
	t.mu.Lock()
	list := make([]TargetStatus, 0, len(t.targets))
	cursors := map[string]cursor{}
	for _, p := range t.targets {
		list = append(list, p.status())
		cursors[p.id] = p.cursor
	}
	t.mu.Unlock()
	for i := range list {
		list[i].Waiting, list[i].Oldest = t.waitingAt(cursors[list[i].ID])
	}
	slices.SortFunc(list, func(a, b TargetStatus) int { return compare(a.ID, b.ID) })
	return list
}

// waitingAt counts the changes that are neither at or below low nor in (from, high]: five edits of one zone are five,
// though they are delivered as one. Of a target that never got anything it counts the zones that it is to get.
func (t *Tracker) waitingAt(c cursor) (n int, oldest zone.Millis) {
	n, oldest = t.feed.Waiting(c.low)
	if c.high > c.from {
		between, _ := t.feed.Waiting(c.from)
		after, _ := t.feed.Waiting(c.high)
		n -= between - after
	}
	if n <= 0 {
		return 0, oldest
	}
	if c.low > 0 {
		n = max(n, int(t.feed.Synced()-c.low-(c.high-c.from)))
	}
	return n, oldest
}

func (p *progress) status() TargetStatus {
	s := TargetStatus{
		ID: p.id, Name: p.name, Instance: p.instance, Connected: p.connected, Since: p.since, LastError: p.lastError,
		Cursor: p.cursor.low, Served: p.served(), Unserved: len(p.pending), Behind: slices.Clone(p.behind),
	}
	for _, x := range p.refused.byZone {
		s.Exceptions = append(s.Exceptions, x)
	}
	slices.SortFunc(s.Exceptions, func(a, b Exception) int { return a.Since.Compare(b.Since) })
	return s
}
