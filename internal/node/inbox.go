package node

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// inbox takes what a member sends over one link, whoever dialled: changes go to control, news to the tracker.
type inbox struct {
	node     *Node
	source   control.LinkSource
	instance string // of the sender
	link     string // names the link for the tracker
	target   string // delivery's target on the same link; "" if nothing is sent there
	reports  *reporter
	behind   *behind // the servers behind the sender
	// takeOthers says whether a zone that only the sender has is taken.
	takeOthers func(wire.Item) bool
	// firstPass, which may be nil, says whether the first synchronization that a person asked for is not over.
	firstPass func() bool
	// caughtUp, which may be nil, gets a token when everything has come that the sender had when the link began.
	caughtUp chan struct{}
	// worked, which may be nil, is called when the sender has brought something new.
	worked func()
	log    *slog.Logger

	highest atomic.Uint64 // of the sender's positions
	caught  atomic.Bool   // everything has come that the sender had when the link began
}

// mode is what control has to know of an item beside its content.
type mode struct{ replace, overwrite, takeOthers bool }

// Receive commits what came and answers each zone.
func (b *inbox) Receive(ctx context.Context, items []wire.Item) []wire.Outcome {
	groups := map[mode][]int{}
	for i, item := range items {
		m := mode{item.Replace, item.Overwrite, b.takeOthers(item)}
		groups[m] = append(groups[m], i)
	}
	answers := make([]wire.Outcome, len(items))
	for m, group := range groups {
		in := make([]control.Incoming, len(group))
		for k, i := range group {
			in[k] = control.Incoming{Delta: items[i].Delta, Position: items[i].Position, Meant: items[i].Meant}
		}
		source := b.source
		source.Replace, source.Overwrite, source.TakeOthers = m.replace, m.overwrite, m.takeOthers
		source.FirstPass = b.firstPass != nil && b.firstPass()
		outcomes, err := b.node.control.Receive(ctx, source, in)
		reason := ""
		if err != nil {
			reason = b.failed(ctx, err)
		}
		for k, i := range group {
			if err != nil {
				answers[i] = wire.Outcome{Result: wire.Failed, Reason: reason}
				continue
			}
			answers[i] = b.answer(outcomes[k])
		}
	}
	b.remember(items)
	return answers
}

// failed is what the sender may know of a failure here. It offers the zones again. That a link has ended meanwhile is no
// failure.
func (b *inbox) failed(ctx context.Context, err error) string {
	if ctx.Err() == nil {
		b.log.Error("changes of a member were not stored", "member", b.source.Name, "err", err)
	}
	if control.CodeOf(err) == control.CodeStorageFull {
		return "the disk there is full"
	}
	return "it could not be stored there"
}

// answer makes a commit known to the tracker and an outcome of it.
func (b *inbox) answer(o control.Outcome) wire.Outcome {
	switch o.Result {
	case control.Need:
		return wire.Outcome{Result: wire.Need, Vector: o.Vector}
	case control.Refused:
		b.refused(o)
		return wire.Outcome{Result: wire.Refused, Reason: o.Reason}
	case control.Ignored:
		b.passedBy(o)
		return wire.Outcome{Result: wire.Ignored}
	}
	b.node.links.refusals.taken(b.link, o.Zone)
	if o.New && b.worked != nil {
		b.worked()
	}
	if o.Behind {
		b.node.tracker.Lacks(b.target, o.Zone, o.Here)
	}
	z, theirs := o.Zone, o.Position
	b.node.tracker.Forward(deliver.Arrival{Zone: z, Position: o.Here, Link: b.link, Changed: o.New}, func(servers []string) {
		b.reports.tell(z, theirs, servers)
	})
	return wire.Outcome{Result: wire.Stored}
}

// refused remembers what was in the way of a zone. What was never here needs no memory: nothing here can change.
func (b *inbox) refused(o control.Outcome) {
	if cluster.IsHeld(o.Reason) {
		return // a person decides: nothing else that happens here does
	}
	if h, err := b.node.store.Head(o.Zone); err == nil {
		b.node.links.refusals.note(b.link, o.Zone, o.Position, standingOf(h))
	}
}

// passedBy remembers a zone that is not here, so that it is asked for when it is. If it came over another link in this very
// moment, nobody tells of that again.
func (b *inbox) passedBy(o control.Outcome) {
	b.node.links.refusals.pass(b.link, o.Zone, o.Position)
	b.node.zoneChanged(o.Zone)
}

// Reported passes on who serves what this node sent. A report that names nobody asks for a zone that was refused.
func (b *inbox) Reported(reports []wire.Report) {
	for _, r := range reports {
		if len(r.Servers) == 0 {
			b.node.askedFor(b.target, r.Zone)
			continue
		}
		b.node.tracker.Report(b.target, deliver.Report{Zone: r.Zone, Position: store.Position(r.Position), Servers: r.Servers})
	}
}

// CaughtUp says that the first pass is over.
func (b *inbox) CaughtUp() {
	b.caught.Store(true)
	signal(b.caughtUp)
}

// Topology notes who is behind the sender.
func (b *inbox) Topology(paths []string) { b.behind.told(paths) }

// Settled keeps up to where the sender's feed has come, all of it.
func (b *inbox) Settled(at uint64) { b.node.setSettled(b.link, b.instance, at) }

func (b *inbox) remember(items []wire.Item) {
	highest := b.highest.Load()
	for _, item := range items {
		highest = max(highest, item.Position)
	}
	if highest == b.highest.Load() {
		return
	}
	if b.highest.Load() == 0 { // from here on, what is not settled has not come
		b.node.setSettled(b.link, b.instance, 0)
	}
	b.highest.Store(highest)
	b.node.setHeard(b.source.Key, b.instance, highest)
}
