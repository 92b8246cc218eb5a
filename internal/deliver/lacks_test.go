package deliver

import (
	"testing"
	"testing/synctest"
)

// What a server sends of a zone shows what it has of it.
func TestATargetThatShowsThatItLacksAZoneGetsItAgain(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(4)
		m := newMember("a")
		m.refuses[all[2]] = "no"
		h.change(all...)
		h.work("ns1", m)
		synctest.Wait()
		before := m.deliveries()

		h.Lacks("ns1", all[1], 99) // what is not delivered yet comes in its turn
		h.Lacks("ns1", all[2], 3)  // what was refused too
		h.Lacks("nobody", all[1], 2)
		synctest.Wait()
		if n := m.deliveries() - before; n != 0 {
			t.Errorf("offered %d times without need", n)
		}
		m.set(func() { delete(m.has, all[1]) })
		h.Lacks("ns1", all[1], 2)
		synctest.Wait()
		if m.count(all[1]) != 1 {
			t.Error("the zone was not offered again")
		}
		if s := h.status("ns1"); s.Waiting != 0 {
			t.Errorf("after it: %+v", s)
		}
	})
}

// The first pass of a write-only link replaces a zone only the first time that it goes there.
func TestAZoneThatWasAcknowledgedGoesThereAgain(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		z := names(1)[0]
		m := newMember("a")
		m.refuses[z] = "no"
		h.change(z)
		h.work("ns1", m)
		synctest.Wait()
		m.set(func() { delete(m.refuses, z) })
		h.Retry("ns1", z)
		synctest.Wait()
		if m.count(z) != 1 || m.again != 0 {
			t.Fatalf("offered %d times as one that it had before", m.again)
		}
		h.change(z)
		synctest.Wait()
		if m.count(z) != 2 || m.again != 1 {
			t.Errorf("offered %d times as one that it had before", m.again)
		}
	})
}
