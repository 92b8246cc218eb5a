package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestACommitIsReadBack(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx, z := testContext(t), numbered(1)
	p := must(create(ctx, s, z, 3))(t)
	if p != 1 || s.Synced() != 1 {
		t.Errorf("position %d, synced %d, want 1", p, s.Synced())
	}
	st, at, err := s.State(z)
	if err != nil || at != p || len(st.Keys) != 6 {
		t.Errorf("state has %d keys at %d, error %v", len(st.Keys), at, err)
	}
	h := must(s.Head(z))(t)
	if h.Position != p || h.StoredAt != 1000 || h.Vector[nodeA] != 1 {
		t.Errorf("head is %+v", h)
	}
	e := must(s.Entry(p))(t)
	if e.Kind != "create" || len(e.Keys) != 6 || e.ETag != h.ETag() || len(e.Before) != 0 {
		t.Errorf("entry is %+v", e)
	}
	checkWhole(t, s)
}

func TestItIsToldHowLongABatchTookToBecomeDurable(t *testing.T) {
	var took []time.Duration
	s, stop := openStore(t, t.TempDir(), Options{Synced: func(d time.Duration) { took = append(took, d) }})
	must(create(testContext(t), s, numbered(1), 3))(t)
	stop()
	if len(took) == 0 || took[0] <= 0 {
		t.Errorf("told %v", took)
	}
}

func TestAnUnknownZoneIsNotFound(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	if _, err := s.Head(numbered(1)); !errors.Is(err, ErrNotFound) {
		t.Errorf("head: %v", err)
	}
	if _, _, err := s.State(numbered(1)); !errors.Is(err, ErrNotFound) {
		t.Errorf("state: %v", err)
	}
	if _, err := s.Entry(1); !errors.Is(err, ErrNotFound) {
		t.Errorf("entry: %v", err)
	}
	if _, _, err := s.Delta(numbered(1), 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("delta: %v", err)
	}
}

func TestARequestThatFailsLeavesNothing(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx, z := testContext(t), numbered(1)
	wrong := errors.New("stale edit")
	p, err := s.Commit(ctx, z, func(tx *Tx) error {
		st, _ := tx.State()
		tx.Put(st, write(st, nodeA, 1000, birth(z, 1)), Entry{})
		tx.PutRecord("member", "ns1", []byte("x"))
		tx.AppendEvent(Event{Text: "never"})
		return wrong
	})
	if p != 0 || !errors.Is(err, wrong) {
		t.Fatalf("position %d, error %v", p, err)
	}
	if _, err := s.Head(z); !errors.Is(err, ErrNotFound) {
		t.Errorf("head: %v", err)
	}
	if _, err := s.Record("member", "ns1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("record: %v", err)
	}
	if p := must(create(ctx, s, z, 1))(t); p != 1 {
		t.Errorf("the next commit has position %d, want 1", p)
	}
	if events := must(s.Events(0, 10))(t); len(events) != 0 {
		t.Errorf("events %v", events)
	}
}

func TestARequestThatPutsNothingHasNoPosition(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	p, err := s.Commit(testContext(t), numbered(1), func(*Tx) error { return nil })
	if p != 0 || err != nil {
		t.Errorf("position %d, error %v", p, err)
	}
}

// Requests that wait together are synced together, and see each other in order.
func TestRequestsOfOneGroupSeeThoseBefore(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, z := testContext(t), numbered(1)
	const n = 50
	var wg sync.WaitGroup
	seen := make(chan int, n)
	for i := range n {
		wg.Go(func() {
			_, err := s.Commit(ctx, z, func(tx *Tx) error {
				st, err := tx.State()
				seen <- int(st.Vector[nodeA])
				if i%10 == 3 {
					return errors.Join(err, errors.New("refused"))
				}
				tx.Put(st, write(st, nodeA, 1000, birth(z, 1)), Entry{Time: 1000})
				return err
			})
			if (err != nil) != (i%10 == 3) {
				t.Errorf("request %d: %v", i, err)
			}
		})
	}
	for len(s.queue) < n { // all wait before the committer starts: one group
		time.Sleep(time.Millisecond)
	}
	start(t, s)
	wg.Wait()
	close(seen)
	last := 0
	for v := range seen {
		if v < last || v > last+1 {
			t.Errorf("a request saw change %d after %d", v, last)
		}
		last = v
	}
	if p := s.Synced(); p != n-n/10 {
		t.Errorf("synced %d, want %d", p, n-n/10)
	}
	checkWhole(t, s)
}

func TestACallerThatLeavesIsNotRun(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = s.Commit(ctx, "", func(*Tx) error { t.Error("it ran"); return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	stop := start(t, s)
	if _, err := create(testContext(t), s, numbered(1), 1); err != nil {
		t.Error(err)
	}
	stop()
	if _, err := create(testContext(t), s, numbered(2), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
	if _, err := s.Head(numbered(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("head after close: %v", err)
	}
	if err := s.Run(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("run after close: %v", err)
	}
}

// The queue is bounded: with it full, a caller waits on its context.
func TestAFullQueueMakesCallersWait(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range queueLength {
		s.queue <- &request{done: make(chan struct{})}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Commit(ctx, "", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestCloseAnswersThoseWhoWait(t *testing.T) {
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 2)
	go func() {
		_, err := s.Commit(context.Background(), "", func(*Tx) error { return nil })
		errs <- err
	}()
	go func() {
		_, err := s.Follow(context.Background(), 0, 1)
		errs <- err
	}()
	time.Sleep(20 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-errs; !errors.Is(err, ErrClosed) {
			t.Errorf("error %v", err)
		}
	}
}

func TestRecordsEventsAndRegistersSurviveAReopening(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{})
	ctx := testContext(t)
	event := Event{
		Time: 5, Kind: "member.failed", Severity: "warning", Zone: numbered(1), Member: "ns1", Author: "a",
		Text: "no answer", Fields: map[string]string{"attempt": "3", "cause": "time-out"},
	}
	_, err := s.Commit(ctx, "", func(tx *Tx) error {
		tx.PutRecord("member", "ns1", []byte("one"))
		tx.PutRecord("member", "ns2", []byte{})
		tx.PutRecord("membership", "x", []byte("another kind"))
		tx.AppendEvent(event)
		tx.AppendEvent(Event{Text: "second"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.SetRegister("cursor/ns1", []byte("7"))
	s.SetRegister("cursor/gone", []byte("8"))
	s.DeleteRegister("cursor/gone")
	stop()

	s, _ = openStore(t, dir, Options{})
	want := map[string][]byte{"ns1": []byte("one"), "ns2": {}}
	if d := cmp.Diff(want, must(s.Records("member"))(t)); d != "" {
		t.Error(d)
	}
	event.ID = 1
	if d := cmp.Diff([]Event{event, {ID: 2, Text: "second"}}, must(s.Events(0, 10))(t)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Event{{ID: 2, Text: "second"}}, must(s.Events(1, 10))(t)); d != "" {
		t.Error(d)
	}
	if v, ok := s.Register("cursor/ns1"); !ok || string(v) != "7" {
		t.Errorf("register %q %v", v, ok)
	}
	if v, ok := s.Register("cursor/gone"); ok {
		t.Errorf("deleted register is %q", v)
	}
	_, err = s.Commit(ctx, "", func(tx *Tx) error {
		tx.DeleteRecord("member", "ns1")
		tx.AppendEvent(Event{Text: "third"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record("member", "ns1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted record: %v", err)
	}
	if e := must(s.Events(2, 10))(t); len(e) != 1 || e[0].ID != 3 {
		t.Errorf("events after reopening: %v", e)
	}
	if e := must(s.LastEvents(2))(t); len(e) != 2 || e[0].ID != 2 || e[1].ID != 3 {
		t.Errorf("the two newest events: %v", e)
	}
}

// A register set while another is written is not lost.
func TestARegisterSetDuringAWriteStaysDirty(t *testing.T) {
	r := newRegisters()
	r.set("a", []byte("1"))
	r.set("b", []byte("1"))
	r.round++ // the committer takes them
	r.set("a", []byte("2"))
	r.written(0)
	if len(r.dirty) != 1 || string(r.dirty["a"].content) != "2" {
		t.Errorf("dirty is %v", r.dirty)
	}
}

func TestRegistersAreWrittenWithinASecond(t *testing.T) {
	dir := t.TempDir()
	s, _ := openStore(t, dir, Options{})
	s.SetRegister("a", []byte("1"))
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var v []byte
		_ = s.published.read(func(w *view) (err error) { v, err = get(w, tableKey(tableRegister, "a")); return err })
		if string(v) == "1" {
			return
		}
	}
	t.Error("the register did not reach the disk")
}

func TestPutIsForOneStateOfItsOwnZone(t *testing.T) {
	tx := &Tx{zone: numbered(1)}
	defer func() {
		if recover() == nil {
			t.Error("another zone's state was put")
		}
	}()
	tx.Put(&zone.State{Zone: numbered(2)}, nil, Entry{})
}

// What the first release wrote holds the ETag itself and no base; taken into a day it stays as it was.
func TestAnEntryKeepsItsETag(t *testing.T) {
	after := zone.Vector{nodeA: 3}
	for what, e := range map[string]Entry{
		"this release":      {After: after, Base: 7, ETag: zone.ETag(after, 7)},
		"the first release": {After: after, ETag: zone.ETag(after, 7)},
	} {
		e.Zone, e.Position = name("a", "example"), 1
		got, err := parseEntry(e.Zone, e.Position, e.value()[1:])
		if err != nil || got.ETag != e.ETag || got.Base != e.Base {
			t.Errorf("%s: ETag %s, base %d, %v", what, got.ETag, got.Base, err)
		}
	}
}
