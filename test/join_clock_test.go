package test

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// Certificates are worth what their pinned keys are, whatever the clocks say; a zone that both have is a conflict at both.
func TestAJoinWithClocksAnHourApartAndACommonZoneOverwritesNothing(t *testing.T) {
	for _, offset := range []string{"1h", "-1h"} {
		t.Run(offset, func(t *testing.T) {
			a, c := startServer(t, "a.zonefleet.test"), startServer(t, "c.zonefleet.test", "--clock-offset", offset)
			a.importAs("root", "same.example", "192.0.2.1")
			c.importAs("root", "same.example", "192.0.2.2")
			c.run("join", a.invite(), "--yes")
			for _, s := range []*server{a, c} {
				eventually(t, 20*time.Second, s.name+" lists the conflict and the clock", func() error {
					out, _ := s.try("cluster", "status")
					conflicts := s.run("conflict", "list")
					if !containsAll(out, "1 zone with conflicts", "clock of") || !containsAll(conflicts, "same.example", "root at a.zonefleet.test", "root at c.zonefleet.test") {
						return errors.New(out + conflicts)
					}
					return nil
				})
			}
			if here, there := a.run("zone", "export", "same.example"), c.run("zone", "export", "same.example"); strings.Contains(here, "192.0.2.1") != strings.Contains(there, "192.0.2.1") {
				t.Errorf("they serve different zones:\n%s\n%s", here, there)
			}
		})
	}
}
