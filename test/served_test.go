package test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A member whose data say the right thing when they are compared, and whose nameserver answers something else, is named, also
// where the link only receives: here rows of its database are lost, and what it keeps of them to compare is not.
func TestAMemberThatServesSomethingElseIsNamed(t *testing.T) {
	for _, role := range []string{"synchronize", "standalone"} {
		t.Run(role, func(t *testing.T) {
			a, b := two(t)
			b.has("example.com", "example.net")
			link(t, a, b, "--role", "synchronize", "--sync-now")
			a.answers("www.example.net", dns.TypeA, "192.0.2.1")
			a.run("member", "role", b.name, role)
			a.connected(b.name)
			if out := a.run("cluster", "drift", "--served", "--member", b.name); !containsAll(out, "does not differ", "asked over DNS for 2 zones") {
				t.Errorf("it says %q", out)
			}
			b.stop()
			b.losesRows("example.com", "www.example.com")
			b.start()
			b.answers("www.example.com", dns.TypeA)
			a.connected(b.name)
			out, err := a.try("cluster", "drift", "--served", "--zone", "example.com", "--member", b.name)
			if err == nil || !containsAll(out, "example.com: served otherwise, repair: nothing", "its nameserver at "+b.dns+" answers with serial", "192.0.2.1") {
				t.Errorf("it says %q, %v", out, err)
			}
			if m := a.drift(b); m.Differ != 1 || m.Zones[0].Zone != "example.com" || m.Zones[0].RRsets[0].Name != "www.example.com." {
				t.Errorf("without being asked to it finds %+v", m)
			}
			b.run("zone", "import", writeZones(t, map[string]string{"example.com": a.run("zone", "export", "example.com")}))
			b.answers("www.example.com", dns.TypeA, "192.0.2.1")
			if m := a.drift(b); m.Differ != 0 {
				t.Errorf("%+v", m)
			}
			if out, _ := a.try("cluster", "status"); strings.Contains(out, "differs") {
				t.Errorf("the status says %q", out)
			}
		})
	}
}

// A zone that is deleted and created again is the same at both ends of a write-only link, of which the member's changes are
// not read.
func TestAZoneThatIsCreatedAgainIsNoDriftOfAWriteOnlyLink(t *testing.T) {
	a, b := two(t)
	link(t, a, b, "--role", "write-only", "--sync-now")
	a.has("example.com", "example.net")
	a.run("wait", "--timeout", "20s")
	b.set("example.com", "192.0.2.66") // the member's own people
	for _, addr := range []string{"192.0.2.2", "192.0.2.3"} {
		a.run("zone", "delete", "example.com")
		a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile(addr)}))
		a.run("wait", "--timeout", "20s")
		b.answers("www.example.com", dns.TypeA, addr)
		if m := a.drift(b); m.Differ+m.Healed+m.Moving != 0 {
			t.Errorf("%+v", m)
		}
	}
}
