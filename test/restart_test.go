package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/miekg/dns"
)

// identity is the file in which a server keeps the id that it writes under.
func (s *server) identity() string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "instance"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestARestartedServerWritesUnderItsOldID(t *testing.T) {
	web, ns1, ns2 := trio(t)
	servers := []*server{web, ns1, ns2}
	web.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	for i, s := range servers {
		s.answers("www.example.com", dns.TypeA, "192.0.2.1")
		s.run("record", "set", "example.com", "before", "300", "A", "192.0.2.2", "--wait=all")
		before := s.identity()
		s.stop()
		s.start()
		s.run("record", "set", "example.com", "after", "300", "TXT", s.name, "--wait=all")
		if s.identity() != before {
			t.Errorf("server %d took a fresh id although all answer:\n%s\n%s", i+1, before, s.identity())
		}
	}
}

func TestAServerWhoseMemberIsDownWritesUnderAFreshID(t *testing.T) {
	a, b := pair(t)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	settled(t, a)
	before := a.identity()
	b.kill()
	a.stop()
	a.start()
	a.run("record", "set", "example.com", "www", "300", "A", "192.0.2.2")
	if a.identity() == before {
		t.Error("the id stayed although the member may know more of it than the server itself")
	}
	b.start()
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
}
