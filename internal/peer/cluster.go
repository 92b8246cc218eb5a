package peer

import (
	"context"
	"net/netip"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Caller is who a request proved to come from.
type Caller struct {
	TokenID     string
	Fingerprint string         // of the caller's node key, which it holds
	Address     netip.AddrPort // from which it calls
	// Session is what both ends can make secrets of. Only calls of Join have it.
	Session wire.Session
}

// Cluster is what the door needs from the node. Its methods are called concurrently.
type Cluster interface {
	// Secret returns the hash of a token that is valid for a caller from that address. Any error is answered like a
	// wrong proof.
	Secret(ctx context.Context, tokenID string, from netip.Addr) (wire.TokenHash, error)
	// Admit is called once per request, after the proof. At the first use of a token it pins the caller's key to it;
	// a token that belongs to another key is a Problem with CodeToken.
	Admit(ctx context.Context, c Caller) (Answers, error)
}

// Answers is what this node answers to one caller: it knows the caller's rights, and checks them. Errors that are a
// *wire.Problem go to the caller as they are (CodeOff, CodeDisabled, CodeForbidden, CodeNotFound, CodeRefused); of
// others it learns nothing but an internal error, and they are logged.
type Answers interface {
	// Introduce answers also while clustering is disabled.
	Introduce(ctx context.Context) (wire.Introduction, error)
	// Exists returns those of the names of which this node has any state.
	Exists(ctx context.Context, names []zone.Name) ([]zone.Name, error)
	// Compare answers about the zones that the caller may read.
	Compare(ctx context.Context, q digest.Question) ([]digest.Part, error)
	// Stand leaves out names that this node does not have or the caller may not read.
	Stand(ctx context.Context, names []zone.Name) ([]wire.Standing, error)
	// Fetch returns a whole state.
	Fetch(ctx context.Context, z zone.Name) (wire.Item, error)
	Trust(ctx context.Context, r wire.TrustRequest, c Caller) (wire.TrustAnswer, error)
	Untrust(ctx context.Context, r wire.UntrustRequest) error
	Leave(ctx context.Context, r wire.LeaveRequest) (wire.LeaveAnswer, error)
	// Join gives a new server its place.
	Join(ctx context.Context, r wire.JoinRequest, c Caller) (wire.JoinAnswer, error)
	// Open takes part in a link, or refuses it.
	Open(ctx context.Context, h wire.Hello) (Reception, error)
}

// Reception is how this node takes part in one link that a member opened.
type Reception struct {
	Welcome  wire.Welcome // without Protocol
	Receiver wire.Receiver
	// Attend works on the link from its start, for example delivers this node's feed to a follower, and returns when
	// ctx ends, which it does with the link. nil if there is nothing to do.
	Attend func(ctx context.Context, l *wire.Link)
	// Trace is the debug log; nil for none.
	Trace func(wire.Transaction)
}
