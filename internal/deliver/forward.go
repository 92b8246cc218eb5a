package deliver

import (
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Arrival is a change that came over a link and is committed here, or was here already.
type Arrival struct {
	Zone     zone.Name
	Position store.Position // of the zone in this node's feed
	Link     string         // on which it came
	// Changed says that it was news here; otherwise it was here already.
	Changed bool
}

// listener is a link that wants to hear who serves a change. What comes over it first and what comes again are apart:
// the one must not end the other's reports.
type listener struct {
	link    string
	ownOnly bool // it hears of this server only
}

// forward is what a listener wants to hear.
type forward struct {
	from store.Position
	told []string // few: a map for each link of each zone would be most of what the tracker holds
	tell func(servers []string)
}

// Forward makes reports of an arrived change flow back: tell is called with the names of servers that newly serve it,
// until a newer arrival of the zone on the link takes its place. The local nameserver has to be expected by then;
// without one, this node's own commit is all there is to report of it.
//
// The upstream of a change is the link on which it first came. One that comes again from elsewhere hears of this
// server only: so reports flow up a tree, and servers in a circle never wait for each other.
func (t *Tracker) Forward(a Arrival, tell func(servers []string)) {
	t.mu.Lock()
	fresh := t.zones.peek(a.Zone) == nil
	m := t.zones.of(a.Zone)
	f := &forward{from: a.Position, tell: tell}
	l := listener{link: a.Link}
	switch {
	case a.Changed || fresh || m.orphan: // not heard of: this node was started again, and nobody else will tell that link
		m.origin, m.originAt, m.orphan = a.Link, a.Position, false
	case m.origin == a.Link && m.originAt >= a.Position:
	default:
		l.ownOnly = true
	}
	if len(m.forwards) < maxLinks || m.forwards[l] != nil {
		m.forwards[l] = f
	}
	names := t.news(l, f, m.served(a.Position))
	if !t.serves(t.self) {
		names = append(names, t.news(l, f, []string{t.self})...)
	}
	t.mu.Unlock()
	if len(names) > 0 {
		tell(names)
	}
}

// Unlink drops what a link wanted to hear. It is for the end of a link's session. What first came over it may have come
// from the same server over another link too: that one hears of all servers then.
func (t *Tracker) Unlink(link string) {
	t.update(func(time.Time) (calls []func()) {
		for e := t.zones.recent.Front(); e != nil; e = e.Next() {
			m := e.Value.(*memory)
			delete(m.forwards, listener{link, false})
			delete(m.forwards, listener{link, true})
			if m.origin == link {
				m.orphan = true
				calls = append(calls, t.adopt(m)...)
			}
		}
		return calls
	})
}

// adopt makes the links on which a change came again its upstreams, in place of one that is over.
func (t *Tracker) adopt(m *memory) (calls []func()) {
	for l, f := range m.forwards {
		if !l.ownOnly {
			continue
		}
		delete(m.forwards, l)
		l.ownOnly = false
		if m.forwards[l] != nil {
			continue
		}
		m.forwards[l] = f
		m.origin, m.orphan = l.link, false
		if names := t.news(l, f, m.served(f.from)); len(names) > 0 {
			calls = append(calls, func() { f.tell(names) })
		}
	}
	return calls
}

// serves reports whether there is a nameserver of that name among the targets. Without one of its own, what this node
// has stored counts as served.
func (t *Tracker) serves(name string) bool {
	for _, p := range t.targets {
		if p.name == name {
			return true
		}
	}
	return false
}

// served is the names of the servers that serve the zone at the position or a later one.
func (m *memory) served(at store.Position) (names []string) {
	for name, k := range m.servers {
		if k.served >= at {
			names = append(names, name)
		}
	}
	return names
}

// forward returns the calls that tell the links who serves the position now.
func (t *Tracker) forward(m *memory, at store.Position, servers []string) (calls []func()) {
	for l, f := range m.forwards {
		if at < f.from {
			continue
		}
		if names := t.news(l, f, servers); len(names) > 0 {
			calls = append(calls, func() { f.tell(names) })
		}
	}
	return calls
}

// news is the servers that the listener has not been told of, and is to be told of.
func (t *Tracker) news(l listener, f *forward, servers []string) (names []string) {
	for _, name := range servers {
		if slices.Contains(f.told, name) || l.ownOnly && name != t.self {
			continue
		}
		names = append(names, name)
	}
	f.told = append(f.told, names...)
	return names
}
