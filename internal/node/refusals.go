package node

import (
	"sync"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// refusals remembers which zones were refused of which link, so that they are asked for again when what stood in the
// way has changed: the life that answers here, its home or its owner. What a restart forgets is offered again daily.
// It remembers too which zones a link passed by because there are none here: when there is one, both have it, and then
// the link brings it. What a restart forgets of those is found by comparing.
type refusals struct {
	mu     sync.Mutex
	zones  map[zone.Name]map[string]refusal // by the link's name
	count  int
	passed int // of them, those that were passed by
}

type refusal struct {
	theirs  uint64 // the sender's position of what was refused
	against standing
	due     bool // to be asked for when the link is open again
	passed  bool // passed by: against is nothing
}

// standing is what a refusal depends on.
type standing struct {
	live        bool
	life        zone.Dot
	owner, home string
}

// maxRefusals bounds what is remembered. What finds no room is offered again daily.
const maxRefusals = 100_000

// maxPassed bounds what is remembered of passed-by zones: a nameserver may have a million that its follower never gets.
// What finds no room is found by the next comparison, within the hour.
const maxPassed = 10_000

func newRefusals() *refusals { return &refusals{zones: map[zone.Name]map[string]refusal{}} }

func standingOf(h store.Head) standing { return standing{h.Live, h.Life, h.Owner, h.Home} }

func (r *refusals) note(link string, z zone.Name, theirs uint64, against standing) {
	r.put(link, z, refusal{theirs: theirs, against: against})
}

// pass notes that a link passed by a zone that is not here.
func (r *refusals) pass(link string, z zone.Name, theirs uint64) {
	r.put(link, z, refusal{theirs: theirs, passed: true})
}

func (r *refusals) put(link string, z zone.Name, x refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.zones[z][link]; known {
		r.remove(link, z)
	}
	if r.count >= maxRefusals || x.passed && r.passed >= maxPassed {
		return
	}
	r.count++
	if x.passed {
		r.passed++
	}
	if r.zones[z] == nil {
		r.zones[z] = map[string]refusal{}
	}
	r.zones[z][link] = x
}

// taken forgets what is refused no more.
func (r *refusals) taken(link string, z zone.Name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.zones[z][link]; known {
		r.remove(link, z)
	}
}

func (r *refusals) remove(link string, z zone.Name) {
	r.count--
	if r.zones[z][link].passed {
		r.passed--
	}
	delete(r.zones[z], link)
	if len(r.zones[z]) == 0 {
		delete(r.zones, z)
	}
}

// anyOf reports whether the zone was refused of somebody.
func (r *refusals) anyOf(z zone.Name) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.zones[z]) > 0
}

// changed is called when a zone has changed here. ask puts the question on a link, false if that is not open.
func (r *refusals) changed(z zone.Name, now standing, ask func(link string, z zone.Name, theirs uint64) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for link, x := range r.zones[z] {
		switch {
		case x.against == now && !x.passed:
		case ask(link, z, x.theirs):
			r.remove(link, z)
		default:
			x.due = true
			r.zones[z][link] = x
		}
	}
}

// opened asks for what became free while the link was not open.
func (r *refusals) opened(link string, ask func(link string, z zone.Name, theirs uint64) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for z, of := range r.zones {
		if x, known := of[link]; known && x.due && ask(link, z, x.theirs) {
			r.remove(link, z)
		}
	}
}

// askAgain asks the other side of a link to offer a zone again: a report that names no server.
func (ls *links) askAgain(link string, z zone.Name, theirs uint64) bool {
	ls.mu.Lock()
	o := ls.open[link]
	ls.mu.Unlock()
	if o != nil {
		o.reports.tell(z, theirs, nil)
	}
	return o != nil
}

// zoneChanged is told of each zone that the nameserver takes over.
func (n *Node) zoneChanged(z zone.Name) {
	if !n.links.refusals.anyOf(z) {
		return
	}
	if h, err := n.store.Head(z); err == nil {
		n.links.refusals.changed(z, standingOf(h), n.links.askAgain)
	}
}

// refuses reports whether the zone was refused of that link and nothing has changed since.
func (r *refusals) refuses(link string, z zone.Name) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	x, known := r.zones[z][link]
	return known && !x.passed
}
