package test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// generations runs a story twice: the first server is of the previous release and the second of this one, and the other
// way about. Both are linked by the story.
func generations(t *testing.T, story func(t *testing.T, here, there *server)) {
	t.Helper()
	for _, older := range []string{"here", "there"} {
		t.Run("the previous release is "+older, func(t *testing.T) {
			servers := map[string]*server{}
			for _, name := range []string{"here", "there"} {
				servers[name] = newServer(t, name+".zonefleet.test")
				if name == older {
					servers[name].ofPrevious()
				}
				servers[name].start()
			}
			story(t, servers["here"], servers["there"])
		})
	}
}

func TestThePreviousReleaseIsAnotherProgram(t *testing.T) {
	s := newServer(t, "a.zonefleet.test").ofPrevious()
	if out := s.run("--version"); !strings.Contains(out, previous(t).version) {
		t.Errorf("it says that it is %q, not %s", out, previous(t).version)
	}
	if s.program() == program {
		t.Error("it is the program under test")
	}
}

func TestServersOfTwoReleasesSynchronize(t *testing.T) {
	generations(t, func(t *testing.T, here, there *server) {
		here.has("example.com")
		there.has("example.net")
		linkedBothWays(t, here, there)
		both := []*server{here, there}
		for _, s := range both {
			s.answers("www.example.com", dns.TypeA, "192.0.2.1")
			s.answers("www.example.net", dns.TypeA, "192.0.2.1")
		}
		for i, s := range both { // edits of either side's zones, waited for
			for j, zone := range []string{"example.com", "example.net"} {
				addr := fmt.Sprintf("192.0.2.%d", 10+2*i+j)
				if out := s.set(zone, addr, "--wait=all"); !strings.Contains(out, "2/2") {
					t.Errorf("an edit of %s at %s says %q", zone, s.name, out)
				}
				here.answers("www."+zone, dns.TypeA, addr)
				there.answers("www."+zone, dns.TypeA, addr)
			}
		}
		here.run("zone", "delete", "example.net")
		settled(t, here)
		there.keepsNotHaving("example.net")
		there.run("record", "delete", "example.com", "www", "A")
		here.answers("www.example.com", dns.TypeA)
		settled(t, here, there)
		sameSerial(t, "example.com", here, there)
	})
}

func TestServersOfTwoReleasesListTheSameConflicts(t *testing.T) {
	generations(t, func(t *testing.T, here, there *server) {
		linkedBothWays(t, here, there)
		here.has("example.com")
		there.answers("www.example.com", dns.TypeA, "192.0.2.1")
		cut(here, there)
		here.set("example.com", "192.0.2.10")
		time.Sleep(20 * time.Millisecond) // the other edit is the later one
		there.set("example.com", "192.0.2.20")
		heal(here, there)
		here.answers("www.example.com", dns.TypeA, "192.0.2.20")
		there.answers("www.example.com", dns.TypeA, "192.0.2.20")
		settled(t, here, there)
		var lists [2]conflictList
		for i, s := range []*server{here, there} {
			s.json(&lists[i], "conflict", "list")
			if len(lists[i].Conflicts) != 1 {
				t.Fatalf("%s lists %+v", s.name, lists[i])
			}
		}
		id := lists[0].Conflicts[0].ID
		if id != lists[1].Conflicts[0].ID {
			t.Errorf("one conflict has the ids %s and %s", id, lists[1].Conflicts[0].ID)
		}
		there.run("conflict", "choose", id)
		here.answers("www.example.com", dns.TypeA, "192.0.2.10")
		eventually(t, 5*time.Second, "the conflict is settled at both", func() error {
			for _, s := range []*server{here, there} {
				var list conflictList
				if s.json(&list, "conflict", "list"); len(list.Conflicts) > 0 {
					return fmt.Errorf("%s lists %+v", s.name, list)
				}
			}
			return nil
		})
	})
}

func TestEachRoleHoldsBetweenServersOfTwoReleases(t *testing.T) {
	generations(t, func(t *testing.T, here, there *server) {
		t.Run("write-only", func(t *testing.T) {
			here.has("replaced.example")
			link(t, here, there, "--role", "write-only", "--sync-now")
			there.answers("www.replaced.example", dns.TypeA, "192.0.2.1")
			here.run("member", "disable", there.name)
			here.set("replaced.example", "192.0.2.70")
			time.Sleep(20 * time.Millisecond) // the receiver's edit is the later one, and is replaced all the same
			there.set("replaced.example", "192.0.2.60")
			there.run("record", "set", "replaced.example", "other", "300", "A", "192.0.2.61")
			here.run("member", "enable", there.name)
			there.answers("www.replaced.example", dns.TypeA, "192.0.2.70")
			there.keepsAnswering("other.replaced.example", "192.0.2.61")
			here.keepsAnswering("other.replaced.example", "") // nothing is read
			here.run("member", "remove", there.name)
		})
		t.Run("standalone", func(t *testing.T) {
			link(t, here, there, "--role", "standalone")
			there.set("replaced.example", "192.0.2.80")
			here.answers("www.replaced.example", dns.TypeA, "192.0.2.80")
			here.set("replaced.example", "192.0.2.90")
			there.keepsAnswering("www.replaced.example", "192.0.2.80") // nothing is sent
		})
	})
}

// upgrade ends the server in order and starts it with the program under test.
func (s *server) upgrade() {
	s.t.Helper()
	s.stop()
	s.upgraded().start()
}

// editor gives the servers records of one zone, and keeps what was acknowledged.
type editor struct {
	zone   string
	rounds int
	acked  map[string]string // name → address
}

// edit makes as many records at each server. One that is down or ends refuses, which is no promise.
func (e *editor) edit(rounds int, at ...*server) {
	for range rounds {
		e.rounds++
		for i, s := range at {
			name, addr := fmt.Sprintf("n%d-%d", e.rounds, i), fmt.Sprintf("198.51.100.%d", e.rounds)
			if _, err := s.try("record", "set", e.zone, name, "300", "A", addr); err == nil {
				e.acked[name] = addr
			}
		}
	}
}

func TestAClusterIsUpgradedServerByServerUnderEditsAndLosesNothing(t *testing.T) {
	web, ns1, ns2 := newServer(t, "web.zonefleet.test").ofPrevious(), newServer(t, "ns1.zonefleet.test").ofPrevious(), newServer(t, "ns2.zonefleet.test").ofPrevious()
	servers := []*server{web, ns1, ns2}
	for _, s := range servers {
		s.start()
	}
	linkedBothWays(t, web, ns1)
	linkedBothWays(t, web, ns2)
	web.has("example.com")
	ns2.answers("www.example.com", dns.TypeA, "192.0.2.1")

	e := editor{zone: "example.com", acked: map[string]string{}}
	for i, s := range servers {
		var editing sync.WaitGroup
		editing.Go(func() { e.edit(6, servers...) }) // also while it ends
		time.Sleep(100 * time.Millisecond)
		s.stop()
		editing.Wait()
		e.edit(2, slices.Delete(slices.Clone(servers), i, i+1)...) // while it is away
		s.upgraded().start()
		e.edit(2, servers...)
	}
	if most := 3 * (6*3 + 2*2 + 2*3); len(e.acked) < most/2 {
		t.Errorf("only %d of %d edits were acknowledged", len(e.acked), most)
	}
	for name, addr := range e.acked {
		for _, s := range servers {
			s.answers(name+"."+e.zone, dns.TypeA, addr)
		}
	}
	settled(t, servers...)
	sameSerial(t, e.zone, servers...)
	for _, s := range servers {
		s.whole()
		var list conflictList
		if s.json(&list, "conflict", "list"); len(list.Conflicts) != 0 {
			t.Errorf("%s lists %+v", s.name, list)
		}
	}
}

// What one release has written is read by the next, and by the one before as long as no newer format was needed.
func TestADataFolderGoesToTheNextReleaseAndBack(t *testing.T) {
	s := newServer(t, "a.zonefleet.test").ofPrevious()
	s.start()
	s.has("example.com", "gone.example")
	s.set("example.com", "192.0.2.2", "--reason", "as the old one")
	s.run("zone", "delete", "gone.example")

	s.upgrade()
	s.answers("www.example.com", dns.TypeA, "192.0.2.2")
	if out := s.run("zone", "history", "example.com"); !strings.Contains(out, "as the old one") {
		t.Errorf("the history of the older release is not there:\n%s", out)
	}
	s.undoNewest("example.com", "edit")
	s.answers("www.example.com", dns.TypeA, "192.0.2.1")
	s.run("zone", "restore", "gone.example")
	s.answers("www.gone.example", dns.TypeA, "192.0.2.1")
	s.set("example.com", "192.0.2.3", "--reason", "as the new one")
	s.has("new.example")
	s.whole()

	s.stop()
	s.ofPrevious().start()
	s.answers("www.example.com", dns.TypeA, "192.0.2.3")
	s.answers("www.new.example", dns.TypeA, "192.0.2.1")
	s.answers("www.gone.example", dns.TypeA, "192.0.2.1")
	if out := s.run("zone", "history", "example.com"); !containsAll(out, "as the old one", "as the new one") {
		t.Errorf("the older release reads the history as\n%s", out)
	}
	s.set("example.com", "192.0.2.4")
	s.answers("www.example.com", dns.TypeA, "192.0.2.4")
	s.whole()

	s.upgrade() // what the older one wrote is not missing in what only the newer one keeps
	s.answers("www.example.com", dns.TypeA, "192.0.2.4")
	s.set("example.com", "192.0.2.5")
	s.answers("www.example.com", dns.TypeA, "192.0.2.5")
	s.whole()
}

// What only the newer release knows (that a person confirmed a deletion, comparison) is not said to the older one, and is
// no failure of it.
func TestWhatTheOlderReleaseDoesNotKnowIsNotAskedOfIt(t *testing.T) {
	here, there := newServer(t, "here.zonefleet.test"), newServer(t, "there.zonefleet.test").ofPrevious()
	here.start()
	there.start()
	linkedBothWays(t, here, there)
	var zones []string
	for i := range 12 {
		zones = append(zones, fmt.Sprintf("z%02d.example", i))
	}
	here.has(append(zones, "stays.example")...)
	settled(t, here)
	here.run(append([]string{"zone", "delete", "--confirm", "12"}, zones...)...)
	settled(t, here)
	for _, z := range zones {
		if m, err := there.ask("www."+z, dns.TypeA); err != nil || m.Rcode != dns.RcodeRefused {
			t.Errorf("%s is there still: %v, %v", z, m, err)
		}
	}
	if m := here.drift(there); m.Differ != 0 || m.Compared != nil || m.Failed == "" {
		t.Errorf("comparing with an older release says %+v", m)
	}
	here.set("stays.example", "192.0.2.2", "--wait=all")
	there.answers("www.stays.example", dns.TypeA, "192.0.2.2")
	for _, s := range []*server{here, there} {
		for _, m := range s.members() {
			if !m.Connected || m.Failures > 0 || m.LastError != "" {
				t.Errorf("%s says of its member %+v", s.name, m)
			}
		}
	}
}
