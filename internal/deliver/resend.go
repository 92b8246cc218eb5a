package deliver

import (
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Way is how far the newest change of a zone is on its way to a target.
type Way struct {
	Before   bool   // it is older than the target's start: it does not go there
	Settled  bool   // acknowledged
	Refused  bool   // on the list of exceptions
	Reason   string // of that
	Carried  bool   // the target carries the zone at all
	Awaiting bool   // it is offered again now
}

// Way says how far the change of a zone at its newest position is. Of a target that is not known nothing is.
func (t *Tracker) Way(id string, z zone.Name, at store.Position, h store.Head) Way {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.targets[id]
	if p == nil {
		return Way{}
	}
	x, refused := p.refused.byZone[z]
	again := p.again[z] || refused && x.Result != Refused
	return Way{
		Before: at <= p.start, Settled: p.connected && p.cursor.covers(at), Refused: refused && x.Result == Refused, Reason: x.Reason,
		Carried: p.accept == nil || p.accept(z, h), Awaiting: again || p.whole[z],
	}
}

// HasAll reports whether everything up to the position is settled at a target that is connected.
func (t *Tracker) HasAll(id string, at store.Position) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.targets[id]
	return p != nil && p.connected && p.cursor.low >= at
}

// Resend offers the whole state of zones again, whatever the target has acknowledged.
func (t *Tracker) Resend(id string, zones []zone.Name) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.targets[id]
	if p == nil {
		return
	}
	for _, z := range zones[:min(len(zones), maxAgain)] {
		if p.whole == nil {
			p.whole = map[zone.Name]bool{}
		}
		p.whole[z] = true
	}
	p.ask(zones...)
}
