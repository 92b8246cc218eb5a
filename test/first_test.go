package test

import (
	"strings"
	"testing"
)

func TestTheFirstZoneOfALinkedPairIsWaitedForAtBoth(t *testing.T) {
	for _, at := range []string{"a", "b"} {
		a, b := pair(t)
		s := map[string]*server{"a": a, "b": b}[at]
		out := s.run("zone", "create", "example.com", "--ns", "ns1.zonefleet.test", "--wait=all")
		if !strings.Contains(out, "2/2") {
			t.Errorf("created at %s: %s", s.name, out)
		}
	}
}
