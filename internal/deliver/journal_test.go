package deliver

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// journal is a feed in memory, so that time can be virtual. A zone's content is the number of its changes, in the
// vector: enough for a member to know that it lacks something. store_test.go has the real store.
type journal struct {
	mu        sync.Mutex
	last      store.Position
	changes   map[zone.Name][]store.Position
	registers map[string][]byte
	changed   chan struct{}
	broken    error
}

var writer = zone.NodeID{1}

func newJournal() *journal {
	return &journal{
		changes: map[zone.Name][]store.Position{}, registers: map[string][]byte{}, changed: make(chan struct{}),
	}
}

// change makes one change to each of the zones and returns the last position.
func (j *journal) change(zones ...zone.Name) store.Position {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, z := range zones {
		j.last++
		j.changes[z] = append(j.changes[z], j.last)
	}
	close(j.changed)
	j.changed = make(chan struct{})
	return j.last
}

func (j *journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.broken = err
	close(j.changed)
	j.changed = make(chan struct{})
}

func (j *journal) Synced() store.Position {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

func (j *journal) live(after store.Position) (items []store.FeedItem) {
	for z, at := range j.changes {
		if p := at[len(at)-1]; p > after {
			items = append(items, store.FeedItem{Position: p, Zone: z})
		}
	}
	slices.SortFunc(items, func(a, b store.FeedItem) int { return int(a.Position) - int(b.Position) })
	return items
}

func (j *journal) Follow(ctx context.Context, after store.Position, limit int) ([]store.FeedItem, error) {
	for {
		j.mu.Lock()
		items, changed, err := j.live(after), j.changed, j.broken
		j.mu.Unlock()
		if err != nil {
			return nil, err
		}
		if len(items) > 0 {
			return items[:min(limit, len(items))], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (j *journal) Waiting(after store.Position) (int, zone.Millis) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.live(after)), 0
}

func (j *journal) Head(z zone.Name) (h store.Head, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := j.changes[z]
	if len(at) == 0 {
		return h, store.ErrNotFound
	}
	h.Zone, h.Position, h.Vector = z, at[len(at)-1], zone.Vector{writer: uint64(len(at))}
	return h, nil
}

func (j *journal) State(z zone.Name) (*zone.State, store.Position, error) {
	h, err := j.Head(z)
	return &zone.State{Zone: z, Vector: h.Vector}, h.Position, err
}

func (j *journal) Delta(z zone.Name, since store.Position) (zone.Delta, store.Position, error) {
	h, err := j.Head(z)
	if err != nil {
		return zone.Delta{}, 0, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	had := uint64(0)
	for _, p := range j.changes[z] {
		if p <= since {
			had++
		}
	}
	return zone.Delta{Zone: z, Whole: since == 0, Since: zone.Vector{writer: had}, Vector: h.Vector}, h.Position, nil
}

func (j *journal) Register(key string) ([]byte, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	v, ok := j.registers[key]
	return v, ok
}

func (j *journal) SetRegister(key string, value []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.registers[key] = value
}

func (j *journal) DeleteRegister(key string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.registers, key)
}

// name makes a zone name of one label.
func name(label string) zone.Name {
	return zone.Name(string(byte(len(label))) + label + "\x00")
}

func names(n int) (all []zone.Name) {
	for i := range n {
		all = append(all, name(fmt.Sprintf("z%05d", i)))
	}
	return all
}
