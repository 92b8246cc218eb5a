package deliver

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Steps is which servers are to serve a zone, and how many of them serve it as it is here. A server behind a target of
// which nothing was heard lately, as after a restart of this node, is not counted: nobody knows.
func (t *Tracker) Steps(head store.Head) (served int, servers []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := question{head: head, at: head.Position, memory: t.zones.peek(head.Zone)}
	best := map[string]ServerReach{}
	for _, p := range t.targets {
		if p.accept != nil && !p.accept(head.Zone, head) {
			continue
		}
		direct, expected := q.direct(p)
		if !expected {
			continue
		}
		keepBest(best, direct)
		for _, name := range p.behind {
			if name != t.self && q.heardOf(name) {
				keepBest(best, q.behind(name, direct))
			}
		}
	}
	for _, s := range best {
		servers = append(servers, s.Name)
		if s.State == ReachServed {
			served++
		}
	}
	return served, servers
}

func (q question) heardOf(name string) bool {
	if q.memory == nil {
		return false
	}
	_, ok := q.memory.servers[name]
	return ok
}

// lookedAt is how many zones Behind looks at for each that it may return: a member that was away for a day leaves many
// that others have.
const lookedAt = 10

// Behind lists zones that some server does not serve as they are here, at most limit. more says that there may be others.
func (t *Tracker) Behind(limit int) (zones []zone.Name, more bool) {
	seen := map[zone.Name]bool{}
	look := func(z zone.Name) {
		if seen[z] {
			return
		}
		seen[z] = true
		head, err := t.feed.Head(z)
		if err != nil {
			return
		}
		if served, servers := t.Steps(head); served < len(servers) {
			zones = append(zones, z)
		}
	}
	low, refused := t.lowest()
	for _, z := range refused {
		look(z)
	}
	never, end := context.WithCancel(context.Background())
	end() // of a follower that does not wait
	for len(zones) < limit && len(seen) < lookedAt*limit {
		items, err := t.feed.Follow(never, low, 1000)
		if err != nil || len(items) == 0 {
			return zones, false
		}
		for _, i := range items {
			look(i.Zone)
			low = i.Position
		}
	}
	return zones[:min(len(zones), limit)], true
}

// lowest is up to where every target serves everything, but for the zones that one refuses.
func (t *Tracker) lowest() (low store.Position, refused []zone.Name) {
	t.mu.Lock()
	defer t.mu.Unlock()
	low = t.feed.Synced()
	for _, p := range t.targets {
		low = min(low, max(p.served(), p.start))
		for z := range p.refused.byZone {
			refused = append(refused, z)
		}
	}
	return low, refused
}
