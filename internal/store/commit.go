package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

const (
	// queueLength bounds the requests that wait; when it is full, a caller waits on its context.
	queueLength = 4096
	// groupBytes and groupRequests bound one batch, and so the memory and the time until its answer. A single request
	// may be larger: a zone is committed whole.
	groupBytes    = 4 << 20
	groupRequests = 1024
)

// request is one call of Commit on its way through the committer.
type request struct {
	zone    zone.Name
	f       func(*Tx) error
	claimed atomic.Bool // by the committer, which then answers, or by a caller that leaves
	done    chan struct{}

	position Position
	err      error
}

func (r *request) claim() bool { return r.claimed.CompareAndSwap(false, true) }

// Commit runs f in the committer, where nothing else writes, and returns when what f put is synced. The position is 0
// when f put nothing into a zone. When f fails nothing of it is kept and its error is returned. f must not wait for
// another commit. An empty zone is for records and events only.
//
// When ctx ends while the request waits, f is never run; once f runs, its outcome is always told.
func (s *Store) Commit(ctx context.Context, z zone.Name, f func(tx *Tx) error) (Position, error) {
	r := &request{zone: z, f: f, done: make(chan struct{})}
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-s.stopped:
		return 0, s.why()
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.claim() {
			return 0, ctx.Err()
		}
		<-r.done
	case <-s.stopped:
		if r.claim() {
			return 0, s.why()
		}
		<-r.done
	}
	return r.position, r.err
}

// why says why nothing is committed any more.
func (s *Store) why() error {
	if err := s.failure.err(); err != nil {
		return err
	}
	return ErrClosed
}

// Alive returns when the committer has done what it had to do before, and nil if it still commits.
func (s *Store) Alive(ctx context.Context) error {
	_, err := s.Commit(ctx, "", func(*Tx) error { return nil })
	return err
}

// Run is the committer. It returns nil when ctx ends or the store is closed, and an error when the database cannot
// continue; then the process has to end. It runs once.
func (s *Store) Run(ctx context.Context) error {
	s.run.Lock()
	defer s.run.Unlock()
	if s.isStopped() {
		return s.why()
	}
	defer s.stop()
	s.countFirst()
	tick := time.NewTicker(registerInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.finish()
		case <-s.closing:
			return s.finish()
		case <-s.failure.failed:
			return s.why()
		case r := <-s.queue:
			s.commitGroup(r)
		case <-tick.C:
			s.writeRegisters()
		}
	}
}

// finish writes what would otherwise be done again after a restart.
func (s *Store) finish() error {
	s.writeRegisters()
	return s.failure.err()
}

func (s *Store) isStopped() bool {
	select {
	case <-s.stopped:
		return true
	default:
		return false
	}
}

// stop marks the end of the committer; s.run is held.
func (s *Store) stop() {
	if !s.isStopped() {
		close(s.stopped)
	}
}

// group is one batch: requests that are synced together.
type group struct {
	batch    *pebble.Batch // indexed: a request reads what those before it put
	counters counters
	requests []*request
	moved    []move
}

// commitGroup runs first and all requests that wait behind it, syncs them together, publishes, and answers.
func (s *Store) commitGroup(first *request) {
	g := &group{batch: s.db.NewIndexedBatch(), counters: s.counters}
	defer g.batch.Close()
	for r := first; r != nil; r = s.waiting(g) {
		if r.claim() {
			g.requests = append(g.requests, r)
			s.runRequest(g, r)
		}
	}
	err := s.write(g)
	for _, r := range g.requests {
		if err != nil { // also for one that f refused: it may have seen what now never happened
			r.position, r.err = 0, err
		}
		close(r.done)
	}
}

// waiting returns the next request if there is one and the group has room for it.
func (s *Store) waiting(g *group) *request {
	if len(g.requests) >= groupRequests || g.batch.Len() >= groupBytes {
		return nil
	}
	select {
	case r := <-s.queue:
		return r
	default:
		return nil
	}
}

// runRequest runs one request's function over the batch. What it puts is collected apart and joins the batch only when
// it succeeds.
func (s *Store) runRequest(g *group, r *request) {
	tx := &Tx{zone: r.zone, reader: g.batch, counters: g.counters}
	if err := errors.Join(r.f(tx), tx.err); err != nil {
		r.err = err
		return
	}
	for _, o := range tx.ops {
		if err := o.applyTo(g.batch); err != nil {
			// The batch holds half a request now: nothing of it may be synced.
			s.failure.fail(fmt.Errorf("build a batch: %w", err))
			return
		}
	}
	if tx.put {
		r.position = tx.counters.position
	}
	g.counters = tx.counters
	g.moved = append(g.moved, tx.moved...)
}

// write syncs the group's batch and publishes it.
func (s *Store) write(g *group) error {
	if err := s.failure.err(); err != nil {
		return err
	}
	if g.batch.Empty() {
		return nil
	}
	if err := s.room(); err != nil {
		return err
	}
	if g.counters != s.counters {
		if err := g.batch.Set(tableKey(tableCounter), g.counters.value(), nil); err != nil {
			return fmt.Errorf("build a batch: %w", err)
		}
	}
	began := time.Now()
	if err := s.apply(g.batch); err != nil {
		return err
	}
	s.synced(time.Since(began))
	s.counters = g.counters
	s.published.publish(s.db.NewSnapshot(), g.counters.position, g.moved)
	s.digests.move(g.moved)
	return nil
}

// apply writes and syncs a batch. The database never returns the errors that matter: they are in failure.
func (s *Store) apply(b *pebble.Batch) error {
	if err := s.db.Apply(b, pebble.Sync); err != nil {
		s.failure.fail(err)
	}
	return s.failure.err()
}
