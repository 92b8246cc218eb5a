package control

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Identity is what this node is to others.
type Identity struct {
	Name        string // FQDN
	Fingerprint string // of its pinned key
	Version     string
	Software    string // nameserver software
	Signs       bool   // that software can do DNSSEC
	Advertise   string // host or address, with or without port, by which members reach it
	Port        int    // of the peer door, where Advertise names none
	Addresses   []netip.Addr
}

// Deps is what Control works with. Members, Reach and Lookup may be nil: then nothing is asked, waited for or resolved.
type Deps struct {
	Store   *store.Store
	Members Members
	Reach   Reach
	Lookup  Lookup
	// Comparing, which may be nil, asks members what they have: then nothing is compared.
	Comparing Comparing
	// Served, which may be nil, asks nameservers what they serve.
	Served Served
	// Nameservers, which may be nil, lists this server first and then the others that are known; Question asks one of them.
	Nameservers func(context.Context) []NameserverAt
	Question    Question
	Now         func() zone.Millis
	Self        Identity
	// MembersChanged is called after each commit that changed the member table, the clustering switch or the threshold.
	// It must not block or call back.
	MembersChanged func()
	// Delegations, which may be nil, is a resolver: then nobody looks where a new zone is delegated to.
	Delegations Delegations
	// Profile, which may be nil, says what this server is for; a reload may change it.
	Profile func() cluster.Profile
	// Edges, which may be nil, are the links of other servers, as far as those have stated them.
	Edges func() []cluster.Edge
	// BeforeWrite, which may be nil, is called before this node writes a change of its own to a zone. An error refuses it.
	BeforeWrite func(context.Context) error
	// Unreached, which may be nil, is what targets have not got: what changed after the position, and zones that they
	// refuse. Targets that have been silent for too long do not count. The position is 0 where there is nothing such.
	Unreached func() (store.Position, map[zone.Name]bool)
	// OfferAgain, which may be nil, asks the member with that key to offer a zone again, as of its position. It must not
	// block.
	OfferAgain func(fingerprint string, z zone.Name, position uint64)
	// Steps and Behind, which may be nil, are what delivery knows of zones: how many servers serve one as it is here, and
	// which zones some server does not, at most limit; more says that there may be others.
	Steps  func(store.Head) Steps
	Behind func(limit int) (zones []zone.Name, more bool)
	// BackupPlan, which may be nil, says when the next backup after the last ones is due.
	BackupPlan func(Backups) BackupPlan
	// Transactions, which may be nil, is the end of the cluster log, oldest first.
	Transactions func() ([]Transaction, error)
	// DoorLists, which may be nil, are the address lists that the configuration has.
	DoorLists func() Doors
	// Notifier, which may be nil, sends notifications: then nobody is told of anything.
	Notifier Notifier
	// Throttle is shared by all doors; nil: there is one for this Control alone.
	Throttle *auth.Throttle
	Logger   *slog.Logger
}

// Control holds the use cases. What it knows is in the store; the locks only make counting a link's failures, foreign
// writes, and what the brake counts, one step; what the last comparisons found is made anew after a restart.
type Control struct {
	Deps

	healthMu  sync.Mutex
	foreignMu sync.Mutex
	brakes    brakes
	drift     driftTable
	syncs     syncJobs
	counted   atomic.Pointer[zoneCount]
	work      work
	hasher    *auth.Hasher
	joining   sync.Mutex // one join at a time: a second use of the code ends the token that the first has just got

	codes      sync.Mutex // held while a code of an authenticator is tried
	beginning  sync.Mutex // held while a life of a zone begins that is not root's doing
	delegating pool       // looks at delegations that are under way
}

// New returns a Control over d; it has no side effect.
func New(d Deps) *Control {
	if d.MembersChanged == nil {
		d.MembersChanged = func() {}
	}
	if d.OfferAgain == nil {
		d.OfferAgain = func(string, zone.Name, uint64) {}
	}
	if d.Throttle == nil {
		d.Throttle = auth.NewThrottle()
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return &Control{Deps: d, work: newWork(), hasher: auth.NewHasher(), delegating: make(pool, delegationsOnce)}
}

// author is who is written into versions and history.
func (c *Control) author(p acl.Principal) string { return p.Account() + "@" + c.Self.Name }

// home is what the zones made here carry as their home node: the name and the pinned key, never the dot-writing id.
func (c *Control) home() string { return c.Self.Name + " " + c.Self.Fingerprint }
