package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
)

// run is a worker's work of one session: one loop owns it. It takes work in this order: the tail, what is to be
// offered again, the backlog. One batch is under way at a time, so a zone never has two jobs, and an edit waits for at
// most one batch of the backlog.
type run struct {
	*Worker
	session Session
	p       *progress
	saved   saved
	told    store.Position // to the session, as settled
	tail    chan []store.FeedItem
	held    []store.FeedItem // of the tail, when the list of exceptions has no room
	blocked time.Time        // until when the lanes wait for room in it
}

// errLost says that the session ended without an error of its own.
var errLost = errors.New("connection lost")

const (
	// settleEvery is how often the served cursor is saved while reports come in and nothing is delivered.
	settleEvery = time.Second
	// roomEvery is how often it is tried again whether the list of exceptions has room.
	roomEvery = time.Minute
)

func (r *run) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	r.tail = make(chan []store.FeedItem)
	var helpers sync.WaitGroup
	helpers.Go(func() {
		if err := r.follow(ctx); err != nil {
			cancel(err)
		}
	})
	helpers.Go(func() {
		select {
		case <-r.session.Done():
			cancel(r.lost())
		case <-ctx.Done():
		}
	})
	err := r.loop(ctx)
	cancel(nil)
	helpers.Wait()
	return err
}

// lost says that the session is over, and why if the session knows.
func (r *run) lost() error {
	if s, ok := r.session.(interface{ Err() error }); ok && s.Err() != nil {
		return fmt.Errorf("%w: %w", errLost, s.Err())
	}
	return errLost
}

// follow reads the tail ahead of the loop by one batch, because Follow waits and the loop must not.
func (r *run) follow(ctx context.Context) error {
	after := r.cursor().high
	for {
		items, err := r.Feed.Follow(ctx, after, r.Batch)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errFeed, err)
		}
		r.Tracker.saw(items)
		select {
		case r.tail <- items:
			after = items[len(items)-1].Position
		case <-ctx.Done():
			return nil
		}
	}
}

// loop works until the session is over and says why.
func (r *run) loop(ctx context.Context) error {
	for ctx.Err() == nil {
		worked, wait, err := r.step(ctx)
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return err
		}
		if !worked {
			r.save()
			r.idle(ctx, wait)
		}
	}
	return context.Cause(ctx)
}

// step does the most urgent piece of work. Without any it says for how long there will be none, 0 for unknown.
func (r *run) step(ctx context.Context) (worked bool, wait time.Duration, err error) {
	now := time.Now()
	if now.Before(r.blocked) && !r.room() {
		wait = r.blocked.Sub(now)
	} else if items := r.nextTail(); len(items) > 0 {
		return true, 0, r.deliverTail(ctx, items)
	}
	zones, next := r.due(now)
	if len(zones) > 0 {
		return true, 0, r.deliverAgain(ctx, zones)
	}
	if !r.cursor().backlog() {
		r.once.Do(r.ready)
	} else if wait == 0 {
		return true, 0, r.deliverBacklog(ctx)
	}
	if until := next.Sub(now); !next.IsZero() && (wait == 0 || until < wait) {
		wait = until
	}
	if r.unsettled() && (wait == 0 || settleEvery < wait) {
		wait = settleEvery
	}
	return false, wait, nil
}

// idle waits until there may be work.
func (r *run) idle(ctx context.Context, wait time.Duration) {
	var due <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due = timer.C
	}
	tail := r.tail
	if time.Now().Before(r.blocked) {
		tail = nil
	}
	select {
	case items := <-tail:
		r.held = items
	case <-r.p.wake:
	case <-due:
	case <-ctx.Done():
	}
}

// nextTail returns what was held back of the tail, or what is new in it, without waiting.
func (r *run) nextTail() []store.FeedItem {
	if items := r.held; len(items) > 0 {
		r.held = nil
		return items
	}
	select {
	case items := <-r.tail:
		return items
	default:
		return nil
	}
}

func (r *run) ready() {
	if r.Ready != nil {
		r.Ready()
	}
}

// save writes what changed of the registers.
func (r *run) save() {
	r.Tracker.with(func() {
		now := saved{Instance: r.p.instance, Low: r.p.cursor.low, Served: r.p.served()}
		now.Format = savedFormat
		if now != r.saved {
			now.store(r.Feed, r.ID)
			r.saved = now
		}
		if s, ok := r.session.(interface{ Settled(store.Position) }); ok && now.Low != r.told {
			s.Settled(now.Low)
			r.told = now.Low
		}
		r.p.refused.store(r.Feed, r.ID)
	})
}

// room reports whether the list of exceptions takes another zone.
func (r *run) room() (yes bool) {
	r.Tracker.with(func() { yes = len(r.p.refused.byZone) < maxExceptions })
	return yes
}

func (r *run) cursor() (c cursor) {
	r.Tracker.with(func() { c = r.p.cursor })
	return c
}

// unsettled reports whether something was stored and not reported served.
func (r *run) unsettled() (yes bool) {
	r.Tracker.with(func() { yes = len(r.p.pending) > 0 })
	return yes
}
