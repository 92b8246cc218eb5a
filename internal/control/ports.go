package control

import (
	"context"
	"errors"
	"net/netip"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Expected answers of a remote server. Implementations of Members wrap them with what was said.
var (
	ErrUnreachable   = errors.New("no answer")
	ErrNotZoneFleet  = errors.New("what answers there is no ZoneFleet server")
	ErrTokenRefused  = errors.New("token not accepted")
	ErrNotAllowed    = errors.New("token is not allowed to cluster")
	ErrIncompatible  = errors.New("version not compatible")
	ErrPinChanged    = errors.New("server key is not the pinned one")
	ErrClusteringOff = errors.New("clustering is off there")
	ErrNoZone        = errors.New("no such zone there")
	ErrNotServed     = errors.New("the zone is not served there")
)

// Endpoint is how a remote server is reached and addressed. Its String hides the token.
type Endpoint struct {
	Host        string
	Port        int
	Addresses   []netip.Addr // to which Host resolved, for the checks of a new member
	Token       string
	Fingerprint string // pinned key; empty at first contact
	// Allow says which addresses may be dialled; nil allows all.
	Allow func(netip.Addr) error
}

// String is host and port only, so that an Endpoint can be logged.
func (e Endpoint) String() string { return hostPort(e.Host, e.Port) }

// Facts is what a remote server says of itself once both sides have proved the token.
type Facts struct {
	Name         string // its own name (FQDN)
	Fingerprint  string // key seen in the session in which the token was proved
	Instance     string // which data folder
	Nodes        []zone.NodeID
	Version      string
	Software     string // nameserver software
	Capabilities []string
	Profile      string
	Addresses    []string
	Reached      string // address by which it was reached
	Zones        int
	Clock        zone.Millis
	Position     uint64 // the last of its feed
	Clustering   bool
	Grant        cluster.Grant  // what our token may do there
	Edges        []cluster.Edge // links of the cluster that it knows of
}

// Members is the port for questions to remote servers. Calls are bounded by ctx. Errors wrap the sentinels above.
type Members interface {
	// Exists asks whether the member has the zone in any state, also what is left of a deleted one.
	Exists(ctx context.Context, e Endpoint, z zone.Name) (bool, error)
	// Probe makes first contact: proves the token, without giving it away, and returns what the server says of itself.
	Probe(ctx context.Context, e Endpoint) (Facts, error)
	// Visit makes first contact like Probe, and asks more over the same connection while f runs.
	Visit(ctx context.Context, e Endpoint, f func(Visited) error) error
	// Trust asks the member to add this node (reverse trust).
	Trust(ctx context.Context, e Endpoint, r TrustRequest) (TrustAnswer, error)
	// Forget asks the member to undo the trust; with leave also to remove whatever link it has to this node.
	Forget(ctx context.Context, e Endpoint, leave bool) error
	// Join asks for a place with the endpoint's token, which is a one-time code's; without one, by this node's key alone.
	Join(ctx context.Context, e Endpoint, r JoinCall) (JoinOffer, error)
	// ShownKey is the fingerprint of the key that answers at the endpoint, be it the pinned one or not. Nothing secret is said.
	ShownKey(ctx context.Context, e Endpoint) (string, error)
}

// Visited is a server that has proved the token; it is asked as far as the token lets.
type Visited interface {
	Facts() Facts
	Compare(ctx context.Context, q digest.Question) ([]digest.Part, error)
	Stand(ctx context.Context, names []zone.Name) ([]Standing, error)
}

// ServerReach is how far one server has come with a change.
type ServerReach struct {
	Name   string
	State  string // "served", "stored", "waiting", "refused"
	Reason string // of a refusal
	At     zone.Millis
}

// Reached is where a change has arrived.
type Reached struct {
	Servers []ServerReach
	Served  int
	Total   int
	Done    bool // all, or as many as were asked for
}

// LinkStatus is what delivery knows of one target.
type LinkStatus struct {
	Target     string // TargetID of the member, or another target's name
	Connected  bool
	Cursor     store.Position
	Waiting    int
	Oldest     zone.Millis // commit time of the oldest that waits, 0 if none
	Exceptions int         // zones that failed or were refused and are tried again
	Refused    int         // of them, refused
	Refusal    string      // of the first of them: which zone, and why
	Held       int         // of the exceptions, those that wait for a person's decision there
}

// Reach is the port to what delivery knows.
type Reach interface {
	// Wait blocks until n servers (0: all) serve zone z at pos or later, or ctx ends; then it returns what is known with
	// Done false and no error. An empty z means every zone up to pos.
	Wait(ctx context.Context, z zone.Name, pos store.Position, n int) (Reached, error)
	// Reached is how far a zone's change at pos has come, now.
	Reached(z zone.Name, pos store.Position) (Reached, error)
	Links() []LinkStatus
}

// Lookup resolves host names; *net.Resolver has it.
type Lookup interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}
