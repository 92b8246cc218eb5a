package control_test

import (
	"testing"
	"time"

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

// keysOf counts the keys of a zone's state, those of deleted records included.
func keysOf(t *testing.T, s *server, z string) int {
	t.Helper()
	state, _, err := s.Store.State(name(z))
	if err != nil {
		t.Fatal(err)
	}
	return len(state.Keys)
}
