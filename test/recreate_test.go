package test

import (
	"testing"

	"github.com/miekg/dns"
)

// TestADeletedZoneIsCreatedAgain asks for it at once, while the deletion still is on its way to the other server, and
// later at the other server.
func TestADeletedZoneIsCreatedAgain(t *testing.T) {
	a, b := pair(t)
	for range 5 {
		a.run("zone", "create", "again.example", "--wait=all")
		a.run("zone", "delete", "again.example")
	}
	a.run("wait")
	b.run("zone", "create", "again.example", "--wait=all")
	b.run("record", "set", "again.example", "www", "300", "A", "192.0.2.9", "--wait=all")
	a.answers("www.again.example", dns.TypeA, "192.0.2.9")
	b.run("zone", "delete", "again.example", "--wait=all")
	a.run("zone", "import", writeZones(t, map[string]string{"again.example": zoneFile("192.0.2.10")}), "--wait=all")
	b.answers("www.again.example", dns.TypeA, "192.0.2.10")
}
