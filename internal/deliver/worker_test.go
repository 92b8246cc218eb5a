package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestANewTargetGetsEverythingAndThenEachChange(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(95)
		h.change(all...)
		m := newMember("a")
		ready := 0
		h.work("ns1", m, func(o *Options) { o.Ready = func() { ready++ } })
		synctest.Wait()
		if m.zones() != 95 || ready != 1 {
			t.Fatalf("has %d zones, ready %d times", m.zones(), ready)
		}
		h.change(all[3])
		synctest.Wait()
		if m.count(all[3]) != 2 || m.deliveries() != 96 {
			t.Fatalf("has %d changes after %d deliveries", m.count(all[3]), m.deliveries())
		}
		s := h.status("ns1")
		if s.Cursor != 96 || s.Served != 96 || s.Waiting != 0 || !s.Connected || ready != 1 {
			t.Fatalf("status %+v, ready %d times", s, ready)
		}
	})
}

func TestAnOutageIsCaughtUpWithoutACommand(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(30)
		h.change(all...)
		m := newMember("a")
		h.work("ns1", m)
		synctest.Wait()
		m.crash()
		h.change(all[:5]...)
		pass(time.Hour)
		s := h.status("ns1")
		if s.Connected || s.Waiting != 5 || s.LastError == "" {
			t.Fatalf("while it is down: %+v", s)
		}
		if m.asked < 60 || m.asked > 90 {
			t.Errorf("tried %d times in an hour, want about one a minute", m.asked)
		}
		before := m.deliveries()
		m.start()
		pass(time.Minute)
		if m.count(all[4]) != 2 || h.status("ns1").Waiting != 0 {
			t.Fatalf("after it is back: %+v", h.status("ns1"))
		}
		if n := m.deliveries() - before; n != 5 {
			t.Errorf("%d zones delivered again, want the 5 that changed", n)
		}
	})
}

func TestAWipedMemberIsFilledAgain(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.change(names(25)...)
		m := newMember("a")
		h.work("ns1", m)
		synctest.Wait()
		m.crash()
		m.set(func() { m.instance, m.has = "b", map[zone.Name]uint64{} })
		m.start()
		pass(time.Minute)
		if m.zones() != 25 {
			t.Fatalf("the new instance has %d of 25 zones", m.zones())
		}
	})
}

func TestAMemberPutBackToAnOlderCopyOfItselfGetsTheRest(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(25)
		h.change(all...)
		m := newMember("a")
		h.work("ns1", m)
		synctest.Wait()
		m.crash()
		m.set(func() {
			m.at = 10
			for _, z := range all[10:] {
				delete(m.has, z)
			}
		})
		m.start()
		pass(time.Minute)
		if m.zones() != 25 {
			t.Fatalf("has %d of 25 zones", m.zones())
		}
	})
}

func TestATargetThatIsNotSynchronizedStartsWhereItWasAdded(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(20)
		added := h.change(all[:15]...)
		h.change(all[15:]...)
		m := newMember("a")
		m.at = 0
		from := func(o *Options) { o.Start = added }
		_, stop := h.work("web", m, from)
		synctest.Wait()
		if m.zones() != 5 {
			t.Fatalf("got %d zones, want the 5 made after it was added", m.zones())
		}
		stop()
		h.work("web", m, from)
		synctest.Wait()
		if m.zones() != 5 {
			t.Fatalf("got %d zones after a new start", m.zones())
		}
	})
}

func TestARefusedZoneDoesNotHoldItsNeighbours(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(30)
		m := newMember("a")
		m.refuses[all[7]] = "foreign write: home of z00007 is web2"
		h.change(all...)
		_, stop := h.work("ns1", m)
		synctest.Wait()
		s := h.status("ns1")
		if m.zones() != 29 || s.Cursor != 30 || len(s.Exceptions) != 1 || s.Exceptions[0].Reason != m.refuses[all[7]] {
			t.Fatalf("has %d zones, status %+v", m.zones(), s)
		}
		r, err := h.Wait(t.Context(), all[7], 8, 0)
		if err != nil || r.All() || r.Servers[0].State != ReachRefused || r.Servers[0].Reason == "" {
			t.Fatalf("wait says %+v, %v", r, err)
		}

		stop() // the list survives
		h.Tracker = NewTracker(h.journal, "self", nil)
		h.work("ns1", m)
		synctest.Wait()
		if s := h.status("ns1"); len(s.Exceptions) != 1 {
			t.Fatalf("after a new start: %+v", s)
		}
		before := m.deliveries()
		pass(24 * time.Hour)
		if n := m.deliveries() - before; n != 5 {
			t.Fatalf("offered %d times on the first day, want 5", n)
		}
		pass(10 * 24 * time.Hour)
		if n := m.deliveries() - before - 5; n != 10 {
			t.Fatalf("offered %d times in the next 10 days, want daily", n)
		}
		m.set(func() { delete(m.refuses, all[7]) })
		h.Retry("ns1")
		synctest.Wait()
		if m.count(all[7]) != 1 || len(h.status("ns1").Exceptions) != 0 {
			t.Fatalf("after the home changed there: %+v", h.status("ns1"))
		}
	})
}

func TestAZoneThatOnlyFailedIsTriedSoon(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(3)
		m := newMember("a")
		m.fails = map[zone.Name]string{all[1]: "the disk there is full"}
		h.work("ns1", m)
		p := h.change(all...)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 21*time.Minute)
		defer cancel()
		var again time.Time
		time.AfterFunc(20*time.Minute, func() { again = time.Now(); m.set(func() { m.fails = nil }) })
		if r, err := h.Reached(all[1], p-1); err != nil || r.Servers[0].State != ReachWaiting || r.Servers[0].Reason == "" {
			t.Fatalf("while it fails: %+v, %v", r, err)
		}
		if r, err := h.Wait(ctx, all[1], p-1, 0); err != nil || !r.All() {
			t.Fatalf("after it is over: %+v, %v", r, err)
		}
		if wait := time.Since(again); m.zones() != 3 || m.deliveries() > 3+85 || wait > 16*time.Second {
			t.Fatalf("%d zones after %d deliveries, %s after there was room", m.zones(), m.deliveries(), wait)
		}
	})
}

func TestAFullListOfExceptionsHoldsTheCursor(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(maxExceptions + 20)
		m := newMember("a")
		for _, z := range all[:maxExceptions+5] {
			m.refuses[z] = "no"
		}
		h.change(all...)
		h.work("ns1", m, func(o *Options) { o.Batch = 256 })
		synctest.Wait()
		if s := h.status("ns1"); s.Cursor != maxExceptions || len(s.Exceptions) != maxExceptions {
			t.Fatalf("cursor %d with %d exceptions", s.Cursor, len(s.Exceptions))
		}
		m.set(func() { clear(m.refuses) })
		h.Retry("ns1")
		pass(2 * roomEvery)
		if s := h.status("ns1"); s.Waiting != 0 || len(s.Exceptions) != 0 || m.zones() != len(all) {
			t.Fatalf("after all is taken: cursor %d, %d exceptions, %d zones", s.Cursor, len(s.Exceptions), m.zones())
		}
	})
}

func TestAnEditDoesNotWaitForTheBacklog(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(2000) // 200 batches of 100 ms: a first synchronization of 20 s
		h.change(all...)
		m := newMember("a")
		m.takes = 100 * time.Millisecond
		h.work("ns1", m)
		pass(5 * time.Second)
		p := h.change(all[1990], all[10]) // one that is still waiting, one that was delivered
		began := time.Now()
		for _, z := range []zone.Name{all[1990], all[10]} {
			if _, err := h.Wait(t.Context(), z, p-1, 0); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took > 300*time.Millisecond {
			t.Errorf("the edits took %v, want at most a batch of the backlog and one of their own", took)
		}
		if m.zones() > 600 {
			t.Fatalf("the backlog was done already (%d)", m.zones())
		}
		pass(time.Minute)
		if s := h.status("ns1"); s.Waiting != 0 || m.zones() != 2000 || m.deliveries() > 2010 {
			t.Errorf("at the end: %+v, %d zones, %d deliveries", s, m.zones(), m.deliveries())
		}
	})
}

func TestALinkThatBreaksInTheBacklogLosesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(400)
		h.change(all...)
		m := newMember("a")
		m.takes = 100 * time.Millisecond
		h.work("ns1", m)
		for i := range 5 {
			pass(700 * time.Millisecond)
			h.change(all[100*i%400], all[(37*i+399)%400])
			m.crash()
			m.start()
		}
		pass(time.Minute)
		for _, z := range all {
			if head, _ := h.Head(z); m.count(z) != head.Vector[writer] {
				t.Errorf("has %d of %d changes of %q", m.count(z), head.Vector[writer], z)
			}
		}
		if s := h.status("ns1"); s.Waiting != 0 || s.Cursor != h.Synced() {
			t.Errorf("status %+v", s)
		}
	})
}

func TestATargetThatLacksTheBaseGetsTheWholeState(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		z := names(1)[0]
		h.change(z)
		m := newMember("a")
		h.work("ns1", m)
		synctest.Wait()
		m.set(func() { m.has = map[zone.Name]uint64{} })
		h.change(z)
		synctest.Wait()
		if m.count(z) != 2 || m.needs != 1 || m.whole != 2 || len(h.status("ns1").Exceptions) != 0 {
			t.Fatalf("has %d changes, %d needs, %d whole", m.count(z), m.needs, m.whole)
		}
	})
}

func TestALostAcknowledgementOnlyRepeatsTheDelivery(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(30)
		h.change(all...)
		m := newMember("a")
		m.loseAcks = 3
		h.work("ns1", m)
		pass(time.Minute)
		if m.zones() != 30 || m.count(all[0]) != 1 || h.status("ns1").Waiting != 0 {
			t.Fatalf("has %d zones, status %+v", m.zones(), h.status("ns1"))
		}
		if m.deliveries() != 60 {
			t.Errorf("%d deliveries, want the first batch four times", m.deliveries())
		}
	})
}

func TestACrashBetweenDeliveryAndCursorIsHarmless(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.change(names(30)...)
		m := newMember("a")
		_, stop := h.work("ns1", m)
		synctest.Wait()
		stop()
		clear(h.registers)
		h.Tracker = NewTracker(h.journal, "self", nil)
		h.work("ns1", m)
		synctest.Wait()
		if m.zones() != 30 || m.deliveries() != 60 || h.status("ns1").Cursor != 30 {
			t.Fatalf("%d zones, %d deliveries", m.zones(), m.deliveries())
		}
	})
}

func TestATargetMayTakeFewerThanItIsGiven(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.change(names(50)...)
		m := newMember("a")
		m.partial = 3
		h.work("ns1", m)
		synctest.Wait()
		if m.zones() != 50 || m.deliveries() != 50 {
			t.Fatalf("%d zones, %d deliveries", m.zones(), m.deliveries())
		}
	})
}

func TestATargetThatAnswersNothingIsAFailedConnection(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.change(names(1)...)
		h.work("ns1", mute{})
		pass(time.Second / 2)
		if s := h.status("ns1"); s.Connected || !strings.Contains(s.LastError, "answered none") {
			t.Fatalf("status %+v", s)
		}
	})
}

// TestAChangingZoneIsDeliveredAheadOfItsPlace: content is read when it is sent, so a zone that changes all the time
// is delivered with its newest change, once.
func TestAChangingZoneIsDeliveredOnceForManyChanges(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		z := names(1)[0]
		m := newMember("a")
		m.takes = time.Second
		h.work("ns1", m)
		for range 100 {
			h.change(z)
			pass(100 * time.Millisecond)
		}
		pass(10 * time.Second)
		if m.count(z) != 100 || m.deliveries() > 12 {
			t.Fatalf("has %d of 100 changes after %d deliveries", m.count(z), m.deliveries())
		}
	})
}

func TestOnlyZonesInScopeAreDelivered(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(20)
		h.change(all...)
		m := newMember("a")
		h.work("ns1", m, func(o *Options) {
			o.Accept = func(z zone.Name, _ store.Head) bool { return z >= all[10] }
		})
		synctest.Wait()
		if m.zones() != 10 || h.status("ns1").Cursor != 20 {
			t.Fatalf("%d zones, %+v", m.zones(), h.status("ns1"))
		}
		if r, err := h.Reached(all[0], 1); err != nil || len(r.Servers) != 0 {
			t.Fatalf("a server out of scope is expected: %+v, %v", r, err)
		}
	})
}

func TestADisabledTargetIsOnlyProbedUntilAPersonEnablesIt(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		h.change(names(5)...)
		m := newMember("a")
		health := &probe{}
		w, _ := h.work("ns1", m, func(o *Options) { o.Health = health })
		pass(10*time.Minute + time.Second)
		if m.asked != 11 || m.deliveries() != 0 {
			t.Fatalf("probed %d times in 10 minutes, %d deliveries", m.asked, m.deliveries())
		}
		health.enabled = true
		w.Wake()
		synctest.Wait()
		if m.zones() != 5 || health.failed != 0 {
			t.Fatalf("%d zones after it was enabled, %d failures", m.zones(), health.failed)
		}
		m.crash()
		synctest.Wait()
		if health.failed != 1 {
			t.Fatalf("%d failures after the connection was lost", health.failed)
		}
	})
}

func TestAFailedFeedEndsTheWorker(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		broken := errors.New("disk")
		w := NewWorker(Options{ID: "a", Name: "a", Target: newMember("a"), Feed: h.journal, Tracker: h.Tracker})
		time.AfterFunc(time.Second, func() { h.fail(broken) })
		if err := w.Run(t.Context()); !errors.Is(err, broken) {
			t.Fatalf("Run: %v", err)
		}
	})
}

func TestATargetHasOneWorker(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		_, stop := h.work("ns1", newMember("a"))
		synctest.Wait()
		m := newMember("a")
		h.work("ns1", m)
		pass(time.Hour)
		if m.asked != 0 {
			t.Fatal("a second worker works the same target at the same time")
		}
		stop()
		synctest.Wait()
		if m.asked != 1 {
			t.Fatal("the next worker did not get its turn")
		}
	})
}

func TestSteadyBacksOffFromASecondToAMinute(t *testing.T) {
	s := &Steady{}
	for i, want := range []time.Duration{0, 1, 2, 4, 8, 16, 32, 60, 60} {
		want *= time.Second
		d, ok := s.Next()
		if !ok || d > want || d < want*4/5 {
			t.Errorf("after %d failures: %v, want up to %v", i, d, want)
		}
		s.Failed(fmt.Errorf("no answer"))
	}
	s.Succeeded()
	if d, _ := s.Next(); d != 0 {
		t.Errorf("after a success: %v", d)
	}
}
