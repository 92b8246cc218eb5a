package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// syncGate holds every sync of the log while it is shut.
type syncGate struct {
	shut    chan struct{} // has a value while shut
	arrived chan struct{}
	open    chan struct{}
}

func newSyncGate() *syncGate {
	return &syncGate{shut: make(chan struct{}, 1), arrived: make(chan struct{}, 1), open: make(chan struct{})}
}

func (g *syncGate) String() string { return "sync gate" }

func (g *syncGate) MaybeError(op errorfs.Op) error {
	if op.Kind != errorfs.OpFileSync && op.Kind != errorfs.OpFileSyncData || !strings.HasSuffix(op.Path, ".log") {
		return nil
	}
	select {
	case <-g.shut:
		g.arrived <- struct{}{}
		<-g.open
	default:
	}
	return nil
}

// The database shows a batch as soon as it is in memory. Nobody outside may see it before it is on the disk.
func TestNothingIsSeenBeforeItIsSynced(t *testing.T) {
	gate := newSyncGate()
	s, _ := openStore(t, t.TempDir(), Options{FS: errorfs.Wrap(vfs.NewMem(), gate)})
	ctx, z := testContext(t), numbered(1)
	must(create(ctx, s, numbered(0), 1))(t)

	gate.shut <- struct{}{}
	done := make(chan error, 1)
	go func() {
		_, err := s.Commit(ctx, z, func(tx *Tx) error {
			st, err := tx.State()
			tx.Put(st, write(st, nodeA, 1000, birth(z, 1)), Entry{Time: 1000})
			tx.PutRecord("kind", "id", []byte("x"))
			tx.AppendEvent(Event{Text: "x"})
			return err
		})
		done <- err
	}()
	select {
	case <-gate.arrived:
	case <-ctx.Done():
		t.Fatal("the commit does not sync the log")
	}
	// Otherwise this test would show nothing.
	waitUntil(t, "the database shows the batch", func() bool {
		v, err := get(s.db, headKey(z))
		return err == nil && v != nil
	})
	if seen := everySight(t, s, 2, z); len(seen) > 0 {
		t.Errorf("before the sync it is seen by %s", seen)
	}
	select {
	case err := <-done:
		t.Errorf("the commit was answered before the sync: %v", err)
	default:
	}
	close(gate.open)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if seen := everySight(t, s, 2, z); len(seen) != 12 {
		t.Errorf("after the sync it is seen only by %s", seen)
	}
}

// everySight asks in every way there is for a zone committed at the position together with a record and an event.
func everySight(t *testing.T, s *Store, p Position, z zone.Name) (seen []string) {
	t.Helper()
	sight := func(how string, found bool, err error) {
		if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", how, err)
		}
		if found {
			seen = append(seen, how)
		}
	}
	_, err := s.Head(z)
	sight("Head", err == nil, err)
	_, _, err = s.State(z)
	sight("State", err == nil, err)
	_, _, total, err := s.Heads(Query{IncludeDeleted: true})
	sight("Heads", total == int(p), err)
	sight("Synced", s.Synced() >= p, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	items, err := s.Follow(ctx, p-1, 10)
	sight("Follow", len(items) > 0, err)
	n, _ := s.Waiting(p - 1)
	sight("Waiting", n > 0, nil)
	_, _, err = s.Delta(z, 0)
	sight("Delta", err == nil, err)
	history, err := s.History(z, 0, 10)
	sight("History", len(history) > 0, err)
	changes, err := s.Changes(0, 10)
	sight("Changes", len(changes) == int(p), err)
	_, err = s.Entry(p)
	sight("Entry", err == nil, err)
	events, err := s.Events(0, 10)
	sight("Events", len(events) > 0, err)
	_, err = s.Record("kind", "id")
	sight("Record", err == nil, err)
	return seen
}

func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}
