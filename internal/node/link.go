package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// link is one link that this node works: a row of the member table, its policy, and the worker of its target.
type link struct {
	node   *Node
	row    control.Member
	policy cluster.Policy
	worker *deliver.Worker
	health *linkHealth
	cancel context.CancelFunc
	done   chan struct{}

	opened    chan struct{} // a token: the link has opened, and is to be compared
	overwrite overwrites    // zones that a repair is to replace there

	overwriting atomic.Bool // the first pass of a write-only link is not over
	pulling     atomic.Bool // the first pass over the member's feed is not over
	firstPush   atomic.Bool // a person asked for a first synchronization, and what goes there is not over
	firstPull   atomic.Bool // the same for what comes from there
}

func newLink(n *Node, row control.Member) *link {
	l := &link{node: n, row: row, policy: cluster.Resolve(row.Link()), done: make(chan struct{}), opened: make(chan struct{}, 1)}
	l.overwriting.Store(row.Overwrite)
	l.pulling.Store(row.PullOthers)
	l.firstPull.Store(row.PullAll)
	_, begun := n.store.Register("cursor/" + row.Target)
	l.firstPush.Store(row.PushFrom == 0 && !begun)
	start := row.PushFrom
	if l.policy.Send == cluster.SendNone {
		start = n.store.Synced() // nothing of the feed goes there
	}
	l.health = &linkHealth{link: l}
	l.worker = deliver.NewWorker(deliver.Options{
		ID: row.Target, Name: nameOf(row), Target: l, Feed: n.store, Tracker: n.tracker,
		Health: l.health, Accept: acceptOf(row), Start: start, Ready: l.pushed, Batch: n.World.Batch,
	})
	return l
}

// fits reports whether the link can go on as it is with a changed row.
func (l *link) fits(row control.Member) bool {
	a, b := l.row, row
	for _, m := range []*control.Member{&a, &b} {
		// What is learned of a member, and what its first passes have done, changes nothing in how it is worked.
		m.Health, m.Version, m.Software, m.DNSSEC, m.Address, m.PureNameserver = cluster.Health{}, "", "", "", "", false
		m.Overwrite, m.PullAll, m.PullOthers, m.Reverse, m.TrustToken, m.Name = false, false, false, false, "", ""
		m.Addresses, m.Reached, m.ReverseTrust = nil, "", false
	}
	return reflect.DeepEqual(a, b)
}

// acceptOf says which zones a member's link carries.
func acceptOf(row control.Member) func(zone.Name, store.Head) bool {
	sends := cluster.Resolve(row.Link()).Send != cluster.SendNone
	return func(_ zone.Name, h store.Head) bool { return sends && row.Scope.Includes(h.Owner) }
}

// pushed is called when the member has everything that there was when the link began.
func (l *link) pushed() {
	l.firstPush.Store(false)
	if !l.overwriting.Swap(false) {
		return
	}
	if err := l.node.control.FirstPassDone(context.Background(), l.row.Target, true, false); err != nil {
		l.node.log.Error("end of a first synchronization was not noted", "member", nameOf(l.row), "err", err)
	}
}

// linkTime bounds opening a link.
const linkTime = time.Minute

// Open connects, introduces, and starts taking what the member sends.
func (l *link) Open(ctx context.Context) (deliver.Session, error) {
	client, err := l.client(ctx)
	if err != nil {
		return nil, err
	}
	s, err := l.openWith(ctx, client)
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("member %s: %w", nameOf(l.row), err)
	}
	if err := l.health.hold(ctx, s); err != nil {
		s.Close() // the connection is over
		return nil, fmt.Errorf("member %s: %w", nameOf(l.row), err)
	}
	return s, nil
}

func (l *link) client(ctx context.Context) (*zonefleet.Client, error) {
	e, err := l.node.control.Endpoint(ctx, l.row)
	if err != nil {
		return nil, err
	}
	return l.node.clientOf(e, l.traceOf())
}

func (l *link) traceOf() func(wire.Transaction) {
	if !l.row.Debug {
		return nil
	}
	return l.node.trace.of(nameOf(l.row))
}

func (l *link) openWith(ctx context.Context, client *zonefleet.Client) (*linkSession, error) {
	ctx, cancel := context.WithTimeout(ctx, linkTime)
	defer cancel()
	found, err := client.Probe(ctx)
	l.keyShown(err)
	if err != nil {
		l.maybeRenew(ctx, err)
		return nil, err
	}
	facts := factsOf(found)
	l.node.edges.learn(found.Facts)
	if err := l.node.control.LinkOpened(ctx, l.row.Target, facts); err != nil {
		return nil, err
	}
	name, proof := linkName(l.row), newProof()
	in := &inbox{
		node: l.node, source: l.node.control.Source(l.row, facts), instance: found.Instance, link: name, target: l.row.Target,
		reports: newReporter(), behind: &behind{links: l.node.links, target: l.row.Target, fingerprint: l.row.Fingerprint},
		takeOthers: l.takeOthers, firstPass: l.firstPull.Load, caughtUp: make(chan struct{}, 1), worked: proof.give, log: l.node.log,
	}
	if err := l.node.links.remembers(l.row.Fingerprint, name, found.Instance); err != nil {
		return nil, err
	}
	in.highest.Store(l.node.heardOf(l.row.Fingerprint, found.Instance))
	hello := l.hello(found)
	session, err := client.Link(ctx, hello, in)
	if err != nil {
		return nil, err
	}
	l.node.settle.answered(l.row.Fingerprint, store.Position(session.Welcome.Stored))
	in.behind.greeted(session.Welcome.Behind)
	o := &opened{
		client: client, wire: session.Link, name: session.Welcome.Name, fingerprint: session.Fingerprint, instance: session.Welcome.Instance,
		at: found.Address.Addr().String(), fetches: l.policy.Send == cluster.SendNone, reports: in.reports, facts: facts, inbox: in, began: hello.Start, told: hello.Behind, behind: in.behind,
	}
	l.node.links.entered(name, o)
	l.health.instance = session.Welcome.Instance
	signal(l.opened)
	l.health.began = proof

	var reporting sync.WaitGroup
	reporting.Go(func() {
		select {
		case <-in.caughtUp:
			l.pulled()
		case <-session.Done():
		}
	})
	reporting.Go(func() { l.health.prove(proof, session.Done()) })
	reporting.Go(func() { in.reports.run(context.WithoutCancel(ctx), session.Link) })
	return &linkSession{
		link: session.Link, instance: session.Welcome.Instance, at: standsAt(session.Welcome.Stored, session.Welcome.Settled), reports: in.reports, mark: l.mark, meant: l.node.meantFor(session.Welcome.Facts, l.firstPush.Load), worked: proof.give, err: session.Err,
		close: func() error {
			err := session.Close()
			reporting.Wait()
			l.node.links.left(name, o)
			client.Close()
			return err
		},
	}, nil
}

// mark sets on an item how the member is to take it. The first pass replaces each zone once: two servers whose first passes
// met would otherwise go on replacing what the other has just replaced.
func (l *link) mark(item *wire.Item, again bool) {
	item.Replace = l.policy.Send == cluster.SendReplace
	item.Overwrite = item.Replace && (l.overwriting.Load() && !again || l.overwrite.take(item.Delta.Zone))
}

// takeOthers says whether a zone that only the member has is taken: always if the policy says so, and in the first pass
// if a person asked for it.
func (l *link) takeOthers(wire.Item) bool { return l.policy.TakeOthers || l.pulling.Load() }

// pulled is called when this node has everything that the member had when the link began.
func (l *link) pulled() {
	l.firstPull.Store(false)
	if !l.pulling.Swap(false) && !l.row.PullAll {
		return
	}
	if err := l.node.control.FirstPassDone(context.Background(), l.row.Target, false, true); err != nil {
		l.node.log.Error("end of a first synchronization was not noted", "member", nameOf(l.row), "err", err)
	}
}

// following is where this node began to follow a member's feed.
type following struct {
	Format   int
	Instance string
	Start    uint64
}

func (l *link) followingKey() string { return "follow/" + l.row.Target }

// followed is where following of the member's feed begins: at its start if a person asked for a first pass or it is another
// data folder than the one that was added, otherwise where it was then. A row of v0.1 does not say that: the place is kept
// in a register since.
func (l *link) followed(found zonefleet.Found) following {
	switch l.row.PullInstance {
	case "":
	case found.Instance:
		return following{Instance: found.Instance, Start: l.row.PullFrom}
	default:
		return following{Instance: found.Instance}
	}
	var f following
	if text, ok := l.node.store.Register(l.followingKey()); ok && json.Unmarshal(text, &f) == nil && f.Format == 1 {
		if f.Instance != found.Instance {
			f.Start = 0 // another data folder: all of it is new
		}
		return f
	}
	f = following{Format: 1, Instance: found.Instance, Start: found.Position}
	if l.row.PullAll {
		f.Start = 0
	}
	if text, err := json.Marshal(f); err == nil {
		l.node.store.SetRegister(l.followingKey(), text)
	}
	return f
}

func (l *link) hello(found zonefleet.Found) wire.Hello {
	h := wire.Hello{
		Facts: l.node.facts(), Push: l.policy.Send != cluster.SendNone, Replace: l.policy.Send == cluster.SendReplace,
		Follow: l.policy.Follow, Link: l.row.Target, Start: l.followed(found).Start,
		Cursor: wire.Cursor{
			Instance: found.Instance, Position: l.node.heardOf(l.row.Fingerprint, found.Instance),
			Settled: l.node.settledOf(linkName(l.row), l.row.Fingerprint, found.Instance),
		},
	}
	h.Behind = l.node.links.pathsFor(found.Name)
	return h
}

// clientOf makes a client for an endpoint. Root's members may be at any address, those of others where control says.
func (n *Node) clientOf(e control.Endpoint, trace func(wire.Transaction)) (*zonefleet.Client, error) {
	return zonefleet.New(zonefleet.Options{
		Address: net.JoinHostPort(e.Host, strconv.Itoa(e.Port)), Token: e.Token, Pin: e.Fingerprint, Identity: n.identity, Allow: e.Allow,
		Dial: n.World.Dial, Link: wire.Options{Budget: n.budget, Trace: trace},
	})
}
