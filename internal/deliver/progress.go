package deliver

import (
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The bounds of what is remembered per target.
const (
	maxPending = 65_536 // stored, not yet served; above it the served cursor waits for the next session
	maxAcked   = 16_384 // what each zone was acknowledged at; full, it is forgotten and deltas get larger
	maxAgain   = 4096   // zones asked for again; more are left to their turn
	maxBehind  = 1024
)

// progress is what the tracker knows of one target. The tracker's lock guards it; the target's worker changes it.
type progress struct {
	id, name string
	accept   func(zone.Name, store.Head) bool
	behind   []string
	start    store.Position // where it began: what is older and did not change since is not expected there

	turn      chan struct{} // holds one token: whoever has it is the target's worker
	connected bool
	since     time.Time // of connected, or of the loss
	lastError string
	instance  string

	cursor  cursor
	acked   map[zone.Name]ack
	session int // counts sessions
	pending map[zone.Name]store.Position
	lost    store.Position // lowest position that pending had no room for
	refused exceptions
	again   map[zone.Name]bool
	whole   map[zone.Name]bool // of again: what the target acknowledged does not count
	wake    chan struct{}      // one token: something is to be looked at
}

func newProgress(f Feed, id, name string) *progress {
	p := &progress{
		id: id, name: name, wake: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		acked: map[zone.Name]ack{}, pending: map[zone.Name]store.Position{}, again: map[zone.Name]bool{},
	}
	if s, ok := loadSaved(f, id); ok {
		low := min(s.Low, s.Served, f.Synced())
		p.instance, p.cursor = s.Instance, cursor{low, low, low}
		p.refused = loadExceptions(f, id)
	}
	return p
}

// ack is what a zone was acknowledged at, and in which session.
type ack struct {
	at      store.Position
	session int
}

// open begins a session.
func (p *progress) open(instance string, c cursor, now time.Time) {
	if p.instance != instance || c.low == 0 {
		p.acked = map[zone.Name]ack{}
		p.refused.dirty = p.refused.dirty || len(p.refused.byZone) > 0
		p.refused.byZone = nil
	}
	p.pending = map[zone.Name]store.Position{} // what is in it is delivered again
	p.whole = nil                              // who asked for it finds the same difference again
	p.lost = 0
	p.session++
	p.instance, p.cursor, p.start = instance, c, min(p.start, c.low)
	p.connected, p.since, p.lastError = true, now, ""
}

func (p *progress) close(err error, now time.Time) {
	if p.connected {
		p.connected, p.since = false, now
	}
	if err != nil {
		p.lastError = err.Error()
	}
}

// served is the position up to which everything is settled and served.
func (p *progress) served() store.Position {
	low := p.cursor.low
	for _, at := range p.pending {
		low = min(low, at-1)
	}
	if p.lost > 0 {
		low = min(low, p.lost-1)
	}
	return low
}

// acknowledged notes that the target has the zone as of the position; unserved says that its serving is still to be
// reported.
func (p *progress) acknowledged(z zone.Name, at store.Position, unserved bool) {
	p.refused.remove(z)
	delete(p.whole, z)
	if len(p.acked) >= maxAcked {
		clear(p.acked)
	}
	p.acked[z] = ack{at: max(p.acked[z].at, at), session: p.session}
	switch {
	case !unserved:
		p.servedAt(z, at)
	case len(p.pending) >= maxPending && p.pending[z] == 0:
		if p.lost == 0 || at < p.lost {
			p.lost = at
		}
	default:
		p.pending[z] = at
	}
}

func (p *progress) servedAt(z zone.Name, at store.Position) {
	if waits, ok := p.pending[z]; ok && waits <= at {
		delete(p.pending, z)
	}
}

// sinceOf is as of when the target has the zone. Where that is too hopeful (the zone was refused, or moved out of the
// backlog before it was delivered), the target answers need.
func (p *progress) sinceOf(z zone.Name) store.Position {
	if p.whole[z] {
		return 0
	}
	return max(p.cursor.low, p.acked[z].at)
}

// has reports whether this session delivered the zone as of the position already: content is read when it is sent, so
// a zone that changes often is delivered ahead of its place in the feed.
func (p *progress) has(z zone.Name, at store.Position) bool {
	a := p.acked[z]
	return a.session == p.session && a.at >= at
}

// believes reports whether the target is taken to have the zone as of the position. What it refused is offered again in
// its own time.
func (p *progress) believes(z zone.Name, at store.Position) bool {
	_, refused := p.refused.byZone[z]
	return !refused && (p.cursor.covers(at) || p.acked[z].at >= at)
}

// ask puts zones on the list of those to be offered at once, and wakes the worker.
func (p *progress) ask(zones ...zone.Name) {
	for _, z := range zones {
		if len(p.again) < maxAgain {
			p.again[z] = true
		}
	}
	p.nudge()
}

func (p *progress) nudge() {
	select {
	case p.wake <- struct{}{}:
	default: // a token is waiting already
	}
}

// due takes the zones that are to be offered again now, and says when there will be the next.
func (p *progress) due(now time.Time, limit int) ([]zone.Name, time.Time) {
	zones, next := p.refused.due(now, limit)
	for z := range p.again {
		if len(zones) >= limit {
			return zones, now
		}
		delete(p.again, z)
		if !slices.Contains(zones, z) {
			zones = append(zones, z)
		}
	}
	return zones, next
}
