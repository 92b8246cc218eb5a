package control_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestExpireForgetsOldDeletionsAndNothingElse(t *testing.T) {
	w := newWorld()
	s := w.server(t, "a")
	s.create(t, "example.com", "@ NS ns1.example.net.", "www A 192.0.2.1", "gone A 192.0.2.2")
	s.edit(t, "example.com", del("gone.example.com", zone.TypeA))
	keys := func() int { return keysOf(t, s, "example.com") }
	before := keys()
	s.expire(t)
	if got := keys(); got != before {
		t.Errorf("a fresh deletion was forgotten: %d keys of %d are left", got, before)
	}
	w.now += zone.Millis((31 * 24 * time.Hour).Milliseconds())
	s.expire(t)
	if got := keys(); got != before-1 {
		t.Errorf("%d keys of %d are left, one deletion was to be forgotten", got, before)
	}
	wantServed(t, "example.com", "www.example.com", zone.TypeA, "192.0.2.1", s)
}

func TestAClockThatIsAheadForAMinuteForgetsNothing(t *testing.T) {
	w := newWorld()
	s := w.server(t, "a")
	s.create(t, "example.com", "@ NS ns1.example.net.", "www A 192.0.2.1", "gone A 192.0.2.2")
	s.edit(t, "example.com", del("gone.example.com", zone.TypeA))
	keys := func() int { return keysOf(t, s, "example.com") }
	before, right := keys(), w.now
	pass := func() {
		t.Helper()
		if err := s.Expire(ctx()); err != nil {
			t.Fatal(err)
		}
	}
	pass() // takes the clock as it is, and forgets nothing
	for _, ahead := range []time.Duration{365 * aDay, 0, 365 * aDay, -365 * aDay, 365 * aDay, 0} {
		w.now = right
		w.pass(ahead)
		pass()
		if got := keys(); got != before {
			t.Fatalf("%d keys of %d are left after a pass %s ahead", got, before, ahead)
		}
		w.now = right
		w.pass(aDay)
		right = w.now
		pass()
	}
	for range 31 { // by the day, with a clock that is right
		w.pass(aDay)
		pass()
	}
	if got := keys(); got != before-1 {
		t.Errorf("%d keys of %d are left, one deletion was to be forgotten", got, before)
	}
}

func TestAPassOfForgettingGoesOnWhereItWasBrokenOff(t *testing.T) {
	w := newWorld()
	s, other := w.server(t, "a"), w.server(t, "b")
	const first, last = "a.example", "z.last.example"
	for srv, z := range map[*server]string{other: first, s: last} {
		srv.create(t, z, "gone A 192.0.2.1")
		srv.edit(t, z, del("gone."+z, zone.TypeA))
	}
	for i := range 100 {
		s.create(t, fmt.Sprintf("z%d.example", i))
	}
	w.pass(40 * aDay)
	s.expire(t)
	w.pass(aDay)
	ended, end := context.WithCancel(ctx())
	end()
	if err := s.Expire(ended); err == nil {
		t.Fatal("the pass was not broken off")
	}
	other.sendTo(t, s) // a zone that comes before those that the pass has come by
	before := keysOf(t, s, first)
	if err := s.Expire(ctx()); err != nil {
		t.Fatal(err)
	}
	if got := keysOf(t, s, first); got != before {
		t.Errorf("the pass began anew: %d keys of %d are left", got, before)
	}
	if err := s.Expire(ctx()); err != nil {
		t.Fatal(err)
	}
	if got := keysOf(t, s, first); got != before-1 {
		t.Errorf("the next pass left %d keys of %d", got, before)
	}
}

func TestAHugeDeletedZoneIsForgottenBitByBit(t *testing.T) {
	w := newWorld()
	broken, breakOff := context.WithCancel(ctx())
	var passing atomic.Bool
	var syncs atomic.Int32
	s := &server{world: w, dir: t.TempDir(), synced: func(time.Duration) {
		// The pass makes forty commits and waits for each. Registers are synced beside them now and then, so that the first
		// one alone says nothing.
		if passing.Load() && syncs.Add(1) == 10 {
			breakOff()
		}
	}}
	s.start(t, "a", nil)
	t.Cleanup(func() { s.stop() })
	var lines []string
	for i := range 20_000 {
		lines = append(lines, fmt.Sprintf("h%d A 192.0.2.1", i))
	}
	s.create(t, example, lines...)
	s.remove(t, example)
	all := keysOf(t, s, example)
	w.pass(100 * aDay)
	s.Store.DeleteRegister("forgotten")
	if err := s.Expire(ctx()); err != nil { // takes the clock as it is
		t.Fatal(err)
	}
	passing.Store(true)
	if err := s.Expire(broken); err == nil {
		t.Fatal("the pass was not broken off")
	}
	left := keysOf(t, s, example)
	if left == all || left < all/2 {
		t.Fatalf("%d of %d keys are left after a pass that was broken off", left, all)
	}
	if _, err := s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: name(example)}); err == nil {
		t.Fatalf("half a zone was restored")
	}
	s.expire(t)
	if left := keysOf(t, s, example); left > 10 {
		t.Errorf("%d keys are left", left)
	}
	if _, err := s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: name(example)}); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("restored: %v", err)
	}
}

// keysOf counts the keys of a zone's state, those of deleted records included.
func keysOf(t *testing.T, s *server, z string) int {
	t.Helper()
	state, _, err := s.Store.State(name(z))
	if err != nil {
		t.Fatal(err)
	}
	return len(state.Keys)
}
