package deliver

import (
	"encoding/json"

	"github.com/zonefleet/zonefleet/internal/store"
)

// cursor is where a target stands in the feed. While it catches up there are two lanes: the tail, which delivers what
// changes from now on, and below it the backlog, so that an edit never waits for a first synchronization:
//
//	0 ........ low ............... from ........ high ........ synced
//	  has all        the backlog         has all       the tail
//
// Everything at or below low, and everything in (from, high], is settled: acknowledged, or on the list of exceptions.
// A zone of the backlog that changes moves out of it to beyond high, so the backlog only shrinks, and ends at from;
// then low takes the place of high.
//
// Only low survives the session. What the tail delivered above it is delivered again by the next one, where the
// worker's memory of what each zone was acknowledged at makes it an empty delta.
type cursor struct {
	low, from, high store.Position
}

// openAt is the cursor of a session that starts when the feed's head is at synced. Without anything waiting between
// there is no backlog: positions that no zone holds any more need no delivery.
func openAt(low, synced store.Position, waiting bool) cursor {
	if !waiting {
		low = max(low, synced)
	}
	return cursor{low: low, from: max(low, synced), high: max(low, synced)}
}

func (c cursor) backlog() bool { return c.low < c.from }

// covers reports whether a zone whose live position is p is settled.
func (c cursor) covers(p store.Position) bool { return p <= c.low || c.from < p && p <= c.high }

// tailTo says that the tail is settled up to p.
func (c *cursor) tailTo(p store.Position) {
	c.high = max(c.high, p)
	if !c.backlog() {
		c.low, c.from = c.high, c.high
	}
}

// backlogTo says that the backlog is settled up to p; from there on the tail has everything.
func (c *cursor) backlogTo(p store.Position) {
	if c.low = max(c.low, p); c.low >= c.from {
		c.low, c.from = c.high, c.high
	}
}

// saved is the durable form of a cursor, a register. Losing it repeats deliveries.
type saved struct {
	Format   int
	Instance string         // of the target
	Low      store.Position // everything at or below is settled
	Served   store.Position // and served there
}

const savedFormat = 1

func cursorKey(id string) string     { return "cursor/" + id }
func exceptionsKey(id string) string { return "exceptions/" + id }

func loadSaved(f Feed, id string) (s saved, ok bool) {
	b, ok := f.Register(cursorKey(id))
	if !ok || json.Unmarshal(b, &s) != nil || s.Format != savedFormat {
		return saved{}, false
	}
	return s, true
}

func (s saved) store(f Feed, id string) {
	s.Format = savedFormat
	b, err := json.Marshal(s)
	if err != nil {
		panic("deliver: a cursor has no JSON form: " + err.Error())
	}
	f.SetRegister(cursorKey(id), b)
}

// startingPoint decides where a session begins. A target that was never seen starts at the given position, which is one
// fixed when the target was made: were it "the head now", a lost register would lose changes. Another instance than
// the one known has lost everything and starts at 0. A target that stands before our cursor was put back to an older
// copy of itself; a cursor beyond our own head says that we were. What was stored but not served is delivered again,
// because nobody else asks whether it is served by now.
func startingPoint(known saved, ok bool, instance string, at, start, synced store.Position) store.Position {
	switch {
	case !ok:
		return min(start, synced)
	case known.Instance != instance, known.Low > synced:
		return 0
	}
	return max(min(start, known.Low), min(known.Low, known.Served, at))
}
