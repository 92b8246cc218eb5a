package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// LinkSource is where changes come from: a member that pushes with a token of ours, or one whose feed we follow.
type LinkSource struct {
	Name  string // for people: the member's name
	Key   string // fingerprint of its key, proved in this session
	Grant cluster.Grant
	Nodes []zone.NodeID // ids under which the member itself writes dots
	// Replace says that the sender's link is write-only: what its own people wrote replaces what is served here.
	Replace bool
	// Overwrite does that for every key, once: the first synchronization of a write-only link, or on demand.
	Overwrite bool
	// TakeOthers says whether zones that only the member has are taken. Always true for a push.
	TakeOthers bool
}

// Incoming is one zone's changes with the sender's position of them.
type Incoming struct {
	Delta    zone.Delta
	Position uint64
}

// ReceiveResult says what became of an Incoming.
type ReceiveResult string

// Results of receiving.
const (
	Stored  ReceiveResult = "stored"  // joined and synced, or there already
	Need    ReceiveResult = "need"    // the delta starts beyond what is here: send more, from Outcome.Vector
	Refused ReceiveResult = "refused" // Outcome.Reason says why; offered again later
	Ignored ReceiveResult = "ignored" // not taken here by the link's role
)

// Outcome answers one Incoming, in the same order.
type Outcome struct {
	Zone     zone.Name
	Position uint64 // the sender's
	Result   ReceiveResult
	Reason   string
	Here     store.Position // position of the commit here; the live one if nothing was new
	New      bool           // this link brought something: it is the change's upstream
	Vector   zone.Vector    // of Need: what is here
}

// Receive joins what a member sent. Each zone is authorised and validated by itself; one zone's refusal holds no other
// back. The error is for what concerns the whole call (storage, context), then no outcome is valid.
func (c *Control) Receive(ctx context.Context, src LinkSource, in []Incoming) ([]Outcome, error) {
	return nil, errTodo
}
