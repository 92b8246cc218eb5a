package node

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// linkHealth decides when a link is tried, as control and cluster say.
type linkHealth struct {
	link   *link
	rest   time.Duration // how long to leave the member alone that said "not now"
	called atomic.Bool

	instance string // of the member, when a link to it was last open
	began    *proof // of the session that the last attempt opened; nil if it opened none
}

// proof is whether a session has shown more of the member than its greeting.
type proof struct {
	once  sync.Once
	given chan struct{} // closed when the member has acknowledged a change or brought one, or has stayed for long enough
}

func newProof() *proof { return &proof{given: make(chan struct{})} }

// give may be called by anybody.
func (p *proof) give() { p.once.Do(func() { close(p.given) }) }

func (p *proof) isGiven() bool {
	select {
	case <-p.given:
		return true
	default:
		return false
	}
}

// wait waits for the proof. It reports false when the session or ctx ended before.
func (p *proof) wait(ctx context.Context, ended <-chan struct{}) bool {
	timer := time.NewTimer(cluster.ProvesAfter)
	defer timer.Stop()
	select {
	case <-p.given:
	case <-timer.C:
		p.give()
	case <-ended:
	case <-ctx.Done():
	}
	return p.isGiven()
}

// heard is called when the member itself opened a link to this node: then there is nothing left to wait for.
func (h *linkHealth) heard() {
	h.called.Store(true)
	h.link.worker.Wake()
}

// How long a member is left alone that said "not now", which is no failure. That clustering is off there, or this node
// disabled, does not change within seconds; who shuts down is often back within one.
const (
	notNow       = 5 * time.Second
	shuttingDown = time.Second
)

// Next is when the link is tried.
func (h *linkHealth) Next() (time.Duration, bool) {
	l := h.link
	if l.policy.Send == cluster.SendNone && l.node.links.covered(l.row.Fingerprint, h.instance) {
		return 0, false
	}
	health := l.node.control.Health(l.row.Target)
	wait, ok := health.NextTry(l.node.now(), l.node.World.Jitter())
	if !ok {
		return 0, false
	}
	if h.called.Swap(false) {
		return 0, true
	}
	return max(wait, h.rest), true
}

// Failed counts what is a failure of the connection.
func (h *linkHealth) Failed(err error) {
	l, count := h.link, h.link.node.control.LinkFailed
	if h.began != nil && !h.began.isGiven() {
		count = l.node.control.LinkBroke
	}
	h.began = nil
	if errors.Is(err, wire.ErrClosed) {
		return // this side ended it, because the member sends everything itself
	}
	l.node.settle.silent(l.row.Fingerprint)
	l.node.log.Info("link failed", "member", nameOf(l.row), "err", err)
	var bye *wire.ByeError
	switch {
	case errors.As(err, &bye) && bye.Reason == wire.ReasonShutdown:
		h.rest = shuttingDown
		return
	case !zonefleet.IsFailure(err):
		h.rest = min(h.rest+notNow, time.Minute)
		return
	}
	if _, err := count(context.Background(), l.row.Target, err); err != nil {
		l.node.log.Error("failure of a link was not counted", "member", nameOf(l.row), "err", err)
	}
}

// Succeeded reports whether something may be sent or followed now.
func (h *linkHealth) Succeeded() bool {
	h.rest = 0
	h.called.Store(false)
	l := h.link
	health := l.node.control.Health(l.row.Target)
	if !health.Broke || h.began.isGiven() {
		var err error
		if health, err = l.node.control.LinkWorked(context.Background(), l.row.Target); err != nil {
			l.node.log.Error("answer of a member was not noted", "member", nameOf(l.row), "err", err)
			return false
		}
	}
	doing := cluster.Permit(l.node.control.Clustering(), health.Current())
	return doing.Send || doing.Follow
}

// hold keeps the probe of a member that broke off the last time, before it is enabled, until it has proved itself: one that
// greets well each time would be enabled and disabled for ever.
func (h *linkHealth) hold(ctx context.Context, s *linkSession) error {
	health := h.link.node.control.Health(h.link.row.Target)
	if !health.Broke || health.Current() != cluster.DisabledFailures || h.began.wait(ctx, s.Done()) {
		return nil
	}
	return cmp.Or(s.Err(), ctx.Err())
}

// prove clears the failures of a member that broke off the last time, once it has proved itself.
func (h *linkHealth) prove(p *proof, ended <-chan struct{}) {
	l := h.link
	if !p.wait(context.Background(), ended) || !l.node.control.Health(l.row.Target).Broke {
		return
	}
	if _, err := l.node.control.LinkWorked(context.Background(), l.row.Target); err != nil {
		l.node.log.Error("answer of a member was not noted", "member", nameOf(l.row), "err", err)
	}
}
