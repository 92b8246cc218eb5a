package control_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func swap(from, to string) control.SetRequest {
	return control.SetRequest{Kind: control.SetReplace, SetParams: control.SetParams{From: from, To: to}}
}

// A server moved: its address is replaced in all zones that have it, as one change, and put back as one.
func TestAValueIsReplacedEverywhereAndPutBack(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	for i, z := range many(220) {
		lines := []string{"@ MX 10 old.test.", "www A 192.0.2.1"}
		if i%2 == 0 {
			lines = []string{"@ A 203.0.113.10", "www A 203.0.113.10", "ftp A 192.0.2.1"}
		}
		s.create(t, z.Text(), lines...)
	}
	s.create(t, "gone.example", "www A 203.0.113.10")
	if _, err := s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name("gone.example")}); err != nil {
		t.Fatal(err)
	}
	c := s.begin(t, swap("203.0.113.10", "198.51.100.7"))
	if c.State != control.SetReady || c.Zones != 110 || c.Records != 220 || c.Seen != 221 {
		t.Fatalf("the search: %+v", c)
	}
	zones, err := s.ChangeSetZones(ctx(), root, c.ID, 0)
	if err != nil || len(zones) != 100 || zones[0].Records != 2 || !strings.Contains(zones[0].Example, "A 300 203.0.113.10 → 300 198.51.100.7") {
		t.Errorf("%d zones are shown, the first %+v, %v", len(zones), zones[0], err)
	}
	s.edit(t, "z004.example", set("www.z004.example", zone.TypeA, "192.0.2.77"))                  // the value is not there any more
	s.edit(t, "z006.example", set("more.z006.example", zone.TypeA, "203.0.113.10", "192.0.2.78")) // and there more
	c = s.confirm(t, c)
	if c.State != control.SetDone || c.Changed != 110 || c.Edited != 2 || c.Failed != 0 || len(c.Notes) != 2 {
		t.Fatalf("done: %+v", c)
	}
	for what, got := range map[string][2]string{
		"one":            {s.served(t, "z000.example", "www.z000.example", zone.TypeA), "198.51.100.7"},
		"beside another": {s.served(t, "z000.example", "ftp.z000.example", zone.TypeA), "192.0.2.1"},
		"edited away":    {s.served(t, "z004.example", "www.z004.example", zone.TypeA), "192.0.2.77"},
		"edited in":      {s.served(t, "z006.example", "more.z006.example", zone.TypeA), "192.0.2.78, 198.51.100.7"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %s, want %s", what, got[0], got[1])
		}
	}
	s.edit(t, "z008.example", set("www.z008.example", zone.TypeA, "192.0.2.99"))
	undo := s.confirm(t, s.begin(t, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: c.ID}}))
	if undo.Changed != 110 {
		t.Errorf("undone: %+v", undo)
	}
	if got := s.served(t, "z000.example", "www.z000.example", zone.TypeA); got != "203.0.113.10" {
		t.Errorf("after the undo www is %s", got)
	}
	if got := s.served(t, "z008.example", "www.z008.example", zone.TypeA); got != "192.0.2.99" {
		t.Errorf("what was edited since is %s", got)
	}

	hosts := s.confirm(t, s.begin(t, swap("OLD.test", "new.test")))
	if hosts.Changed != 110 || s.served(t, "z001.example", "z001.example", zone.TypeMX) != "10 new.test." {
		t.Errorf("a host name: %+v, %s", hosts, s.served(t, "z001.example", "z001.example", zone.TypeMX))
	}
	if c := s.begin(t, swap("192.0.2.250", "192.0.2.251")); c.State != control.SetReady || c.Zones != 0 {
		t.Errorf("a value that stands nowhere: %+v", c)
	}
	if _, err := s.BeginChangeSet(ctx(), root, swap("192.0.2.1", "host.example")); control.CodeOf(err) != control.CodeInvalid {
		t.Errorf("an address by a name: %v", err)
	}
}

// A zone whose home is a member that gets nothing from here is left out, and it is said why.
func TestAValueIsNotReplacedWhereItsHomeWouldNotHear(t *testing.T) {
	n := newNetwork()
	s, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	s.join(t, ns)
	s.create(t, example, "www A 203.0.113.10")
	s.create(t, "there.example", "www A 203.0.113.10")
	s.Control.Steps = func(h store.Head) control.Steps {
		if h.Zone == name("there.example") {
			return control.Steps{Servers: []string{"web1.test"}}
		}
		return control.Steps{Servers: []string{"web1.test", "ns1.test"}}
	}
	s.works(t)
	for _, z := range []string{example, "there.example"} {
		if c := s.confirm(t, s.begin(t, control.SetRequest{Kind: control.SetHome, Zones: []zone.Name{name(z)}, SetParams: control.SetParams{Home: "ns1.test"}})); c.Changed != 1 {
			t.Fatalf("%+v", c)
		}
	}
	c := s.confirm(t, s.begin(t, swap("203.0.113.10", "198.51.100.7")))
	if c.Changed != 1 || c.Skipped != 1 || len(c.Notes) != 1 || !strings.Contains(c.Notes[0].Text, "ns1.test does not get changes from here") {
		t.Errorf("%+v", c)
	}
	if got := s.served(t, "there.example", "www.there.example", zone.TypeA); got != "203.0.113.10" {
		t.Errorf("the zone that is left out has %s", got)
	}
}

func TestTheTTLOfAllRecordsOfZonesIsSet(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	zones := many(3)
	for _, z := range zones {
		s.create(t, z.Text(), "www 60 A 192.0.2.1", "@ TXT \"x\"")
	}
	c := s.confirm(t, s.begin(t, control.SetRequest{Kind: control.SetTTL, Zones: zones, SetParams: control.SetParams{TTL: 14400}}))
	if c.Changed != 3 {
		t.Fatalf("%+v", c)
	}
	for _, z := range zones {
		shown, err := s.ShowZone(ctx(), root, z)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range shown.View.RRsets {
			if set.TTL != 14400 {
				t.Errorf("%s %s has %d", set.Owner.Text(), set.Type, set.TTL)
			}
		}
	}
	if c := s.confirm(t, s.begin(t, control.SetRequest{Kind: control.SetTTL, Zones: zones, SetParams: control.SetParams{TTL: 14400}})); c.Same != 3 || c.Changed != 0 {
		t.Errorf("once more: %+v", c)
	}
	if _, err := s.BeginChangeSet(ctx(), root, control.SetRequest{Kind: control.SetTTL, Zones: zones}); control.CodeOf(err) != control.CodeInvalid {
		t.Errorf("no TTL: %v", err)
	}
}
