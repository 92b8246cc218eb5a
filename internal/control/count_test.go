package control_test

import "testing"

// The numbers of the status are counted once for a position, and again after every change.
func TestTheCountOfZonesFollowsEveryChange(t *testing.T) {
	s := newNetwork().server(t, "web1.test")
	counts := func(zones, deleted int) {
		t.Helper()
		for range 2 {
			st, err := s.Status(ctx(), root)
			if err != nil || st.Zones != zones || st.Deleted != deleted {
				t.Errorf("%d zones and %d deleted ones %v, want %d and %d", st.Zones, st.Deleted, err, zones, deleted)
			}
		}
	}
	counts(0, 0)
	s.create(t, "one.example")
	counts(1, 0)
	s.create(t, "two.example")
	counts(2, 0)
	s.remove(t, "one.example")
	counts(1, 1)
}
