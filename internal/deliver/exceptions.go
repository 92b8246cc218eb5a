package deliver

import (
	"encoding/json"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Exception is a zone that a target did not take while its neighbours went on.
type Exception struct {
	Zone     zone.Name
	Position store.Position
	Reason   string
	Since    time.Time
	Next     time.Time // when it is offered again, unless something asks for it before
}

const (
	// maxExceptions bounds the list of one target. When it is full the cursor waits at the next refused zone.
	maxExceptions = 4096
	retryRefused  = 24 * time.Hour
	maxReason     = 512
)

// exceptions is the list of one target.
type exceptions struct {
	byZone map[zone.Name]Exception
	dirty  bool // not saved yet
}

// put adds or renews an entry. It reports false when the list is full.
func (e *exceptions) put(z zone.Name, p store.Position, reason string, now time.Time) bool {
	old, known := e.byZone[z]
	if !known && len(e.byZone) >= maxExceptions {
		return false
	}
	since := old.Since
	if !known {
		since = now
	}
	if e.byZone == nil {
		e.byZone = map[zone.Name]Exception{}
	}
	e.byZone[z] = Exception{Zone: z, Position: p, Reason: reason[:min(len(reason), maxReason)], Since: since, Next: now.Add(retryRefused)}
	e.dirty = true
	return true
}

func (e *exceptions) remove(z zone.Name) {
	if _, ok := e.byZone[z]; ok {
		delete(e.byZone, z)
		e.dirty = true
	}
}

// due returns up to limit zones to be offered again, and when the next one will be.
func (e *exceptions) due(now time.Time, limit int) (zones []zone.Name, next time.Time) {
	for z, x := range e.byZone {
		switch {
		case x.Next.After(now):
			if next.IsZero() || x.Next.Before(next) {
				next = x.Next
			}
		case len(zones) < limit:
			zones = append(zones, z)
		default:
			next = now
		}
	}
	return zones, next
}

// savedException is the durable form. A name is octets, which JSON text cannot hold.
type savedException struct {
	Zone        []byte
	Position    store.Position
	Reason      string
	Since, Next time.Time
}

func loadExceptions(f Feed, id string) exceptions {
	var list []savedException
	b, ok := f.Register(exceptionsKey(id))
	if !ok || json.Unmarshal(b, &list) != nil {
		return exceptions{}
	}
	e := exceptions{byZone: map[zone.Name]Exception{}}
	for _, s := range list[:min(len(list), maxExceptions)] {
		z := zone.Name(s.Zone)
		e.byZone[z] = Exception{Zone: z, Position: s.Position, Reason: s.Reason, Since: s.Since, Next: s.Next}
	}
	return e
}

func (e *exceptions) store(f Feed, id string) {
	if !e.dirty {
		return
	}
	e.dirty = false
	list := make([]savedException, 0, len(e.byZone))
	for _, x := range e.byZone {
		list = append(list, savedException{Zone: []byte(x.Zone), Position: x.Position, Reason: x.Reason, Since: x.Since, Next: x.Next})
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic("deliver: an exception has no JSON form: " + err.Error())
	}
	f.SetRegister(exceptionsKey(id), b)
}
