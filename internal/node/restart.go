package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/handover"
	"github.com/zonefleet/zonefleet/internal/rest"
	"github.com/zonefleet/zonefleet/internal/systemd"
)

// standstill is how long a successor may load no further zone before it counts as hung, unless a request says otherwise.
const standstill = 20 * time.Second

// errHandOver ends a Node so that a successor, which waits, can open the data folder.
var errHandOver = errors.New("handing over")

// restarts is what was asked for and what became of it. At most one request waits; a further one joins it.
type restarts struct {
	asked chan time.Duration

	mu        sync.Mutex
	under     bool // way
	failed    string
	failedAt  time.Time
	successor *handover.Successor // while this process and it are both there
	limit     time.Duration
}

func newRestarts() *restarts { return &restarts{asked: make(chan time.Duration, 1)} }

// Process implements rest.Process.
func (f *front) Process() rest.ProcessState {
	r := f.restarts
	r.mu.Lock()
	defer r.mu.Unlock()
	return rest.ProcessState{PID: os.Getpid(), Started: f.started, Restarting: r.under || !f.isReady.Load(), Failed: r.failed, FailedAt: r.failedAt}
}

// Restart implements rest.Process: it asks for a successor and returns at once.
func (f *front) Restart(limit time.Duration) {
	if limit <= 0 {
		limit = standstill
	}
	r := f.restarts
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.asked <- limit:
		r.under = true
	default: // one is under way
	}
}

// onSignal asks for a successor whenever the process is told to by a signal.
func (f *front) onSignal(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-f.Options.Restart:
			f.Restart(0)
		}
	}
}

func (r *restarts) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.under, r.failed, r.failedAt, r.successor = false, err.Error(), time.Now(), nil
}

// startSuccessor starts successors as they are asked for, and returns errHandOver when one runs and waits for the data
// folder. Until then nothing of this Node was touched.
func (n *Node) startSuccessor(ctx context.Context) error {
	f := n.front
	select {
	case <-f.loaded:
	case <-ctx.Done():
		return nil
	}
	for {
		var limit time.Duration
		select {
		case <-ctx.Done():
			return nil
		case limit = <-f.restarts.asked:
		}
		p, err := program()
		if err == nil {
			f.restarts.limit = limit
			f.restarts.successor, err = handover.Start(ctx, p, f.sockets)
		}
		if err == nil {
			n.log.Info("handing over", "to", f.restarts.successor.PID(), "version", f.restarts.successor.Version)
			return errHandOver
		}
		if ctx.Err() == nil {
			n.log.Error("the program file on disk does not run, this process goes on", "err", err)
			f.restarts.fail(err)
		}
	}
}

// handOver gives the data folder, which is free now, to the successor. It returns nil when that one has taken over; if it
// fails it is gone, and the folder is free again.
func (f *front) handOver(ctx context.Context) error {
	s := f.restarts.successor
	if err := s.Go(ctx, f.restarts.limit, f.settled); err != nil {
		err = errors.Join(err, s.Kill())
		f.log.Error("the new process did not take over, this one goes on", "err", err)
		f.restarts.fail(err)
		return err
	}
	// systemd has to know before the successor says anything to it.
	if err := f.systemd.Send(systemd.MainPID(s.PID())); err != nil {
		f.log.Warn("systemd was not told of the new process", "err", err)
	}
	if err := s.Yours(); err != nil {
		f.log.Warn("the new process was not told that it is alone", "err", err)
	}
	f.log.Info("handed over", "to", s.PID())
	return nil
}

// takeOver says how far the start is, and when everything is loaded becomes the server: behind a predecessor first to it,
// then to systemd.
func (n *Node) takeOver(ctx context.Context) error {
	f := n.front
	if err := f.awaitLoaded(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	select {
	case <-f.dns.Ready():
	case <-ctx.Done():
		return nil
	}
	f.release()
	if err := f.predecessor.Ready(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	f.isReady.Store(true)
	if f.predecessor != nil {
		f.adopt()
	}
	if err := f.sockets.DropUnclaimed(); err != nil {
		n.log.Warn("sockets that are not used were not closed", "err", err)
	}
	if err := f.systemd.Send(systemd.Ready, f.status()); err != nil {
		n.log.Warn("systemd was not told that the server is ready", "err", err)
	}
	return nil
}

// progressEvery is how often it is said how many zones are loaded; moreTime is what systemd gives for the next of them.
const (
	progressEvery = 500 * time.Millisecond
	moreTime      = time.Minute
)

func (f *front) awaitLoaded(ctx context.Context) error {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	hold := time.NewTimer(holdFor)
	defer hold.Stop()
	for loaded := -1; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-f.loaded:
			return nil
		case <-hold.C:
			if f.predecessor == nil {
				f.release()
			}
		case <-tick.C:
			if n := f.table.Len(); n > loaded {
				loaded = n
				f.predecessor.Loading(n)
				_ = f.systemd.Send(systemd.MoreTime(moreTime)) // said again in a moment
			}
		}
	}
}

func (f *front) status() string {
	return systemd.Status(fmt.Sprintf("%s: %d zones on %d addresses", f.Config.Name, f.table.Len(), len(f.dns.Addrs())))
}
