package test

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A web server and two nameservers, each fed by the web server.
func brakedCluster(t *testing.T, zones int) (web, ns1, ns2 *server, names []string) {
	web, ns1, ns2 = startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test"), startServer(t, "ns2.zonefleet.test")
	for i := range zones {
		names = append(names, fmt.Sprintf("z%02d.example", i))
	}
	web.has(names...)
	for _, ns := range []*server{ns1, ns2} {
		linkAs(t, "leaf", web, ns, "--role", "synchronize", "--zones", "all", "--sync-now")
	}
	web.run("wait", "--timeout", "30s")
	return web, ns1, ns2, names
}

// serves waits until the server has that many zones.
func (s *server) hasZones(n int) {
	s.t.Helper()
	eventually(s.t, 15*time.Second, fmt.Sprintf("%s has %d zones", s.name, n), func() error {
		if got := s.zones(); got != n {
			return fmt.Errorf("it has %d", got)
		}
		return nil
	})
}

func (s *server) zones() int {
	s.t.Helper()
	var list struct {
		Total int `json:"total"`
	}
	s.json(&list, "zone", "list")
	return list.Total
}

// held is how many changes wait at the server.
func (s *server) held() int {
	s.t.Helper()
	var list struct {
		Held []struct{ State string } `json:"held"`
	}
	s.json(&list, "change", "held")
	n := 0
	for _, h := range list.Held {
		if h.State == "waiting" {
			n++
		}
	}
	return n
}

func (s *server) holds(n int) {
	s.t.Helper()
	eventually(s.t, 15*time.Second, fmt.Sprintf("%s holds %d changes", s.name, n), func() error {
		if got := s.held(); got != n {
			return fmt.Errorf("it holds %d", got)
		}
		return nil
	})
}

func TestAMassDeletionStopsAtTheBrakeAndIsReleasedOnceForTheCluster(t *testing.T) {
	web, ns1, ns2, names := brakedCluster(t, 50)
	deleted := 0
	for _, z := range names[:40] {
		_, err := web.try("zone", "delete", z)
		var exit *exec.ExitError
		switch {
		case err == nil:
			deleted++
		case !errors.As(err, &exit) || exit.ExitCode() != 8:
			t.Fatal(err)
		}
	}
	if deleted != 15 {
		t.Errorf("%d zones are deleted", deleted)
	}
	web.holds(25)
	ns1.hasZones(35)
	ns2.hasZones(35)
	web.kill() // and what is held, and counted, is still so
	web.start()
	web.holds(25)
	if _, err := web.try("zone", "delete", names[45]); err == nil {
		t.Error("after a restart the count begins anew")
	}
	// What a person releases here is held nowhere else, although it is more than a third.
	web.run("change", "release", "--all")
	for _, ns := range []*server{ns1, ns2} {
		ns.hasZones(9)
		ns.holds(0)
	}
}

func TestWhatOneTokenMayTwoTokensMayNot(t *testing.T) {
	web, ns1, ns2, names := brakedCluster(t, 50)
	// Two programs, each within its share: the nameservers see one server that takes half of its zones away.
	for i, part := range [][]string{names[:15], names[15:25]} {
		token := web.token(fmt.Sprintf("api --name program%d", i))
		for _, z := range part {
			if out, err := web.try("zone", "delete", z, "--token", token); err != nil {
				t.Fatalf("program %d: %s %v", i, out, err)
			}
		}
	}
	for _, ns := range []*server{ns1, ns2} {
		ns.holds(10)
		ns.hasZones(35)
	}
	out, err := web.try("cluster", "status")
	if err == nil || !containsAll(out, ns1.name+" holds 10 zones", ns2.name+" holds 10 zones", "someone must act") {
		t.Errorf("the sender's status: %s %v", out, err)
	}
	// Comparing and repairing bring nothing in that waits for a person.
	web.run("cluster", "drift", "--now")
	web.run("cluster", "repair", "--yes")
	ns1.holds(10)
	ns1.hasZones(35)
	// Other zones go on.
	web.set(names[49], "192.0.2.2")
	ns1.answers("www."+names[49], dns.TypeA, "192.0.2.2")
	// Dropped at one, released at the other: a person has decided, once for the cluster.
	ns2.stop()
	ns1.run("change", "release", "--all", "--reason", "they moved")
	ns1.hasZones(25)
	ns2.start()
	ns2.hasZones(25)
	ns2.holds(0)
	web.run("wait", "--timeout", "30s")
	if out := web.run("cluster", "status"); !strings.Contains(out, "in step") {
		t.Errorf("the status says %s", out)
	}
}

func TestAConfirmedDeletionIsHeldNowhere(t *testing.T) {
	web, ns1, ns2, names := brakedCluster(t, 30)
	ns2.stop()
	out := web.run(append([]string{"zone", "delete", "--confirm", strconv.Itoa(28)}, names[:28]...)...)
	if !strings.Contains(out, "28 zones deleted, 0 held") {
		t.Error(out)
	}
	ns1.hasZones(2)
	ns2.start() // also where it arrives late
	ns2.hasZones(2)
	if ns1.held()+ns2.held()+web.held() > 0 {
		t.Error("something is held")
	}
}
