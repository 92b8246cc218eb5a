package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// trio is the demo's cluster: web → ns1, web → ns2, ns1 → ns2.
func trio(t *testing.T) (web, ns1, ns2 *server) {
	t.Helper()
	web, ns1, ns2 = startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test"), startServer(t, "ns2.zonefleet.test")
	linkedBothWays(t, web, ns1)
	linkedBothWays(t, web, ns2)
	linkedBothWays(t, ns1, ns2)
	return web, ns1, ns2
}

func TestAnEditAtAnyServerReachesAll(t *testing.T) {
	web, ns1, ns2 := trio(t)
	web.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	for _, s := range []*server{web, ns1, ns2} {
		s.answers("www.example.com", dns.TypeA, "192.0.2.1")
	}
	for i, at := range []*server{web, ns1, ns2} {
		addr := fmt.Sprintf("192.0.2.%d", 10+i)
		out := at.run("record", "set", "example.com", "www", "300", "A", addr, "--wait=all")
		if !strings.Contains(out, "3/3") {
			t.Errorf("set at %s: %q does not say 3/3", at.name, out)
		}
		for _, s := range []*server{web, ns1, ns2} {
			s.answers("www.example.com", dns.TypeA, addr)
		}
	}
}

func TestAKilledServerCatchesUpByItself(t *testing.T) {
	web, ns1, ns2 := trio(t)
	web.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	ns1.answers("www.example.com", dns.TypeA, "192.0.2.1")
	ns1.kill()
	web.run("record", "set", "example.com", "one", "300", "A", "192.0.2.101")
	ns2.answers("one.example.com", dns.TypeA, "192.0.2.101")
	ns2.run("record", "set", "example.com", "two", "300", "A", "192.0.2.102")
	web.run("zone", "import", writeZones(t, map[string]string{"example.net": zoneFile("192.0.2.2")}))
	ns1.start()
	ns1.answers("one.example.com", dns.TypeA, "192.0.2.101")
	ns1.answers("two.example.com", dns.TypeA, "192.0.2.102")
	ns1.answers("www.example.net", dns.TypeA, "192.0.2.2")
	web.run("wait", "--timeout", "20s")
	sameSerial(t, "example.com", web, ns1, ns2)
}

func TestEditsWaitingForADeadServerAreCounted(t *testing.T) {
	a, b := pair(t)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	a.run("wait")
	b.kill()
	for i := range 5 {
		a.run("record", "set", "example.com", "www", "300", "A", fmt.Sprintf("192.0.2.%d", 10+i))
	}
	out, err := a.try("cluster", "status")
	if err == nil || !strings.Contains(out, "waiting: 5") {
		t.Errorf("after five edits of one zone the status is %v\n%s", err, out)
	}
	b.start()
	b.answers("www.example.com", dns.TypeA, "192.0.2.14")
}

func sameSerial(t *testing.T, zone string, servers ...*server) {
	t.Helper()
	serials := map[uint32]string{}
	for _, s := range servers {
		m, err := s.ask(zone, dns.TypeSOA)
		if err != nil || len(m.Answer) != 1 {
			t.Fatalf("SOA of %s at %s: %v %v", zone, s.name, m, err)
		}
		serials[m.Answer[0].(*dns.SOA).Serial] += s.name + " "
	}
	if len(serials) != 1 {
		t.Errorf("serials of %s differ: %v", zone, serials)
	}
}
