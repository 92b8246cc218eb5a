package node

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// links turns the member table into running links and knows who is connected. Run is its only goroutine beside the
// links' own, which it joins.
type links struct {
	node *Node
	wake chan struct{} // the member table, the switch of clustering or the threshold changed
	news chan struct{} // the topology changed

	mu        sync.Mutex
	table     []control.Member
	targets   map[string]string   // of rows, also of some that were removed a moment ago → the member's key
	running   map[string]*link    // by target
	open      map[string]*opened  // open wire links, by their name for the tracker
	replaced  []*opened           // links that may be open still, and whose name another has now
	behind    map[string][]string // paths of servers behind a target
	followers followers
	refusals  *refusals
	kept      feeds
}

// opened is one open wire link, whoever dialled.
type opened struct {
	client      *zonefleet.Client // nil if the other side dialled
	asker       asker             // over client
	wire        *wire.Link
	name        string // of the other server
	fingerprint string
	instance    string
	link        string // its name, set when it is listed
	at          string // the address of the other server, as far as it is known
	since       time.Time
	inbound     bool
	pushes      bool     // the other side dialled and sends its changes
	knowsMeant  bool     // the other side dialled and knows the mark of what a person meant
	fetches     bool     // this side dialled, only to follow
	told        []string // of the servers behind this one, by the greeting at first
	reports     *reporter
	facts       control.Facts // of the other server; zero if it dialled
	inbox       *inbox        // nil if it dialled
	behind      *behind       // what it tells of the servers behind the other side
	began       uint64        // after which position of its feed following began
}

func newLinks(n *Node) *links {
	return &links{
		node: n, wake: make(chan struct{}, 1), news: make(chan struct{}, 1),
		targets: map[string]string{}, running: map[string]*link{}, open: map[string]*opened{}, behind: map[string][]string{}, refusals: newRefusals(),
	}
}

// changed may be called by anybody and does not block.
func (ls *links) changed() { signal(ls.wake) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run keeps the links as the member table says until ctx ends.
func (ls *links) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	defer func() {
		ls.mu.Lock()
		defer ls.mu.Unlock()
		for _, l := range ls.running {
			l.cancel()
		}
	}()
	ls.followers.load(ls.node)
	group.Go(func() error {
		if err := ls.reconcile(ctx, group); err != nil {
			return err
		}
		ls.settle()
		return ls.watch(ctx, group)
	})
	group.Go(func() error { return ls.lookForTwins(ctx) })
	return group.Wait()
}

// watch follows changes of the table and of the topology.
func (ls *links) watch(ctx context.Context, group *errgroup.Group) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ls.wake:
			if err := ls.reconcile(ctx, group); err != nil {
				return err
			}
		case <-ls.news:
			ls.tell(ctx)
		}
	}
}

// reconcile starts, stops and wakes links so that they fit the member table.
func (ls *links) reconcile(ctx context.Context, group *errgroup.Group) error {
	rows, err := ls.node.control.WorkedLinks(ctx)
	if err != nil {
		return fmt.Errorf("read member table: %w", err)
	}
	if err := ls.node.control.NoteSent(ctx, rows); err != nil {
		ls.node.log.Error("whose zones go to which server was not noted: zones that a change leaves behind there will not be listed", "err", err)
	}
	on := ls.node.control.Clustering()
	wanted := map[string]control.Member{}
	ls.expect(rows)
	for _, row := range rows {
		works := row.Policy() != (cluster.Policy{}) // a reseller's entry may not hold
		if works && cluster.Permit(on, ls.node.control.Health(row.Target).Current()) != (cluster.Doing{}) {
			wanted[row.Target] = row
		}
	}
	ls.mu.Lock()
	var ended []*link
	for target, l := range ls.running {
		row, keep := wanted[target]
		if keep && l.fits(row) {
			l.worker.Wake()
			delete(wanted, target)
			continue
		}
		l.cancel()
		ended = append(ended, l)
		delete(ls.running, target)
	}
	ls.mu.Unlock()
	for _, l := range ended {
		<-l.done
	}
	ls.forget(rows)
	for target, row := range wanted {
		l := newLink(ls.node, row)
		ls.mu.Lock()
		ls.running[target] = l
		ls.mu.Unlock()
		running, cancel := context.WithCancel(ctx)
		l.cancel = cancel
		group.Go(func() error {
			defer close(l.done)
			defer cancel()
			var comparing sync.WaitGroup
			defer comparing.Wait()
			if !ls.node.World.Uncompared {
				comparing.Go(func() { l.compare(running) })
			}
			return l.worker.Run(running)
		})
	}
	ls.followers.reconcile(ctx, ls.node, rows)
	ls.hangUp(ctx, on)
	signal(ls.news)
	return nil
}

// expect takes the member table, and makes its rows targets that are waited for.
func (ls *links) expect(rows []control.Member) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.table = rows
	for _, row := range rows {
		ls.targets[row.Target] = row.Fingerprint
		ls.node.tracker.Expect(row.Target, nameOf(row), row.PushFrom, acceptOf(row))
	}
}

// forget drops the targets whose rows are gone; their links have ended.
func (ls *links) forget(rows []control.Member) {
	ls.mu.Lock()
	var gone []string
	for target := range ls.targets {
		if !slices.ContainsFunc(rows, func(r control.Member) bool { return r.Target == target }) {
			gone = append(gone, target)
			delete(ls.targets, target)
		}
	}
	ls.mu.Unlock()
	for _, target := range gone {
		ls.dropTarget(target)
		ls.node.store.DeleteRegister(settledKey(linkName(control.Member{Target: target})))
	}
}

// dropTarget forgets a target, and the servers that were behind it.
func (ls *links) dropTarget(target string) {
	ls.node.tracker.Forget(target)
	ls.node.store.DeleteRegister(settledKey(target))
	ls.setBehind(target, nil)
}

// expectTable does so before somebody waits: a member that was added a moment ago is one of those waited for, although its
// link is not there yet.
func (ls *links) expectTable(ctx context.Context) error {
	rows, err := ls.node.control.WorkedLinks(ctx)
	if err != nil {
		return fmt.Errorf("read member table: %w", err)
	}
	ls.expect(rows)
	return nil
}

// hangUp ends what members opened and may no longer hold.
func (ls *links) hangUp(ctx context.Context, on bool) {
	ls.mu.Lock()
	inbound := map[string]bool{}
	for _, o := range ls.open {
		if o.inbound {
			inbound[o.fingerprint] = true
		}
	}
	ls.mu.Unlock()
	for fingerprint := range inbound {
		why := wire.Reason("")
		switch {
		case !on:
			why = wire.ReasonOff
		case ls.disabledByHand(fingerprint):
			why = wire.ReasonDisabled
		}
		if why != "" {
			ls.node.hangUp(ctx, why, fingerprint)
		}
	}
	ls.node.hangUpRevoked(ctx)
}

// settle names the servers that get this node's changes, over their own links or this node's. One that was never delivered to
// counts too: a copy of the data folder may be older than that. What is not worked cannot answer.
func (ls *links) settle() {
	var keys, idle []string
	ls.mu.Lock()
	for _, row := range ls.table {
		if !ls.feedsLocked(row.Target) {
			continue
		}
		keys = append(keys, row.Fingerprint)
		if ls.running[row.Target] == nil {
			idle = append(idle, row.Fingerprint)
		}
	}
	ls.mu.Unlock()
	for _, f := range ls.followers.all() {
		keys = append(keys, f.Fingerprint)
	}
	ls.node.settle.begin(keys)
	for _, key := range idle {
		ls.node.settle.silent(key)
	}
}

func (ls *links) rows() []control.Member {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return slices.Clone(ls.table)
}

// feeds reports whether the target gets this node's changes: only a member's link may have a role that sends nothing.
func (ls *links) feeds(id string) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.feedsLocked(id)
}

func (ls *links) feedsLocked(id string) bool {
	for _, row := range ls.table {
		if row.Target == id {
			return cluster.Resolve(row.Link()).Send != cluster.SendNone
		}
	}
	return true
}

// counts reports whether a target says how far its server is. One that follows by itself a server that is fed anyway
// does not: it may have begun later.
func (ls *links) counts(t deliver.TargetStatus) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, row := range ls.table {
		feeds := cluster.Resolve(row.Link()).Send != cluster.SendNone
		if row.Target == t.ID {
			return feeds
		}
		if feeds && nameOf(row) == t.Name {
			return false
		}
	}
	return true
}

// disabledByHand reports whether a person switched off the member with that key.
func (ls *links) disabledByHand(fingerprint string) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, row := range ls.table {
		if row.Fingerprint == fingerprint && ls.node.control.Health(row.Target).Current() == cluster.DisabledByHand {
			return true
		}
	}
	return false
}

// calls reports whether the server with that key has a link to this node open.
func (ls *links) calls(fingerprint string) bool {
	return ls.anyOpen(func(o *opened) bool { return o.inbound && o.fingerprint == fingerprint })
}

// covered reports whether the server with that key and instance sends its changes over a link of its own: then fetching
// them too would bring everything twice. One that was never asked for its instance may be any.
func (ls *links) covered(fingerprint, instance string) bool {
	return ls.anyOpen(func(o *opened) bool {
		return o.pushes && o.fingerprint == fingerprint && (instance == "" || o.instance == instance)
	})
}

func (ls *links) isOpen(name string) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.open[name] != nil
}

func (ls *links) anyOpen(f func(*opened) bool) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, o := range ls.open {
		if f(o) {
			return true
		}
	}
	return false
}

// openTo finds the open link to that endpoint: a question goes over its connection at the price of a round trip.
func (ls *links) openTo(e control.Endpoint) (*opened, bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, row := range ls.table {
		if row.Host != e.Host || row.Port != e.Port || row.Fingerprint != e.Fingerprint {
			continue
		}
		if o := ls.open[linkName(row)]; o != nil && o.client != nil {
			return o, true
		}
	}
	return nil, false
}

// down says why the member at that endpoint did not answer the last time; empty if it did.
func (ls *links) down(e control.Endpoint) string {
	for _, row := range ls.rows() {
		if row.Host == e.Host && row.Port == e.Port && row.Fingerprint == e.Fingerprint {
			return ls.node.control.Health(row.Target).LastError
		}
	}
	return ""
}

// entered lists an open link, left removes it.
func (ls *links) entered(name string, o *opened) {
	ls.node.recorded.entered(o.fingerprint)
	ls.mu.Lock()
	o.link, o.since = name, time.Now()
	if before := ls.open[name]; before != nil {
		ls.replaced = append(ls.replaced, before)
	}
	ls.open[name] = o
	for _, other := range ls.open {
		if o.pushes && other.fetches && other.fingerprint == o.fingerprint && other.instance == o.instance {
			other.wire.Close() // what it brings comes anyway now
		}
	}
	for _, l := range ls.running {
		if o.inbound && l.row.Fingerprint == o.fingerprint {
			l.health.heard()
		}
	}
	ls.mu.Unlock()
	ls.refusals.opened(name, ls.askAgain)
	ls.askReleased(o)
	signal(ls.news)
}

func (ls *links) left(name string, o *opened) {
	ls.mu.Lock()
	last := ls.open[name] == o // no other has taken its name
	var others []*behind
	if last {
		delete(ls.open, name)
	}
	ls.replaced = slices.DeleteFunc(ls.replaced, func(other *opened) bool { return other == o })
	if o.pushes {
		for _, l := range ls.running {
			if l.row.Fingerprint == o.fingerprint {
				l.worker.Wake() // it may have to fetch now
			}
		}
	}
	for _, other := range ls.open {
		if other.fingerprint == o.fingerprint && other.behind != nil {
			others = append(others, other.behind)
		}
	}
	ls.mu.Unlock()
	for _, b := range others {
		b.spread()
	}
	ls.node.recorded.left(o.fingerprint)
	if last {
		ls.node.tracker.Unlink(name)
	}
}

// linkName names a row's link for the tracker.
func linkName(row control.Member) string { return "to/" + row.Target }

func nameOf(row control.Member) string {
	if row.Name != "" {
		return row.Name
	}
	return row.Host
}
