package deliver

import (
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// What a target refused while this node's clock was a year ahead is offered again when the clock is right, and then at its
// usual pace.
func TestARefusedZoneDoesNotWaitForAClockThatWasAhead(t *testing.T) {
	const z = zone.Name("\x04shop\x04test\x00")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, result := range []Result{Refused, Failed} {
		var e exceptions
		e.put(Outcome{Zone: z, Position: 1, Result: result}, now.AddDate(1, 0, 0))
		if zones, _ := e.due(now, 10); len(zones) != 1 {
			t.Errorf("%v: not offered again", result)
		}
		e.put(Outcome{Zone: z, Position: 1, Result: result}, now)
		zones, next := e.due(now, 10)
		if pause := retryAfter(result, 2); len(zones) != 0 || next.Sub(now) != pause {
			t.Errorf("%v: %d zones due at once, the next after %s, want %s", result, len(zones), next.Sub(now), pause)
		}
		if zones, _ := e.due(next, 10); len(zones) != 1 {
			t.Errorf("%v: not offered again after its pause", result)
		}
	}
}
