package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// chain is web → ns1 → ns2: web knows nothing of ns2.
func chain(t *testing.T) (web, ns1, ns2 *server) {
	t.Helper()
	web, ns1, ns2 = startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test"), startServer(t, "ns2.zonefleet.test")
	linkedBothWays(t, web, ns1)
	linkedBothWays(t, ns1, ns2)
	return web, ns1, ns2
}

// reaches says that a change at the server is soon counted as served by that many of that many.
func (s *server) reaches(count, zone, addr string) {
	s.t.Helper()
	eventually(s.t, 15*time.Second, "a change at "+s.name+" says "+count, func() error {
		out, err := s.try("record", "set", zone, "www", "300", "A", addr, "--wait=all", "--timeout", "3s")
		if err != nil || !strings.Contains(out, count+" ") {
			return fmt.Errorf("it says %s%v", out, err)
		}
		return nil
	})
}

func TestAChainCountsServersByReportsUpstream(t *testing.T) {
	web, ns1, ns2 := chain(t)
	web.has("example.com")
	for i, s := range []*server{web, ns1, ns2} {
		addr := fmt.Sprintf("192.0.2.%d", 10+i)
		s.reaches("3/3", "example.com", addr)
		for _, at := range []*server{web, ns1, ns2} {
			at.answers("www.example.com", dns.TypeA, addr)
		}
	}
	for i, s := range []*server{web, ns1, ns2} {
		s.stop()
		s.start()
		web.reaches("3/3", "example.com", fmt.Sprintf("192.0.2.%d", 20+i))
		ns2.reaches("3/3", "example.com", fmt.Sprintf("192.0.2.%d", 30+i))
	}
}

func TestAChainSaysWhichServerAtItsEndIsMissing(t *testing.T) {
	web, ns1, ns2 := chain(t)
	web.has("example.com")
	web.reaches("3/3", "example.com", "192.0.2.10")
	ns2.kill()
	var result struct {
		Reach struct {
			Served  int `json:"served"`
			Total   int `json:"total"`
			Servers []struct {
				Name  string `json:"name"`
				State string `json:"state"`
			} `json:"servers"`
		} `json:"reach"`
	}
	out, _ := web.try("record", "set", "example.com", "www", "300", "A", "192.0.2.11", "--wait=all", "--timeout", "1s", "--output", "json")
	decode(t, out, &result)
	if result.Reach.Served != 2 || result.Reach.Total != 3 {
		t.Errorf("with ns2 down: %s", out)
	}
	for _, s := range result.Reach.Servers {
		if s.Name == ns2.name && s.State == "served" {
			t.Errorf("ns2 is down and counts as served: %s", out)
		}
	}
	ns1.answers("www.example.com", dns.TypeA, "192.0.2.11")
	ns2.start()
	ns2.answers("www.example.com", dns.TypeA, "192.0.2.11")
	web.reaches("3/3", "example.com", "192.0.2.12")
}

func TestWaitsEndInACircleOfThree(t *testing.T) {
	a, b, c := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test"), startServer(t, "c.zonefleet.test")
	linkedBothWays(t, a, b)
	linkedBothWays(t, b, c)
	linkedBothWays(t, c, a)
	a.has("example.com")
	for i, s := range []*server{a, b, c} {
		s.reaches("3/3", "example.com", fmt.Sprintf("192.0.2.%d", 10+i))
	}
}

func TestFiveServersAreCountedOnceAndARemovedOneNoMore(t *testing.T) {
	web, ns1, ns2 := chain(t)
	ns3, ns4 := startServer(t, "ns3.zonefleet.test"), startServer(t, "ns4.zonefleet.test")
	linkedBothWays(t, web, ns2) // reached directly and through ns1: one server
	linkedBothWays(t, ns2, ns3)
	linkedBothWays(t, ns3, ns4)
	linkedBothWays(t, ns1, ns4) // and ns4 by two ways
	web.has("example.com")
	for i, s := range []*server{web, ns1, ns2, ns3, ns4} {
		s.reaches("5/5", "example.com", fmt.Sprintf("192.0.2.%d", 10+i))
	}
	ns3.run("member", "remove", ns4.name)
	ns1.run("member", "remove", ns4.name)
	for i, s := range []*server{web, ns1, ns2, ns3} {
		s.reaches("4/4", "example.com", fmt.Sprintf("192.0.2.%d", 20+i))
	}
	ns4.set("example.com", "192.0.2.99", "--wait=all", "--timeout", "2s") // alone
}
