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
	Result   Result // Refused or Failed
	Reason   string
	Tries    int
	Since    time.Time
	Next     time.Time // when it is offered again, unless something asks for it before
}

const (
	// maxExceptions bounds the list of one target. When it is full the cursor waits at the next refused zone.
	maxExceptions = 4096
	maxReason     = 512
)

// maxFailedPause is how long a zone that only failed waits at most, as long as a member that is down: what is served may
// differ between servers for that long after a full disk has room again. An offer is a delta, a few hundred octets.
const maxFailedPause = 15 * time.Second

// retryAfter is when a zone is offered again. What only failed is tried soon, however often it failed. What was refused
// is in the end offered daily, at first sooner: the reason may be a thing that somebody is just putting right.
func retryAfter(r Result, tries int) time.Duration {
	first, factor, last := time.Minute, 5, 24*time.Hour
	if r == Failed {
		first, factor, last = 5*time.Second, 2, maxFailedPause
	}
	d := first
	for ; tries > 1 && d < last; tries-- {
		d *= time.Duration(factor)
	}
	return min(d, last)
}

// exceptions is the list of one target.
type exceptions struct {
	byZone map[zone.Name]Exception
	dirty  bool // not saved yet
}

// put adds or renews an entry. It reports false when the list is full.
func (e *exceptions) put(o Outcome, now time.Time) bool {
	x, known := e.byZone[o.Zone]
	if !known && len(e.byZone) >= maxExceptions {
		return false
	}
	if !known || x.Result != o.Result {
		x = Exception{Zone: o.Zone, Result: o.Result, Since: now}
	}
	x.Tries++
	x.Position, x.Reason, x.Next = o.Position, o.Reason[:min(len(o.Reason), maxReason)], now.Add(retryAfter(o.Result, x.Tries))
	if e.byZone == nil {
		e.byZone = map[zone.Name]Exception{}
	}
	e.byZone[o.Zone] = x
	e.dirty = true
	return true
}

func (e *exceptions) remove(z zone.Name) {
	if _, ok := e.byZone[z]; ok {
		delete(e.byZone, z)
		e.dirty = true
	}
}

// waits reports whether an entry is not due yet. The pause is kept as a time of the wall clock; one further away than the pause
// is long was noted by a clock that was ahead, and must not put the zone off until then.
func (x Exception) waits(now time.Time) bool {
	wait := x.Next.Sub(now)
	return wait > 0 && wait <= retryAfter(x.Result, x.Tries)
}

// due returns up to limit zones to be offered again, and when the next one will be.
func (e *exceptions) due(now time.Time, limit int) (zones []zone.Name, next time.Time) {
	for z, x := range e.byZone {
		switch {
		case x.waits(now):
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
	Name []byte
	Exception
}

func loadExceptions(f Feed, id string) exceptions {
	var list []savedException
	b, ok := f.Register(exceptionsKey(id))
	if !ok || json.Unmarshal(b, &list) != nil {
		return exceptions{}
	}
	e := exceptions{byZone: map[zone.Name]Exception{}}
	for _, s := range list[:min(len(list), maxExceptions)] {
		s.Zone = zone.Name(s.Name)
		e.byZone[s.Zone] = s.Exception
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
		name := []byte(x.Zone)
		x.Zone = ""
		list = append(list, savedException{name, x})
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic("deliver: an exception has no JSON form: " + err.Error())
	}
	f.SetRegister(exceptionsKey(id), b)
}
