package deliver

import (
	"testing"
	"testing/synctest"
)

// A zone that changed while a member is away is served by one less, and is listed until the member is back.
func TestStepsCountServersAndBehindListsWhatSomeServerHasNot(t *testing.T) {
	bubble(t, func(t *testing.T, h *here) {
		all := names(30)
		h.change(all...)
		a, b := newMember("a"), newMember("b")
		h.work("ns1", a)
		h.work("ns2", b)
		synctest.Wait()
		steps := func(i int) (int, int) {
			head, err := h.journal.Head(all[i])
			if err != nil {
				t.Fatal(err)
			}
			served, servers := h.Tracker.Steps(head)
			return served, len(servers)
		}
		if served, total := steps(2); served != 2 || total != 2 {
			t.Errorf("%d/%d serve it", served, total)
		}
		if zones, more := h.Tracker.Behind(10); len(zones) != 0 || more {
			t.Errorf("behind: %v, more %v", zones, more)
		}
		b.crash()
		h.change(all[2], all[4], all[6])
		synctest.Wait()
		if served, total := steps(2); served != 1 || total != 2 {
			t.Errorf("with one away %d/%d serve it", served, total)
		}
		if served, _ := steps(3); served != 2 {
			t.Errorf("of another zone %d serve it", served)
		}
		if zones, more := h.Tracker.Behind(10); len(zones) != 3 || more {
			t.Errorf("behind: %v, more %v", zones, more)
		}
		if zones, more := h.Tracker.Behind(2); len(zones) != 2 || !more {
			t.Errorf("behind, at most two: %v, more %v", zones, more)
		}
	})
}
