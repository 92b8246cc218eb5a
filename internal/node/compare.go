package node

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/served"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// comparing asks members what they have, over their open links.
type comparing struct{ node *Node }

var errNotOpen = errors.New("no link to it is open")

// peer is the open link of a row; the other side must not have dialled, because then there is nobody to ask.
func (c comparing) peer(target string) (*link, *opened, bool) {
	ls := c.node.links
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l := ls.running[target]
	if l == nil {
		return nil, nil, false
	}
	o := ls.open[linkName(l.row)]
	return l, o, o != nil && o.client != nil
}

func (c comparing) Peer(target string) (control.Facts, bool) {
	_, o, ok := c.peer(target)
	if !ok {
		return control.Facts{}, false
	}
	return o.facts, true
}

func (c comparing) Compare(ctx context.Context, target string, q digest.Question) (parts []digest.Part, err error) {
	err = c.with(target, func(client *zonefleet.Client) error {
		parts, err = client.Compare(ctx, q)
		return err
	})
	return parts, err
}

func (c comparing) Stand(ctx context.Context, target string, names []zone.Name) (list []control.Standing, err error) {
	err = c.with(target, func(client *zonefleet.Client) error {
		list, err = standings(client.Stand(ctx, names))
		return err
	})
	return list, err
}

func (c comparing) Exists(ctx context.Context, target string, names []zone.Name) (there []zone.Name, err error) {
	err = c.with(target, func(client *zonefleet.Client) error {
		there, err = client.Exists(ctx, names)
		return err
	})
	return there, err
}

// standings puts what a client was answered into control's words.
func standings(list []wire.Standing, err error) ([]control.Standing, error) {
	out := make([]control.Standing, 0, len(list))
	for _, s := range list {
		out = append(out, control.Standing(s))
	}
	return out, err
}

func (c comparing) Fetch(ctx context.Context, target string, z zone.Name) (in control.Incoming, err error) {
	err = c.with(target, func(client *zonefleet.Client) error {
		item, err := client.Fetch(ctx, z)
		in = control.Incoming{Delta: item.Delta, Position: item.Position, Meant: item.Meant}
		if errors.Is(err, zonefleet.ErrNotFound) {
			return fmt.Errorf("%w: %w", control.ErrNoZone, err)
		}
		return err
	})
	return in, err
}

func (c comparing) with(target string, f func(*zonefleet.Client) error) error {
	_, o, ok := c.peer(target)
	if !ok {
		return fmt.Errorf("%w: %w", control.ErrUnreachable, errNotOpen)
	}
	return said(f(o.client))
}

func (c comparing) Sent(target string, z zone.Name, at store.Position) (cluster.Passage, string) {
	h, err := c.node.store.Head(z)
	if err != nil {
		return cluster.Waits, ""
	}
	switch w := c.node.tracker.Way(target, z, at, h); {
	case w.Refused:
		return cluster.NotTaken, w.Reason
	case w.Awaiting && w.Carried:
		return cluster.Waits, "" // also if it was made before the link: a person asked for it
	case w.Before, !w.Carried:
		return cluster.BeforeLink, ""
	case w.Settled && !w.Awaiting:
		return cluster.Passed, ""
	}
	return cluster.Waits, ""
}

func (c comparing) Came(target string, z zone.Name, theirs uint64) cluster.Passage {
	l, o, ok := c.peer(target)
	switch {
	case !ok:
		return cluster.Waits
	case c.node.links.refusals.refuses(linkName(l.row), z):
		return cluster.NotTaken
	case theirs <= o.began:
		return cluster.BeforeLink
	case o.inbox.caught.Load() && theirs <= o.inbox.highest.Load():
		return cluster.Passed
	}
	return cluster.Waits
}

func (c comparing) Resend(target string, overwrite bool, zones []zone.Name) {
	l, _, ok := c.peer(target)
	if !ok {
		return
	}
	if overwrite {
		l.overwrite.add(zones)
	}
	c.node.tracker.Resend(target, zones)
}

// overwrites are the zones that a repair is to replace at a write-only member, each once. There are as many as a repair
// brings at once.
type overwrites struct {
	mu    sync.Mutex
	zones map[zone.Name]bool
}

func (o *overwrites) add(zones []zone.Name) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.zones == nil {
		o.zones = map[zone.Name]bool{}
	}
	for _, z := range zones {
		o.zones[z] = true
	}
}

func (o *overwrites) take(z zone.Name) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	wanted := o.zones[z]
	delete(o.zones, z)
	return wanted
}

// When a link is compared: soon after it opened, when it has caught up, and then every so often (an hour, unless a
// setting says otherwise) give or take a tenth, so that a thousand servers do not ask one at the same moment.
const (
	compareLook     = 30 * time.Second // how often it is looked whether a comparison is due
	compareJitter   = 0.1
	caughtUpLook    = 500 * time.Millisecond
	caughtUpMost    = 15 * time.Minute // a link that takes longer is compared all the same: what is on its way is left out
	afterCaughtUp   = time.Second
	compareDeadline = 10 * time.Minute // of one comparison
)

// compare compares the link until ctx ends.
func (l *link) compare(ctx context.Context) {
	tick := time.NewTicker(compareLook)
	defer tick.Stop()
	var last time.Time
	stretch := 1 + compareJitter*(2*rand.Float64()-1)
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.opened:
			if !l.caughtUp(ctx) {
				continue
			}
		case <-tick.C:
			every := l.compareEvery(ctx)
			if every == 0 || time.Since(last) < time.Duration(float64(every)*stretch) {
				continue
			}
		}
		if _, open := (comparing{l.node}).Peer(l.row.Target); !open {
			continue
		}
		last, stretch = time.Now(), 1+compareJitter*(2*rand.Float64()-1)
		l.compareNow(ctx)
	}
}

func (l *link) compareNow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, compareDeadline)
	defer cancel()
	found, err := l.node.control.CompareTarget(ctx, l.row.Target)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		l.node.log.Error("what a comparison found was not noted", "member", nameOf(l.row), "err", err)
	case found.Failed != "":
		l.node.log.Info("not compared", "member", nameOf(l.row), "why", found.Failed)
	default:
		l.node.log.Debug("compared", "member", nameOf(l.row), "rounds", found.Rounds, "differ", found.Drifted(), "healed", found.Healed)
	}
}

// compareEvery is how often the link is compared by the clock, 0 for never.
func (l *link) compareEvery(ctx context.Context) time.Duration {
	s, err := l.node.control.Comparisons(ctx, acl.Node())
	if err != nil || s.Off {
		return 0
	}
	return s.Every
}

// caughtUp waits until what there was when the link opened has gone, and has come.
func (l *link) caughtUp(ctx context.Context) bool {
	head := l.node.store.Synced()
	until := time.Now().Add(caughtUpMost)
	for time.Now().Before(until) {
		_, o, open := (comparing{l.node}).peer(l.row.Target)
		if !open {
			return false // the next time that it opens
		}
		sent := l.policy.Send == cluster.SendNone || l.node.tracker.HasAll(l.row.Target, head)
		came := !l.policy.Follow || o.inbox.caught.Load()
		if sent && came {
			return pause(ctx, afterCaughtUp)
		}
		if !pause(ctx, caughtUpLook) {
			return false
		}
	}
	return ctx.Err() == nil
}

// pause reports whether the time passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// servedAt asks a nameserver for a zone, in control's words.
func servedAt(ctx context.Context, at netip.AddrPort, z zone.Name, want []zone.RRset) (control.ServedContent, error) {
	f, err := served.Ask(ctx, at, z, want)
	if errors.Is(err, served.ErrNotServed) {
		err = fmt.Errorf("%w: %w", control.ErrNotServed, err)
	}
	return control.ServedContent(f), err
}

// question asks a nameserver one question, in control's words.
func question(ctx context.Context, at netip.AddrPort, name zone.Name, t zone.Type, tcp bool) (control.Answer, error) {
	a, err := served.Question(ctx, at, name, t, tcp)
	out := control.Answer{Rcode: a.Rcode, Authoritative: a.Authoritative}
	for _, r := range a.Records {
		out.Records = append(out.Records, control.AnswerRecord{Name: r.Name, TTL: r.TTL, Type: r.Type, Data: r.Data})
	}
	return out, err
}
