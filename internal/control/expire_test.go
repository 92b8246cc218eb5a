package control

import (
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestExpireForgetsOldDeletionsAndNothingElse(t *testing.T) {
	n := newNode(t, "a")
	z := mustName(t, "example.com")
	n.create(t, z)
	n.set(t, z, "www", "192.0.2.1")
	n.set(t, z, "gone", "192.0.2.2")
	n.deleteSet(t, z, "gone")
	count := func() int {
		s, _, err := n.Store.State(z)
		if err != nil {
			t.Fatal(err)
		}
		return len(s.Keys)
	}
	before := count()
	if err := n.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != before {
		t.Errorf("a fresh deletion was forgotten: %d keys of %d", got, before)
	}
	n.clock += zone.Millis((keepAbsents + time.Hour).Milliseconds())
	if err := n.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != before-1 {
		t.Errorf("%d keys are left of %d, one deletion was to be forgotten", got, before)
	}
}
