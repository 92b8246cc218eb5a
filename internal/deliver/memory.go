package deliver

import (
	"container/list"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The bounds of what is remembered about zones.
const (
	maxZones   = 16_384 // the longest untouched is forgotten; zones that somebody waits for are kept
	maxServers = 256    // per zone
	maxLinks   = 128    // per zone, that want reports
)

// memory is what was heard of a zone lately: who serves which position. It is what lets a report that comes before
// anybody waits count, and what makes reports flow back to the link that a change came from.
type memory struct {
	zone    zone.Name
	servers map[string]mark
	// ignored is what targets, by id, said that they do not carry. It is kept per target, not per server: what a server
	// does not take over one link it may take over another.
	ignored map[string]store.Position
	// seen is the newest position that a tail delivered, and when that was: about when it was committed.
	seen   store.Position
	seenAt time.Time
	// origin is the link on which the position originAt first came.
	origin   string
	originAt store.Position
	orphan   bool // that link is over: the next one that brings the change takes its place
	forwards map[listener]*forward
	waiters  map[*waiter]bool
}

// mark is how far one server is with one zone.
type mark struct {
	stored, served store.Position
	at             time.Time     // of served
	took           time.Duration // from the commit to served; 0 if not known
}

// memories holds the zones heard of lately, bounded.
type memories struct {
	byZone map[zone.Name]*list.Element
	recent list.List // of *memory, newest first
}

// of returns the memory of a zone, made if there is none, and keeps it longest.
func (m *memories) of(z zone.Name) *memory {
	if e, ok := m.byZone[z]; ok {
		m.recent.MoveToFront(e)
		return e.Value.(*memory)
	}
	if m.byZone == nil {
		m.byZone = map[zone.Name]*list.Element{}
	}
	if len(m.byZone) >= maxZones {
		m.evict()
	}
	mem := &memory{
		zone: z, servers: map[string]mark{}, forwards: map[listener]*forward{},
	}
	m.byZone[z] = m.recent.PushFront(mem)
	return mem
}

// peek returns the memory of a zone, nil if there is none.
func (m *memories) peek(z zone.Name) *memory {
	if e, ok := m.byZone[z]; ok {
		return e.Value.(*memory)
	}
	return nil
}

// evict forgets the longest untouched zone that nobody waits for. There is one: waiters are fewer than zones.
func (m *memories) evict() {
	for e := m.recent.Back(); e != nil; e = e.Prev() {
		if mem := e.Value.(*memory); len(mem.waiters) == 0 {
			m.recent.Remove(e)
			delete(m.byZone, mem.zone)
			return
		}
	}
}

// serves notes that a server serves the zone as of the position. It reports whether that is news, and how long the
// change took if it is the newest and known.
func (m *memory) serves(server string, p store.Position, now time.Time) (took time.Duration, news bool) {
	k, known := m.servers[server]
	if p <= k.served || !known && len(m.servers) >= maxServers {
		return 0, false
	}
	k.served, k.stored, k.at, k.took = p, max(k.stored, p), now, 0
	if p == m.seen {
		k.took = now.Sub(m.seenAt)
	}
	m.servers[server] = k
	return k.took, true
}

func (m *memory) stores(server string, p store.Position) {
	k, known := m.servers[server]
	if p > k.stored && (known || len(m.servers) < maxServers) {
		k.stored = p
		m.servers[server] = k
	}
}

func (m *memory) ignores(target string, p store.Position) {
	if _, known := m.ignored[target]; known || len(m.ignored) < maxServers {
		if m.ignored == nil {
			m.ignored = map[string]store.Position{}
		}
		m.ignored[target] = max(m.ignored[target], p)
	}
}

// wants reports whether somebody waits to hear from a target's servers of a change that they have not told of.
func (m *memory) wants(p *progress) bool {
	var from store.Position
	for l, f := range m.forwards {
		if !l.ownOnly {
			from = max(from, f.from)
		}
	}
	if len(m.waiters) > 0 {
		from = max(from, m.seen, 1)
	}
	lacks := func(name string) bool { return m.servers[name].served < from }
	return lacks(p.name) || slices.ContainsFunc(p.behind, lacks)
}
