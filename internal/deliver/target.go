package deliver

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Target is anything that must converge to the feed.
type Target interface {
	// Open makes a connection. The error counts as a failure of the connection.
	Open(ctx context.Context) (Session, error)
}

// Session is one connection to a target. Its methods are called by one goroutine, apart from Done.
type Session interface {
	// Where is what the target says of itself: which instance it is, and up to where of this node's feed it has
	// everything, or Unstated if it keeps no such position.
	Where() (instance string, at store.Position)
	// Deliver hands over items, at most one per zone, and returns an outcome for each, in any order. It may take
	// fewer (a byte limit), but at least one: an item without an outcome is offered again. The error says that the
	// connection failed; what had been taken is then delivered again.
	Deliver(ctx context.Context, items []Item) ([]Outcome, error)
	// Done is closed when the connection is lost. It may be called by any goroutine, and may return nil. A session may
	// have a method Err() error that says why, and a method Settled(store.Position) that is told, and must not block,
	// when everything up to a position is settled: a target that keeps it finds out when it is put back to an older copy.
	Done() <-chan struct{}
	Close() error
}

// Unstated is the position of a target that keeps none: this node's cursor alone decides.
const Unstated = ^store.Position(0)

// Item is one zone to deliver. Its content is read when it is asked for and is then the newest, so the position that
// comes with it may be later than Position; the Outcome must name the one that was sent.
type Item struct {
	Zone     zone.Name
	Position store.Position
	// Since is as of when the target has the zone, as far as this node knows; 0 asks for the whole state.
	Since store.Position
	// Again says that the target acknowledged the zone before, on this connection or an earlier one. Of more zones than
	// are remembered it may not be said.
	Again bool

	feed Feed
}

// Delta reads what the target lacks.
func (i Item) Delta() (zone.Delta, store.Position, error) { return i.feed.Delta(i.Zone, i.Since) }

// State reads the whole state.
func (i Item) State() (*zone.State, store.Position, error) { return i.feed.State(i.Zone) }

// Head reads what the store knows of the zone without its content.
func (i Item) Head() (store.Head, error) { return i.feed.Head(i.Zone) }

// Result is what became of an item.
type Result string

// The results.
const (
	Stored  Result = "stored"  // the target's own synced commit; that it serves it is reported later
	Served  Result = "served"  // stored and answered to the world, or the target has no further level
	Need    Result = "need"    // the target lacks what the delta builds on
	Refused Result = "refused" // this zone is not taken, for the Reason
	Failed  Result = "failed"  // this zone could not be taken now, for the Reason
	Ignored Result = "ignored" // the target does not carry this zone
)

// Outcome is the target's answer to one item.
type Outcome struct {
	Zone zone.Name
	// Position is the one that was sent; 0 means the item's.
	Position store.Position
	Result   Result
	Reason   string
}
