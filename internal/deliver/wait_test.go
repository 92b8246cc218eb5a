package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func states(r Reach) map[string]ReachState {
	m := map[string]ReachState{}
	for _, s := range r.Servers {
		m[s.Name] = s.State
	}
	return m
}

func TestWaitForAllSaysWhoIsWaiting(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		up, down := newMember("a"), newMember("b")
		h.work("self", newMember("table"))
		h.work("ns1", up)
		h.work("ns2", down)
		synctest.Wait()
		down.crash()
		pass(2 * time.Second)
		z := name("shop")
		p := h.change(z)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		r, err := h.Wait(ctx, z, p, 0)
		want := map[string]ReachState{"self": ReachServed, "ns1": ReachServed, "ns2": ReachWaiting}
		if d := cmp.Diff(want, states(r)); d != "" || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("%v, %s", err, d)
		}
		if r.Servers[1].Name != "ns2" || r.Servers[1].Reason != errDown.Error() {
			t.Errorf("it does not say why: %+v", r.Servers[1])
		}
		if r, err := h.Wait(t.Context(), z, p, 2); err != nil || r.Served() != 2 {
			t.Errorf("waiting for two of three: %+v, %v", r, err)
		}
		down.start()
		if r, err := h.Wait(t.Context(), z, p, 0); err != nil || !r.All() {
			t.Errorf("after it is back: %+v, %v", r, err)
		}
	})
}

func TestADisabledMemberIsStillExpected(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.work("self", newMember("table"))
		h.Expect("ns1", "ns1", 0, nil)
		z := name("shop")
		p := h.change(z)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := h.Wait(ctx, z, p, 0)
		if err == nil || states(r)["ns1"] != ReachWaiting {
			t.Fatalf("%+v, %v", r, err)
		}
		h.Forget("ns1")
		if r, err := h.Wait(t.Context(), z, p, 0); err != nil || len(r.Servers) != 1 {
			t.Fatalf("after it was removed: %+v, %v", r, err)
		}
	})
}

// TestTheCursorAloneDoesNotSayThatAChangeWasReached: the zone moved to a later position, so the cursor passed the
// change's position without the change.
func TestTheCursorAloneDoesNotSayThatAChangeWasReached(t *testing.T) {
	h := newHere(t)
	z := name("shop")
	h.change(names(2)...)
	p := h.change(z)
	h.change(names(2)...)
	saved{Instance: "a", Low: 5, Served: 5}.store(h.journal, "ns1")
	h.Expect("ns1", "ns1", 0, nil)
	if r, err := h.Reached(z, p); err != nil || r.Served() != 1 {
		t.Fatalf("before: %+v, %v", r, err)
	}
	h.change(z)
	if r, err := h.Reached(z, p); err != nil || r.Served() != 0 {
		t.Fatalf("change at %d, cursor at 5, live position 6: %+v, %v", p, r, err)
	}
}

func TestStoredIsNotServed(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		m := newMember("a")
		m.result = Stored
		h.work("ns1", m)
		synctest.Wait()
		z := name("shop")
		p := h.change(z)
		synctest.Wait()
		s := h.status("ns1")
		if r, err := h.Reached(z, p); err != nil || states(r)["ns1"] != ReachStored || s.Served != p-1 || s.Cursor != p {
			t.Fatalf("%+v, %v, status %+v", r, err, s)
		}
		time.AfterFunc(3*time.Second, func() {
			h.Report("ns1", Report{Zone: z, Position: p, Servers: []string{"ns1"}})
			h.Report("ns1", Report{Zone: z, Position: p, Servers: []string{"ns1"}}) // doubled
			h.Report("ns1", Report{Zone: z, Position: p - 1, Servers: []string{"ns1"}})
		})
		r, err := h.Wait(t.Context(), z, p, 0)
		if err != nil || !r.All() || r.Servers[0].Took != 3*time.Second {
			t.Fatalf("%+v, %v", r, err)
		}
		pass(2 * settleEvery)
		if s, _ := loadSaved(h.journal, "ns1"); s.Served != p {
			t.Errorf("the served cursor was not saved: %+v", s)
		}
	})
}

func TestAReportThatComesBeforeTheWaitCounts(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		m := newMember("a")
		m.result = Stored
		m.onTake = func(z zone.Name, p store.Position) {
			h.Report("ns1", Report{Zone: z, Position: p, Servers: []string{"ns1", "ns2"}})
		}
		h.work("ns1", m)
		synctest.Wait()
		h.SetBehind("ns1", []string{"ns2", "self"})
		z := name("shop")
		p := h.change(z)
		synctest.Wait()
		if r, err := h.Wait(t.Context(), z, p, 0); err != nil || r.Served() != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		if s := h.status("ns1"); s.Served != p || s.Unserved != 0 {
			t.Errorf("the report before the acknowledgement was lost: %+v", s)
		}
	})
}

func TestWhatWasNotReportedServedIsDeliveredAgain(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(20)
		h.change(all...)
		m := newMember("a")
		m.result = Stored
		m.onTake = func(z zone.Name, p store.Position) {
			if z != all[12] {
				h.Report("ns1", Report{Zone: z, Position: p, Servers: []string{"ns1"}})
			}
		}
		h.work("ns1", m)
		pass(time.Second / 2)
		if s := h.status("ns1"); s.Served != 12 || s.Cursor != 20 || s.Unserved != 1 {
			t.Fatalf("status %+v", s)
		}
		m.set(func() {
			m.onTake = func(z zone.Name, p store.Position) { h.Report("ns1", Report{z, p, []string{"ns1"}}) }
		})
		m.crash()
		m.start()
		pass(time.Minute)
		if s := h.status("ns1"); s.Served != 20 || m.deliveries() != 28 {
			t.Fatalf("status %+v after %d deliveries", s, m.deliveries())
		}
	})
}

func TestAReportFromTheFutureIsNotBelieved(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		m := newMember("a")
		m.result = Stored
		h.work("ns1", m)
		z := name("shop")
		h.change(z)
		synctest.Wait()
		h.Report("ns1", Report{Zone: z, Position: 1000, Servers: []string{"ns1"}})
		if r, err := h.Reached(z, 1); err != nil || r.Served() != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
	})
}

func TestAServerOnTwoWaysIsOneServer(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		first, second := newMember("a"), newMember("b")
		z := name("shop")
		second.refuses[z] = "foreign write"
		first.result = Stored
		first.onTake = func(z zone.Name, p store.Position) { h.Report("ns1", Report{z, p, []string{"ns1", "ns2"}}) }
		h.work("ns1", first)
		h.work("ns2", second)
		synctest.Wait()
		h.SetBehind("ns1", []string{"ns2"})
		p := h.change(z)
		r, err := h.Wait(t.Context(), z, p, 0)
		if err != nil || len(r.Servers) != 2 || !r.All() {
			t.Fatalf("%+v, %v", r, err)
		}
	})
}

func TestAServerThatDoesNotCarryTheZoneIsNotExpected(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		m := newMember("a")
		m.result = Ignored
		h.work("ns1", m)
		z := name("shop")
		p := h.change(z)
		synctest.Wait()
		if r, err := h.Wait(t.Context(), z, p, 0); err != nil || len(r.Servers) != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
	})
}

func TestWaitsAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.Expect("ns1", "ns1", 0, nil)
		z := name("shop")
		p := h.change(z)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range maxWaiters {
			all.Go(func() {
				if _, err := h.Wait(ctx, z, p, 0); !errors.Is(err, context.Canceled) {
					t.Errorf("Wait: %v", err)
				}
			})
		}
		synctest.Wait()
		if _, err := h.Wait(ctx, z, p, 0); !errors.Is(err, ErrTooManyWaits) {
			t.Errorf("one more: %v", err)
		}
		cancel()
		all.Wait()
		if h.waiting != 0 {
			t.Errorf("%d waiters are left", h.waiting)
		}
	})
}

func TestMemoryIsBoundedAndKeepsWhatIsWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.Expect("ns1", "ns1", 0, nil)
		z := name("shop")
		p := h.change(z)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() {
			if r, err := h.Wait(ctx, z, p, 0); err != nil || !r.All() {
				t.Errorf("%+v, %v", r, err)
			}
		})
		synctest.Wait()
		for i := range maxZones + 100 {
			h.Report("ns1", Report{Zone: name(fmt.Sprintf("x%d", i)), Position: 1, Servers: []string{"ns1"}})
		}
		if n := len(h.Tracker.zones.byZone); n != maxZones || h.Tracker.zones.recent.Len() != n {
			t.Errorf("%d zones are remembered", n)
		}
		h.Report("ns1", Report{Zone: z, Position: p, Servers: []string{"ns1"}})
		wait.Wait()
	})
}

func TestAServedCursorOutlivesANewStart(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		z := name("shop")
		p := h.change(z)
		_, stop := h.work("ns1", newMember("a"))
		synctest.Wait()
		stop()
		fresh := NewTracker(h.journal, "self", nil)
		fresh.Expect("ns1", "ns1", 0, nil)
		if r, err := fresh.Wait(t.Context(), z, p, 0); err != nil || !r.All() {
			t.Fatalf("%+v, %v", r, err)
		}
	})
}

func TestPropagationIsObservedPerServer(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		got := map[string]time.Duration{}
		h.observe = func(server string, took time.Duration) { got[server] = took }
		slow := newMember("a")
		slow.takes = 2 * time.Second
		h.work("self", newMember("table"))
		h.work("ns1", slow)
		synctest.Wait()
		h.change(name("shop"))
		pass(time.Minute)
		if d := cmp.Diff(map[string]time.Duration{"self": 0, "ns1": 2 * time.Second}, got); d != "" {
			t.Error(d)
		}
	})
}

func TestAWaitForAZoneNeverHeardOf(t *testing.T) {
	h := newHere(t)
	if _, err := h.Wait(t.Context(), name("nowhere"), 1, 0); err == nil {
		t.Error("no error")
	}
}
