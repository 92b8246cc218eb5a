package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Comparing is the port to what a member has, over the link to it that is open, and to what delivery knows of the way
// there. Members are named by their target.
type Comparing interface {
	// Peer is what the member said when the link opened; false while no link of this node to it is open.
	Peer(target string) (Facts, bool)
	// Compare and Stand are answered with what this node may read there.
	Compare(ctx context.Context, target string, q digest.Question) ([]digest.Part, error)
	Stand(ctx context.Context, target string, names []zone.Name) ([]Standing, error)
	// Exists returns those of the names that are zones there, whoever's they are.
	Exists(ctx context.Context, target string, names []zone.Name) ([]zone.Name, error)
	// Fetch returns the whole state of a zone there, and its position; ErrNoZone if there is none to be read.
	Fetch(ctx context.Context, target string, z zone.Name) (Incoming, error)
	// Sent is how far our change at that position is on its way to the member, with the reason of a refusal.
	Sent(target string, z zone.Name, at store.Position) (cluster.Passage, string)
	// Came is how far the member's change at its position is on its way here.
	Came(target string, z zone.Name, theirs uint64) cluster.Passage
	// Resend offers the whole state of zones again; with overwrite it replaces what differs there.
	Resend(target string, overwrite bool, zones []zone.Name)
}

// maxStand is how many zones are asked for at once.
const maxStand = 1000

// canCompare is the capability of a member that answers Compare and Stand.
const canCompare = "compare=yes"
