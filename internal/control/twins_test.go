package control_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Twins are told once and counted for a day after they were last seen; one who makes up keys does not fill anything.
func TestTwinsAreToldOnceAndBounded(t *testing.T) {
	w := newWorld()
	a := w.server(t, "a.test")
	saw := func(n int) {
		t.Helper()
		if err := a.SawTwins(ctx(), control.Twins{Name: "web.test", Key: fmt.Sprintf("SHA256:%d", n), Where: []string{"192.0.2.1"}}); err != nil {
			t.Fatal(err)
		}
	}
	pass := func(d time.Duration) { w.now += zone.Millis(d.Milliseconds()) }
	saw(0)
	pass(10 * time.Hour)
	saw(0)
	pass(15 * time.Hour)
	saw(0)
	if events, err := a.Events(ctx(), root, 0, 10); err != nil || len(events) != 1 || events[0].Kind != "twins" || events[0].Severity != "alarm" {
		t.Errorf("events %+v, %v", events, err)
	}
	for n := range 250 {
		saw(n)
	}
	if n := a.CopiedServers(); n != 100 {
		t.Errorf("%d are kept", n)
	}
	pass(25 * time.Hour)
	if status, err := a.Status(ctx(), root); err != nil || len(status.Alarms) != 0 || a.CopiedServers() != 0 {
		t.Errorf("after a day the alarms are %q, %v", status.Alarms, err)
	}
}
