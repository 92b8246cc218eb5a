package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// LinkSource is where changes come from: a member that pushes with a token of ours, or one whose feed we follow.
type LinkSource struct {
	Name  string // for people: the member's name
	Key   string // fingerprint of its key, proved in this session
	Grant cluster.Grant
	Token string        // id of our token that it pushes with; empty if we follow its feed
	Nodes []zone.NodeID // ids under which the member itself writes dots
	// Replace says that the sender's link is write-only: what its own people wrote replaces what is served here.
	Replace bool
	// Overwrite does that for every key, once: the first synchronization of a write-only link, or on demand.
	Overwrite bool
	// TakeOthers says whether zones that only the member has are taken. Always true for a push.
	TakeOthers bool
	// FirstPass says that this is the first synchronization, or a repair, that a person asked for: the brake does not count
	// it.
	FirstPass bool
}

// Incoming is one zone's changes with the sender's position of them.
type Incoming struct {
	Delta    zone.Delta
	Position uint64
	// Meant says that what it takes away was meant by a person, or released by one, where it comes from.
	Meant bool
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
	Behind   bool           // of Stored: the sender has not seen all that is here

	foreign bool
}

// The bounds of one call. The door bounds the octets.
const (
	maxIncoming     = 10_000
	receiveParallel = 256 // requests that wait together are synced together
)

// Receive joins what a member sent. Each zone is authorised and validated by itself; one zone's refusal holds no other
// back. The error is for what concerns the whole call (storage, context), then no outcome is valid: what was stored
// is found stored when it is sent again.
func (c *Control) Receive(ctx context.Context, src LinkSource, in []Incoming) ([]Outcome, error) {
	if err := c.answering(src.Key); err != nil {
		return nil, err
	}
	if len(in) > maxIncoming {
		return nil, fail(CodeTooLarge, src.Name, "more than %d zones in one message", maxIncoming)
	}
	if src.Replace || src.Overwrite || src.Grant.MayClaim { // then joins may lead to changes of this node's own
		if err := c.beforeWrite(ctx); err != nil {
			return nil, err
		}
	}
	out := make([]Outcome, len(in))
	t := c.takerFrom(src)
	g, all := errgroup.WithContext(ctx)
	g.SetLimit(receiveParallel)
	for i := range in {
		g.Go(func() (err error) {
			out[i], err = c.receiveZone(all, src, t, in[i])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, c.storeError(ctx, src.Name, err)
	}
	return out, c.reportForeign(ctx, src, out)
}

// answering says whether calls of the server with that key are answered: not while clustering is off here, nor while a
// person has disabled the link to it.
func (c *Control) answering(key string) error {
	if err := c.requireClustering(); err != nil {
		return err
	}
	rows, err := loadAll[Member](c.Store, kindMember)
	if err != nil {
		return err
	}
	for _, m := range rows {
		if key != "" && m.Fingerprint == key && !cluster.Permit(true, c.Health(m.Target).Current()).Answer {
			return fail(CodeClusteringOff, m.Label(), "the link is disabled here by hand").
				hint("run on %s: zonefleet member enable %s", c.Self.Name, m.Label())
		}
	}
	return nil
}

func (c *Control) receiveZone(ctx context.Context, src LinkSource, t taker, in Incoming) (Outcome, error) {
	o := Outcome{Zone: in.Delta.Zone, Position: in.Position}
	if err := checkDelta(in.Delta); err != nil {
		o.Result, o.Reason = Refused, "not valid: "+err.Error()
		return o, nil
	}
	h, err := c.Store.Head(o.Zone)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if !src.TakeOthers {
			o.Result = Ignored
			return o, nil
		}
	case err != nil:
		return o, fmt.Errorf("read zone %s: %w", textOf(o.Zone), err)
	default:
		o.Behind = !in.Delta.Vector.Includes(h.Vector) || in.Delta.Base < h.Base
		// An echo of what is here already is the most frequent message of all: it needs no turn in the committer.
		if h.Vector.Includes(in.Delta.Vector) && h.Base >= in.Delta.Base && !src.Replace {
			if known, err := c.knows(in.Delta, t); err != nil || known {
				o.Result, o.Here = Stored, h.Position
				return o, err
			}
		}
	}
	r := receiving{
		control: c, source: src, delta: in.Delta, outcome: o, merges: !in.Delta.Vector.Includes(h.Vector), meant: in.Meant, taker: t,
	}
	pos, err := c.commitBraked(ctx, o.Zone, t, r.commit)
	if errors.Is(err, errHold) {
		return c.holdJoin(ctx, r.standing, o)
	}
	if err != nil {
		return o, err
	}
	if pos != 0 {
		r.outcome.Here, r.outcome.New = pos, true
	}
	return r.outcome, nil
}

// knows says that joining the delta would change nothing, neither of the zone nor of what is held.
func (c *Control) knows(d zone.Delta, t taker) (bool, error) {
	if _, held, err := heldOf(c.Store, t.key, d.Zone); err != nil || held {
		return false, err
	}
	s, err := c.around(d)
	if err != nil {
		return false, fmt.Errorf("read zone %s: %w", textOf(d.Zone), err)
	}
	j, err := s.Join(d)
	return err == nil && !j.Changed && len(j.Clones) == 0, nil
}

// around reads as much of a zone as joining the delta looks at.
func (c *Control) around(d zone.Delta) (*zone.State, error) {
	if !d.Whole && len(d.Keys) <= maxWholeOwner {
		var owners []zone.Name
		for _, k := range d.Keys {
			if k.Key.Meta == "" { // all metadata is read anyway
				owners = append(owners, k.Key.Owner)
			}
		}
		slices.SortFunc(owners, zone.Name.Compare)
		s, err := c.Store.Partial(d.Zone, slices.Compact(owners)...)
		if err != nil || !mayBeClone(s, d) {
			return s, err
		}
	}
	s, _, err := c.Store.State(d.Zone)
	return s, err
}

// The bounds of what one zone may bring. A legitimate zone with a million records is within them.
const (
	maxNodes    = 10_000
	maxVersions = 1_000 // of one key
	maxKeys     = 5_000_000
)

// checkDelta refuses what no node's state can hold.
func checkDelta(d zone.Delta) error {
	if n, length, err := zone.NameFromWire([]byte(d.Zone)); err != nil || length != len(d.Zone) || n != d.Zone {
		return errors.New("the zone has no valid name")
	}
	if d.Zone == zone.Root {
		return errors.New("the root zone is not hosted")
	}
	if len(d.Vector) > maxNodes || len(d.Keys) > maxKeys {
		return errors.New("the state is larger than any zone")
	}
	for _, k := range d.Keys {
		if len(k.Versions) > maxVersions {
			return fmt.Errorf("%s %s has more than %d versions", k.Key.Owner.Text(), k.Key.Type, maxVersions)
		}
	}
	return d.Check()
}
