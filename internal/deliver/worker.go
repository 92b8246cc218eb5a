package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Options make a Worker.
type Options struct {
	ID      string // of the target: names its registers, kept as long as the target is
	Name    string // of the server; this node's own for its nameserver
	Target  Target
	Feed    Feed
	Tracker *Tracker
	Health  Health // nil: Steady
	// Accept says which zones the target carries; nil: all. It is asked for each change.
	Accept func(zone.Name, store.Head) bool
	// Start is where a target that was never seen begins. It is fixed when the target is made: 0, or the head then.
	Start store.Position
	// Ready, which may be nil, is called once: when the target first has everything that there was at the start.
	Ready func()

	Batch   int           // zones per Deliver; 0: 256
	Bytes   int           // estimated content per Deliver, one zone may have more; 0: 1 MiB
	Timeout time.Duration // of one Open or Deliver; 0: two minutes
}

// Worker brings one target to the feed and keeps it there.
type Worker struct {
	Options
	wake chan struct{}
	once sync.Once // of Ready
}

// NewWorker makes a worker; Run works.
func NewWorker(o Options) *Worker {
	if o.Health == nil {
		o.Health = &Steady{}
	}
	if o.Batch <= 0 {
		o.Batch = 256
	}
	if o.Bytes <= 0 {
		o.Bytes = 1 << 20
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Minute
	}
	return &Worker{Options: o, wake: make(chan struct{}, 1)}
}

// Wake makes a worker that waits for its next attempt ask its Health again.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// errFeed marks failures of this node's own store: no connection is to blame and no attempt mends them.
var errFeed = errors.New("read the feed")

// Run works until ctx ends, then returns nil, or until the feed fails. While another worker of the target has not
// ended it waits.
func (w *Worker) Run(ctx context.Context) error {
	p, ok := w.Tracker.join(ctx, w.ID, w.Name, w.Start, w.Accept)
	if !ok {
		return nil
	}
	defer w.Tracker.leave(p)
	for w.pause(ctx) {
		err := w.attempt(ctx, p)
		if ctx.Err() != nil {
			break
		}
		if errors.Is(err, errFeed) {
			return fmt.Errorf("deliver to %s: %w", w.Name, err)
		}
		if err != nil {
			w.Health.Failed(err)
		}
	}
	w.Tracker.with(func() { p.close(nil, time.Now()) })
	return nil
}

// pause waits until the next attempt is due. It reports false when ctx has ended.
func (w *Worker) pause(ctx context.Context) bool {
	for {
		wait, ok := w.Health.Next()
		if ok && wait <= 0 {
			return ctx.Err() == nil
		}
		var due <-chan time.Time // nil: not before it is woken
		if ok {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			due = timer.C
		}
		select {
		case <-due:
			return ctx.Err() == nil
		case <-w.wake:
		case <-ctx.Done():
			return false
		}
	}
}

// attempt makes one session and works it to its end.
func (w *Worker) attempt(ctx context.Context, p *progress) error {
	session, err := w.open(ctx)
	if err != nil {
		w.Tracker.with(func() { p.close(err, time.Now()) })
		return err
	}
	defer session.Close() // the connection is over; there is nothing to do about an error of closing it
	if !w.Health.Succeeded() {
		return nil
	}
	r := w.begin(session, p)
	err = r.run(ctx)
	w.Tracker.with(func() { p.close(err, time.Now()) })
	r.save()
	return err
}

func (w *Worker) open(ctx context.Context) (Session, error) {
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	return w.Target.Open(ctx)
}

// begin finds the session's cursor.
func (w *Worker) begin(session Session, p *progress) *run {
	instance, at := session.Where()
	known, ok := loadSaved(w.Feed, w.ID)
	synced := w.Feed.Synced()
	low := startingPoint(known, ok, instance, at, w.Start, synced)
	waiting, _ := w.Feed.Waiting(low)
	w.Tracker.opened(p, instance, openAt(low, synced, waiting > 0))
	return &run{Worker: w, session: session, p: p, saved: known}
}
