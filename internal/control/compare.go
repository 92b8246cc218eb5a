package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Comparison is what comparing with one member found.
type Comparison struct {
	Target string
	Member string // for people
	Role   cluster.Role
	At     zone.Millis // when it ended; 0 if it never did
	Took   time.Duration
	Rounds int    // questions and answers to find what differs
	Failed string // why the last attempt found nothing; what follows is then of the one before
	Zones  []ZoneDrift
	More   int // zones that differ and are not named
	Moving int // zones that changed while they were looked at: they are left to the next comparison
	// Healed counts zones in which a side had lost what it had acknowledged, and has it again.
	Healed int
	// OnlyHere and OnlyThere name some of the zones that only one side has, as the role leaves them; the counts are of all.
	OnlyHere, OnlyThere   []zone.Name
	CountHere, CountThere int
	// Left names some of the zones that the member has of this server, and that no link carries to it any more; CountLeft is
	// of all that were asked for. LeftUnasked says that there were too many to ask for all.
	Left        []zone.Name
	CountLeft   int
	LeftUnasked bool
	// Served is how many zones the member's nameserver was asked for, over DNS.
	Served int

	servedTo string // where asking goes on the next time
}

// Drifted is how many zones a person should look at.
func (c Comparison) Drifted() int { return len(c.Zones) + c.More }

// ZoneDrift is one zone that differs.
type ZoneDrift struct {
	Zone  zone.Name
	Owner string // here, of the life that answers; else empty
	cluster.Drift
	Note    string       // what became of repairing it by itself
	Ways    []Way        // of a damaged zone: what a person can choose from
	Records []Difference // Before is what is served here, After what is served there
	Further int          // RRsets that differ and are not in Records
}

// The bounds of one comparison. What is beyond them is counted, and found by the next one when these are settled.
const (
	maxCandidates = 10_000 // zones looked at, of each kind
	maxNamed      = 1000   // zones kept by name
	maxOneSided   = 100    // zones kept by name that only one side has
	maxLooks      = 5
	firstLook     = 500 * time.Millisecond // between the first two looks; doubling
)

// CompareAll compares with one member, or with all if none is named, one after the other, and brings again what one side
// had acknowledged and lost. It waits until zones that change meanwhile stand still, some seconds at most: what differs
// only because it is on its way is no drift.
func (c *Control) CompareAll(ctx context.Context, p acl.Principal, r CompareRequest) ([]Comparison, error) {
	if err := allow(p, acl.ManageMembers, mine(p, r.Member)); err != nil {
		return nil, err
	}
	members, err := c.driftMembers(ctx, p, r.Member)
	if err != nil {
		return nil, err
	}
	list := make([]Comparison, len(members))
	for i, m := range members {
		if list[i], err = c.compareWith(ctx, m, r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// CompareRequest says what is compared.
type CompareRequest struct {
	Member string // empty: all
	// Served also asks the member's nameserver over DNS: for the zone, else for the next thousand.
	Served bool
	Zone   zone.Name
}

// CompareTarget compares with the member of a target, for node's schedule.
func (c *Control) CompareTarget(ctx context.Context, target string) (Comparison, error) {
	m, found, err := c.link(c.Store, target)
	if err != nil || !found {
		return Comparison{}, err
	}
	return c.compareWith(ctx, m, CompareRequest{})
}

func (c *Control) compareWith(ctx context.Context, m Member, r CompareRequest) (Comparison, error) {
	unlock := c.drift.lock(m.Target)
	defer unlock()
	before := c.drift.get(m.Target)
	k, err := c.startComparing(m)
	if err == nil {
		err = k.run(ctx, before, r)
	}
	if err != nil {
		before.Target, before.Member, before.Role, before.Failed = m.Target, m.Label(), m.Role, plainly(err)
		c.drift.put(before)
		return before, nil
	}
	c.drift.put(k.result)
	return k.result, c.tellDrift(ctx, before, k.result)
}

// plainly is an error for people who know what was tried.
func plainly(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}

// comparing is one comparison on its way.
type comparing struct {
	*Control
	member Member
	policy cluster.Policy
	peer   Facts
	grant  cluster.Grant // of this node there
	asked  bool          // a person was shown what is repaired: the brake does not count it
	by     digest.By
	result Comparison
	began  zone.Millis
	// here and there are the zones that seemed to be at one side only and are looked at; what is left of them at the end
	// was not.
	here, there map[zone.Name]bool
}

func (c *Control) startComparing(m Member) (*comparing, error) {
	m, err := c.workedNow(m)
	if err != nil {
		return nil, err
	}
	k := &comparing{Control: c, member: m, policy: m.Policy(), began: c.Now(), here: map[zone.Name]bool{}, there: map[zone.Name]bool{}}
	if c.Comparing == nil {
		return nil, fail(CodeUnavailable, m.Label(), "nothing can be compared here")
	}
	var open bool
	if k.peer, open = c.Comparing.Peer(m.Target); !open {
		return nil, fail(CodeUnavailable, m.Label(), "no link to it is open")
	}
	if !slices.Contains(k.peer.Capabilities, canCompare) {
		return nil, fail(CodeUnavailable, m.Label(), "its release cannot compare").hint("upgrade %s", m.Label())
	}
	if k.policy.Compares().Content {
		k.by = digest.Content
	}
	k.grant = k.peer.Grant
	k.grant.Holder = c.home()
	k.result = Comparison{Target: m.Target, Member: m.Label(), Role: m.Role}
	return k, nil
}

func (k *comparing) run(ctx context.Context, before Comparison, r CompareRequest) error {
	candidates, err := k.walk(ctx)
	if err != nil {
		return err
	}
	drifts, moving, err := k.look(ctx, candidates)
	if err != nil {
		return err
	}
	if drifts, err = k.bringAgain(ctx, drifts); err != nil {
		return err
	}
	k.result.Moving += moving
	k.countOneSided()
	if len(drifts) > maxNamed {
		k.result.More += len(drifts) - maxNamed
		drifts = drifts[:maxNamed]
	}
	k.describe(ctx, drifts)
	k.result.Zones = drifts
	if err := k.leftBehind(ctx); err != nil {
		k.result.Failed = "it was not asked which zones that are not sent any more it has: " + plainly(err)
	}
	if err := k.runServed(ctx, before, r); err != nil {
		k.result.Failed = "its nameserver was not asked: " + plainly(err)
	}
	k.result.At = k.Now()
	k.result.Took = time.Duration(k.result.At-k.began) * time.Millisecond
	return nil
}

// walk finds the zones that may differ.
func (k *comparing) walk(ctx context.Context) (candidates []zone.Name, err error) {
	owners := k.member.Scope.Owners
	wants := k.policy.Compares()
	found, err := digest.Walk(
		seen{ctx, k.Store, carries(k.member.Scope, k.sees(k.grant, owners))}, k.by, owners,
		digest.Wanted{OnlyHere: wants.OnlyHere, OnlyThere: wants.OnlyThere, Names: maxCandidates},
		func(q digest.Question) ([]digest.Part, error) {
			parts, err := k.Comparing.Compare(ctx, k.member.Target, q)
			return carried(k.member.Scope, parts, err)
		},
	)
	if err != nil {
		return nil, err
	}
	k.result.Rounds = found.Rounds
	set := map[zone.Name]bool{}
	for _, z := range found.Differ {
		set[z] = true
	}
	// Of a zone that has another home on each side, both seem to have one that the other lacks.
	there := map[zone.Name]bool{}
	for _, z := range found.OnlyThere {
		there[z] = true
	}
	for _, z := range found.OnlyHere {
		if there[z] {
			set[z] = true
			found.Here, found.There = found.Here-1, found.There-1
		}
	}
	if wants.ListHere {
		k.result.CountHere = found.Here
	}
	if wants.ListThere {
		k.result.CountThere = found.There
	}
	for _, z := range found.OnlyHere {
		if err := k.oneSided(z, set, k.here); err != nil {
			return nil, err
		}
	}
	for _, z := range found.OnlyThere {
		if err := k.oneSided(z, set, k.there); err != nil {
			return nil, err
		}
	}
	for z := range set {
		candidates = append(candidates, z)
	}
	slices.Sort(candidates)
	return candidates, nil
}

// oneSided makes a zone that seems to be at one side only a candidate, unless the link leaves it alone whatever the other
// side has.
func (k *comparing) oneSided(z zone.Name, candidates, side map[zone.Name]bool) error {
	if candidates[z] {
		return nil
	}
	h, err := k.Store.Head(z)
	switch {
	case errors.Is(err, store.ErrNotFound) && k.policy.TakeOthers:
		candidates[z], side[z] = true, true
	case errors.Is(err, store.ErrNotFound):
		if k.policy.Compares().ListThere {
			k.result.OnlyThere = named(k.result.OnlyThere, z)
		}
	case err != nil:
		return err
	default:
		way, _ := k.Comparing.Sent(k.member.Target, z, h.Position)
		if list := k.policy.Compares().ListHere; list && way == cluster.BeforeLink {
			k.result.OnlyHere = named(k.result.OnlyHere, z)
		} else {
			candidates[z], side[z] = true, true
		}
	}
	return nil
}

// countOneSided takes those out of the counts that turned out to be at both sides, or on their way. Where the names did not
// suffice and some were on their way, so is the rest.
func (k *comparing) countOneSided() {
	if k.result.CountHere > 0 {
		k.result.CountHere -= len(k.here)
	}
	if k.result.CountThere > 0 {
		k.result.CountThere -= len(k.there)
	}
	if rest := k.result.CountHere - len(k.result.OnlyHere); len(k.here) >= maxCandidates && k.result.Moving > 0 {
		k.result.CountHere, k.result.Moving = len(k.result.OnlyHere), k.result.Moving+rest
	}
}

func named(list []zone.Name, z zone.Name) []zone.Name {
	if len(list) < maxOneSided && !slices.Contains(list, z) {
		list = append(list, z)
	}
	return list
}

// look asks again and again for the zones that differ, until each has stood still at both sides from one look to the
// next: what was only on its way is equal then. What still moves after the last look is counted as moving.
func (k *comparing) look(ctx context.Context, zones []zone.Name) (drifts []ZoneDrift, moving int, err error) {
	last := map[zone.Name]ends{}
	pause := firstLook
	for n := 0; n < maxLooks && len(zones) > 0; n++ {
		if n > 0 {
			if err := sleep(ctx, pause); err != nil {
				return nil, 0, err
			}
			pause *= 2
		}
		now, err := k.ask(ctx, zones)
		if err != nil {
			return nil, 0, err
		}
		var open []zone.Name
		for _, z := range zones {
			e := now[z]
			d := k.policy.Drift(e.Ends)
			was, seen := last[z]
			switch {
			case d.Kind == cluster.NoDrift && !e.moved:
			case d.Kind == cluster.OnItsWay, !seen, !was.same(e):
				open = append(open, z)
			default:
				k.settle(&drifts, ZoneDrift{Zone: z, Owner: e.owner, Drift: d, Note: e.refusal, Ways: k.ways(z, d, e)})
			}
		}
		zones, last = open, now
	}
	return drifts, len(zones), nil
}

// settle sorts what stood still.
func (k *comparing) settle(drifts *[]ZoneDrift, d ZoneDrift) {
	switch d.Kind {
	case cluster.OnlyHere:
		delete(k.here, d.Zone)
		k.result.OnlyHere = named(k.result.OnlyHere, d.Zone)
	case cluster.OnlyThere:
		delete(k.there, d.Zone)
		if k.policy.Compares().ListThere {
			k.result.OnlyThere = named(k.result.OnlyThere, d.Zone)
		}
	case cluster.Refused: // the status says so already
	default:
		*drifts = append(*drifts, d)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ends is what both ends have of a zone at one look.
type ends struct {
	cluster.Ends
	owner        string
	refusal      string
	moved        bool     // it changed here during the look
	ours, theirs zone.Sum // of the states
}

// same reports whether nothing happened from one look to the other.
func (e ends) same(f ends) bool {
	return !e.moved && !f.moved && e.Ends == f.Ends && e.ours == f.ours && e.theirs == f.theirs
}

// ask looks at zones at both ends.
func (k *comparing) ask(ctx context.Context, zones []zone.Name) (map[zone.Name]ends, error) {
	all := make(map[zone.Name]ends, len(zones))
	for part := range slices.Chunk(zones, maxStand) {
		if err := k.askSome(ctx, part, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// askSome asks the member between two looks at what is here, so that nothing that arrives meanwhile, at either side, seems
// to be missing: what had gone before the question must be in the answer, and what has come before the second look in it.
func (k *comparing) askSome(ctx context.Context, zones []zone.Name, all map[zone.Name]ends) error {
	before := make([]ends, len(zones))
	heads := make([]store.Head, len(zones))
	for i, z := range zones {
		h, err := k.head(z)
		if err != nil {
			return err
		}
		heads[i], before[i].Here = h, h.Position != 0
		if before[i].Here {
			before[i].Ours, before[i].refusal = k.Comparing.Sent(k.member.Target, z, h.Position)
		}
	}
	list, err := k.Comparing.Stand(ctx, k.member.Target, zones)
	if err != nil {
		return err
	}
	theirs := make(map[zone.Name]Standing, len(list))
	for _, s := range list {
		theirs[s.Zone] = s
	}
	for i, z := range zones {
		e := before[i]
		s, there := theirs[z]
		if there {
			e.Theirs = k.Comparing.Came(k.member.Target, z, s.Position)
		}
		h, err := k.head(z)
		if err != nil {
			return err
		}
		e.moved = h.Position != heads[i].Position
		all[z] = e.with(h, s, there)
	}
	return nil
}

// head is the zone's head, an empty one if it was never heard of.
func (k *comparing) head(z zone.Name) (store.Head, error) {
	h, err := k.Store.Head(z)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Head{}, fmt.Errorf("read zone %s: %w", z.Text(), err)
	}
	return h, nil
}

func (e ends) with(h store.Head, theirs Standing, there bool) ends {
	ours := standingOf(h)
	e.ours, e.theirs, e.There = ours.State, theirs.State, there
	if h.Live {
		e.owner = h.Owner
	}
	if e.Here && e.There {
		e.SameState, e.SameContent = ours.State == theirs.State, ours.Content == theirs.Content
		e.LacksHere = !ours.Vector.Includes(theirs.Vector) || ours.Base < theirs.Base
		e.LacksThere = !theirs.Vector.Includes(ours.Vector) || theirs.Base < ours.Base
	}
	return e
}
