package store

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// published holds what readers see. The database shows a batch to its readers before the batch is synced, so readers
// never ask the database itself: they read a snapshot that the committer took after the sync and before it answered.
// A position in the rows instead would have to be checked by every reader; a snapshot cannot be forgotten.
type published struct {
	mu      sync.Mutex
	idle    sync.Cond // signalled when the last reader of a closed store leaves
	current *view     // nil when closed
	open    int       // views not yet closed
	counts  counts    // of zones
	changed chan struct{}
}

// view is the database as of one synced batch.
type view struct {
	pebble.Reader
	synced Position
	refs   int // readers, and one while it is current
	snap   *pebble.Snapshot
}

func newPublished() *published {
	p := &published{changed: make(chan struct{})}
	p.idle.L = &p.mu
	return p
}

// publish replaces what readers see, in which zones have moved, and wakes those who wait for news. Only the committer
// calls it, and Open before there is one.
func (p *published) publish(snap *pebble.Snapshot, synced Position, moved []move) {
	p.swap(&view{Reader: snap, snap: snap, synced: synced, refs: 1})
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.counts.known {
		p.counts.follow(moved)
	}
}

// setCounts says how many zones the current view has. Only the committer calls it, so that nothing is published meanwhile.
func (p *published) setCounts(c counts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts = c
}

// count is how many zones there are now, which may be a batch ahead of a view that somebody reads. Its homes are not the
// caller's: see homes.
func (p *published) count() counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
}

// close lets no reader in and waits for those inside.
func (p *published) close() {
	p.swap(nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.open > 0 {
		p.idle.Wait()
	}
}

func (p *published) swap(v *view) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.current
	p.current = v
	if v != nil {
		p.open++
	}
	close(p.changed)
	p.changed = make(chan struct{})
	if old != nil {
		p.release(old)
	}
}

// release gives a view back; p.mu is held.
func (p *published) release(v *view) {
	if v.refs--; v.refs > 0 {
		return
	}
	v.snap.Close() // never fails: it only leaves the database's list
	if p.open--; p.open == 0 {
		p.idle.Broadcast()
	}
}

// read calls f with the current view, which stays as it is while f runs.
func (p *published) read(f func(v *view) error) error {
	v, _, err := p.acquire()
	if err != nil {
		return err
	}
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.release(v)
	}()
	return f(v)
}

func (p *published) acquire() (*view, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current == nil {
		return nil, nil, ErrClosed
	}
	p.current.refs++
	return p.current, p.changed, nil
}

// news returns a channel that is closed at the next publication. Ask for it before reading, so that nothing is missed.
func (p *published) news() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.changed
}
