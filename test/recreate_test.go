package test

import (
	"strings"
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

// TestAskNamesAServerThatIsDown shows where it should answer and that it does not, and asks the others nevertheless.
func TestAskNamesAServerThatIsDown(t *testing.T) {
	a, b := pair(t)
	a.run("zone", "create", "asked.example", "--wait=all")
	b.kill()
	out, err := a.try("ask", "asked.example", "NS", "--all")
	if err == nil {
		t.Error("a server that does not answer is no failure")
	}
	for _, want := range []string{a.dns, b.dns, "NOERROR", "no answer"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %s:\n%s", want, out)
		}
	}
}
