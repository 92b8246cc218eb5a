package deliver

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// ErrTooManyWaits says that the bound of waits at one time is reached. The change is safe; it can be asked about later.
var ErrTooManyWaits = errors.New("too many requests wait for servers at this time")

const maxWaiters = 1024

// ReachState is how far a server is with a change.
type ReachState string

// The states, the furthest first.
const (
	ReachServed  ReachState = "served"
	ReachStored  ReachState = "stored"
	ReachWaiting ReachState = "waiting"
	ReachRefused ReachState = "refused"
)

// ServerReach is how far one server is with a change.
type ServerReach struct {
	Name   string
	State  ReachState
	Reason string        // why it was refused, or the last error of a connection that is down
	At     time.Time     // when it was reported served; zero if that is not remembered
	Took   time.Duration // from the commit; 0 if not remembered
}

// Reach is how far a change got: every server that is expected to get it, by name.
type Reach struct {
	Zone     zone.Name
	Position store.Position
	Servers  []ServerReach
}

// Served counts the servers that serve the change.
func (r Reach) Served() (n int) {
	for _, s := range r.Servers {
		if s.State == ReachServed {
			n++
		}
	}
	return n
}

// All reports whether every expected server serves the change.
func (r Reach) All() bool { return r.Served() == len(r.Servers) }

// settled reports whether waiting longer for n servers changes nothing: they serve it, or each one does or has
// refused.
func (r Reach) settled(n int) bool {
	served, open := r.Served(), 0
	for _, s := range r.Servers {
		if s.State == ReachStored || s.State == ReachWaiting {
			open++
		}
	}
	return open == 0 || n > 0 && served >= n
}

type waiter struct{ wake chan struct{} }

// wake tells the zone's waiters to look again.
func (m *memory) wake() {
	for w := range m.waiters {
		select {
		case w.wake <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// wakeWaiters tells all waiters to look again: what is expected has changed.
func (t *Tracker) wakeWaiters() {
	for e := t.zones.recent.Front(); e != nil; e = e.Next() {
		e.Value.(*memory).wake()
	}
}

// Wait waits until n servers, 0 for all that are expected, serve the change that was committed at the position, or
// have refused it. When ctx ends first, the error is ctx's and the Reach says who is waiting.
func (t *Tracker) Wait(ctx context.Context, z zone.Name, at store.Position, n int) (Reach, error) {
	w := &waiter{wake: make(chan struct{}, 1)}
	if err := t.enter(z, w); err != nil {
		return Reach{}, err
	}
	defer t.exit(z, w)
	t.askBehind(z)
	for {
		r, err := t.Reached(z, at)
		if err != nil || r.settled(n) {
			return r, err
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}

func (t *Tracker) enter(z zone.Name, w *waiter) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting >= maxWaiters {
		return ErrTooManyWaits
	}
	t.waiting++
	m := t.zones.of(z)
	if m.waiters == nil {
		m.waiters = map[*waiter]bool{}
	}
	m.waiters[w] = true
	return nil
}

// askBehind offers a zone again to targets that have it while nothing was heard of it from the servers behind them:
// their reports went to this node before it was started again, and nothing is on its way.
func (t *Tracker) askBehind(z zone.Name) {
	head, err := t.feed.Head(z)
	if err != nil {
		return // Reached says it
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.targets {
		if p.connected && p.cursor.covers(head.Position) && t.unheard(p, z) {
			p.ask(z)
		}
	}
}

func (t *Tracker) exit(z zone.Name, w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting--
	delete(t.zones.of(z).waiters, w)
}

func (t *Tracker) unheard(p *progress, z zone.Name) bool {
	m := t.zones.of(z)
	return slices.ContainsFunc(p.behind, func(name string) bool { return m.servers[name].served == 0 && name != t.self })
}

// Reached says how far a change is, without waiting.
func (t *Tracker) Reached(z zone.Name, at store.Position) (Reach, error) {
	head, err := t.feed.Head(z)
	if err != nil {
		return Reach{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	q := question{head: head, at: at, memory: t.zones.peek(z)}
	best := map[string]ServerReach{}
	for _, p := range t.targets {
		if p.accept != nil && !p.accept(z, head) {
			continue
		}
		direct, expected := q.direct(p)
		if !expected {
			continue
		}
		keepBest(best, direct)
		for _, name := range p.behind {
			if name != t.self {
				keepBest(best, q.behind(name, direct))
			}
		}
	}
	r := Reach{Zone: z, Position: at}
	for _, s := range best {
		r.Servers = append(r.Servers, s)
	}
	slices.SortFunc(r.Servers, func(a, b ServerReach) int { return compare(a.Name, b.Name) })
	return r, nil
}
