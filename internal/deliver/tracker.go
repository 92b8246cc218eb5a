package deliver

import (
	"context"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Tracker knows which server has which change. Workers and sessions tell it, waiters and status pages ask it. All
// methods may be called concurrently; functions given to it are called by the goroutine that brought the news and must
// not block. The functions that accept zones are called with its lock held and must not call it.
type Tracker struct {
	feed    Feed
	self    string
	observe func(server string, took time.Duration)

	mu      sync.Mutex
	targets map[string]*progress
	zones   memories
	waiting int // waiters of all zones
}

// NewTracker makes a tracker for the server called self. observe, which may be nil, is told for each change and
// server how long it took from the commit until the server served it.
func NewTracker(f Feed, self string, observe func(server string, took time.Duration)) *Tracker {
	if observe == nil {
		observe = func(string, time.Duration) {}
	}
	return &Tracker{feed: f, self: self, observe: observe, targets: map[string]*progress{}}
}

// Expect says that there is a target, also while no worker works it: a disabled member still has to get everything.
// name is the server's; the local nameserver's is this node's own. accept, which may be nil, says which zones go there.
// start is where a target that was never seen begins: zones that changed last before it do not go there.
func (t *Tracker) Expect(id, name string, start store.Position, accept func(zone.Name, store.Head) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.expect(id, name, start, accept)
}

func (t *Tracker) expect(id, name string, start store.Position, accept func(zone.Name, store.Head) bool) *progress {
	p := t.targets[id]
	if p == nil {
		p = newProgress(t.feed, id, name)
		p.start = start
		t.targets[id] = p
	}
	p.name, p.accept = name, accept
	t.wakeWaiters()
	return p
}

// Forget drops a target that is removed for good, with its registers. Its worker has ended before.
func (t *Tracker) Forget(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.targets, id)
	t.feed.DeleteRegister(cursorKey(id))
	t.feed.DeleteRegister(exceptionsKey(id))
	t.wakeWaiters()
}

// SetBehind says which servers are behind a target, as it states them. They are expected too.
func (t *Tracker) SetBehind(id string, names []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.targets[id]; p != nil {
		p.behind = append([]string(nil), names[:min(len(names), maxBehind)]...)
		t.wakeWaiters()
	}
}

// Retry offers refused zones again at once: the given ones, all if none is given. It is for when home or lives
// changed there.
func (t *Tracker) Retry(id string, zones ...zone.Name) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.targets[id]
	if p == nil {
		return
	}
	if len(zones) == 0 {
		for z := range p.refused.byZone {
			zones = append(zones, z)
		}
	}
	p.ask(zones...)
}

// Lacks says that a target's server has shown, by what it sent itself, that it does not have the zone as of the position.
// If it was taken to have it, it is offered again: it may have passed by a zone that it did not carry then, or have lost
// something since.
func (t *Tracker) Lacks(id string, z zone.Name, at store.Position) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.targets[id]; p != nil && p.believes(z, at) {
		p.ask(z)
	}
}

// Report is what servers behind a session say, in positions of this node's feed.
type Report struct {
	Zone     zone.Name
	Position store.Position
	Servers  []string
}

// Report takes a report that came from a target. One that is late, doubled, or says more than this node has is harmless.
func (t *Tracker) Report(id string, r Report) {
	if r.Position > t.feed.Synced() {
		return
	}
	t.update(func(now time.Time) []func() {
		if t.targets[id] == nil {
			return nil
		}
		return t.heard(r, now)
	})
}

// heard notes a report and returns what is to be called because of it.
func (t *Tracker) heard(r Report, now time.Time) (calls []func()) {
	m := t.zones.of(r.Zone)
	var news []string
	for _, name := range r.Servers[:min(len(r.Servers), maxServers)] {
		for _, p := range t.targets {
			if p.name == name {
				p.servedAt(r.Zone, r.Position)
			}
		}
		took, isNew := m.serves(name, r.Position, now)
		if isNew {
			news = append(news, name)
		}
		if isNew && r.Position == m.seen {
			calls = append(calls, func() { t.observe(name, took) })
		}
	}
	m.wake()
	return append(calls, t.forward(m, r.Position, news)...)
}

// update runs f with the lock, and what f returns without it.
func (t *Tracker) update(f func(now time.Time) []func()) {
	t.mu.Lock()
	calls := f(time.Now())
	t.mu.Unlock()
	for _, call := range calls {
		call()
	}
}

// The methods below are the worker's.

// join takes a target for a worker. A target has one: the next waits until the one before has ended. It reports false
// when ctx ends first.
func (t *Tracker) join(ctx context.Context, id, name string, start store.Position, accept func(zone.Name, store.Head) bool) (*progress, bool) {
	t.mu.Lock()
	p := t.expect(id, name, start, accept)
	t.mu.Unlock()
	select {
	case p.turn <- struct{}{}:
		return p, true
	case <-ctx.Done():
		return nil, false
	}
}

func (t *Tracker) leave(p *progress) { <-p.turn }

// with runs f with the lock: the worker's view of its target.
func (t *Tracker) with(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

// opened begins a session: what somebody waits for is asked for again, because a report of it may have been lost with
// the session before.
func (t *Tracker) opened(p *progress, instance string, c cursor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p.open(instance, c, time.Now())
	for e := t.zones.recent.Front(); e != nil; e = e.Next() {
		if m := e.Value.(*memory); m.wants(p) {
			p.ask(m.zone)
		}
	}
	t.wakeWaiters()
}

// saw notes when the tail first delivered a change.
func (t *Tracker) saw(items []store.FeedItem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for _, i := range items {
		if m := t.zones.of(i.Zone); i.Position > m.seen {
			m.seen, m.seenAt = i.Position, now
		}
	}
}

// settle notes outcomes other than Need. It returns the zones that found no room on the list of exceptions.
func (t *Tracker) settle(p *progress, outcomes []Outcome) (full []zone.Name) {
	t.update(func(now time.Time) (calls []func()) {
		for _, o := range outcomes {
			m := t.zones.of(o.Zone)
			switch o.Result {
			case Stored:
				m.stores(p.name, o.Position)
				p.acknowledged(o.Zone, o.Position, m.servers[p.name].served < o.Position)
			case Served:
				p.acknowledged(o.Zone, o.Position, false)
				calls = append(calls, t.heard(Report{Zone: o.Zone, Position: o.Position, Servers: []string{p.name}}, now)...)
			case Ignored:
				p.acknowledged(o.Zone, o.Position, false)
				m.ignores(p.id, o.Position)
			default:
				if !p.refused.put(o, now) {
					full = append(full, o.Zone)
				}
			}
			m.wake()
		}
		return calls
	})
	return full
}

// Refusal is why a target refuses a zone.
func (t *Tracker) Refusal(id string, z zone.Name) (reason string, refused bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.targets[id]
	if p == nil {
		return "", false
	}
	x, refused := p.refused.byZone[z]
	return x.Reason, refused
}

// Refusing lists the targets that refuse a zone for such a reason.
func (t *Tracker) Refusing(z zone.Name, such func(reason string) bool) (ids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, p := range t.targets {
		if x, refused := p.refused.byZone[z]; refused && such(x.Reason) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Unreached is the lowest position up to which any target has everything served, and the zones that one refuses since
// the given time or later; targets for which skip says so do not count. A target that has nothing yet gets whole zones
// and does not count either. The position is 0 where nothing counts. skip must not call the tracker.
func (t *Tracker) Unreached(since time.Time, skip func(id string) bool) (low store.Position, refused map[zone.Name]bool) {
	t.mu.Lock()
	ids := make([]string, 0, len(t.targets))
	for id := range t.targets {
		ids = append(ids, id)
	}
	t.mu.Unlock()
	refused = map[zone.Name]bool{}
	for _, id := range ids {
		if skip(id) {
			continue
		}
		t.with(func() {
			p := t.targets[id]
			if p == nil {
				return
			}
			if at := p.served(); at > 0 && (low == 0 || at < low) {
				low = at
			}
			for z, x := range p.refused.byZone {
				refused[z] = refused[z] || x.Since.After(since)
			}
		})
	}
	return low, refused
}
