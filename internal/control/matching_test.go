package control_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// All that match are found over all pages, shown before anything happens, and are those from then on: what matches later is
// not touched.
func TestAllZonesThatMatchAreOneChangeSet(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	for i := range 1234 { // two pages of the search
		s.create(t, fmt.Sprintf("shop%04d.example", i), "www A 192.0.2.1")
	}
	s.create(t, "other.example", "www A 192.0.2.1")
	match := func(m control.ZoneMatch) control.SetRequest {
		return control.SetRequest{Kind: control.SetDelete, SetParams: control.SetParams{Match: &m}}
	}
	c := s.begin(t, match(control.ZoneMatch{Search: " Shop ", Listed: 1233}))
	if c.State != control.SetReady || c.Zones != 1234 || s.liveCount(t) != 1235 {
		t.Fatalf("the review: %+v, %d zones live", c, s.liveCount(t))
	}
	if len(c.Notes) != 1 || c.Notes[0].Text != "the list showed 1233, and 1234 match now" {
		t.Errorf("another number is not said: %+v", c.Notes)
	}
	if !strings.Contains(c.Words(), "delete 1234 zones, with “Shop” in the name") {
		t.Errorf("the words are %q", c.Words())
	}
	seen := map[zone.Name]bool{}
	for page := range c.Chunks {
		zones, err := s.ChangeSetZones(ctx(), root, c.ID, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range zones {
			seen[z.Zone] = true
		}
	}
	if len(seen) != 1234 || seen[name("other.example")] {
		t.Errorf("the review lists %d zones", len(seen))
	}
	s.create(t, "shop-late.example", "www A 192.0.2.1")
	s.edit(t, "shop0007.example", set("www.shop0007.example", zone.TypeA, "192.0.2.9"))
	c = s.confirm(t, c)
	if c.State != control.SetDone || c.Changed != 1234 || c.Edited != 1 || s.liveCount(t) != 2 {
		t.Errorf("done: %+v, %d zones live", c, s.liveCount(t))
	}
	if c = s.begin(t, match(control.ZoneMatch{Search: "shop0"})); c.State != control.SetReady || c.Zones != 0 {
		t.Errorf("nothing matches: %+v", c)
	}
	if c = s.begin(t, match(control.ZoneMatch{})); c.Zones != 2 || !strings.Contains(c.Words(), "all there are") {
		t.Errorf("all there are: %+v", c)
	}
}

// Who is not root chooses among own zones alone, whatever the match says.
func TestAMatchFindsOwnZonesOnly(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	s.create(t, "root.example")
	if _, err := s.AddUser(ctx(), root, control.NewUser{Name: "alice", Privileges: acl.Privileges{acl.KillDNS}}); err != nil {
		t.Fatal(err)
	}
	alice := s.as(t, "alice")
	s.createFor(t, "a1.example", "alice")
	s.createFor(t, "a2.example", "alice")
	for what, m := range map[string]control.ZoneMatch{"all": {}, "by owner": {Owner: "alice"}, "by home": {Home: "web1.test"}} {
		c, err := s.BeginChangeSet(ctx(), alice, control.SetRequest{Kind: control.SetDelete, SetParams: control.SetParams{Match: &m}})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if c = s.rests(t, c.ID); c.Zones != 2 {
			t.Errorf("%s: %+v", what, c)
		}
	}
	m := control.ZoneMatch{Owner: "root"}
	c, err := s.BeginChangeSet(ctx(), alice, control.SetRequest{Kind: control.SetDelete, SetParams: control.SetParams{Match: &m}})
	if err != nil {
		t.Fatal(err)
	}
	if c = s.rests(t, c.ID); c.Zones != 0 {
		t.Errorf("zones of others are found: %+v", c)
	}
}

// A search for what matches that a restart cut off goes on where it was, and finds nothing twice.
func TestASearchForAMatchGoesOnAfterARestart(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	for _, z := range many(1100) {
		s.create(t, z.Text())
	}
	c, err := s.BeginChangeSet(ctx(), root, control.SetRequest{Kind: control.SetTTL, SetParams: control.SetParams{TTL: 600, Match: &control.ZoneMatch{Search: "z"}}})
	if err != nil || c.State != control.SetSearching {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err = s.StopChangeSet(ctx(), root, c.ID); err != nil {
		t.Fatal(err)
	}
	s.stop()
	s.start(t, "web1.test", nil)
	s.works(t)
	if c, err = s.ResumeChangeSet(ctx(), root, c.ID); err != nil || c.State != control.SetSearching {
		t.Fatalf("resumed: %+v, %v", c, err)
	}
	if c = s.rests(t, c.ID); c.State != control.SetReady || c.Zones != 1100 {
		t.Errorf("%+v", c)
	}
	if c = s.confirm(t, c); c.Changed != 1100 {
		t.Errorf("%+v", c)
	}
}

func TestWhatAMatchRefuses(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example)
	match := &control.ZoneMatch{}
	for what, r := range map[string]control.SetRequest{
		"zones too":        {Kind: control.SetDelete, Zones: []zone.Name{name(example)}, SetParams: control.SetParams{Match: match}},
		"a restoration":    {Kind: control.SetRestore, SetParams: control.SetParams{Match: match}},
		"an undo":          {Kind: control.SetUndo, SetParams: control.SetParams{Match: match, Undoes: 1}},
		"a replacement":    {Kind: control.SetReplace, SetParams: control.SetParams{Match: match, From: "192.0.2.1", To: "192.0.2.2"}},
		"an unknown state": {Kind: control.SetDelete, SetParams: control.SetParams{Match: &control.ZoneMatch{State: "blue"}}},
		"a long text":      {Kind: control.SetDelete, SetParams: control.SetParams{Match: &control.ZoneMatch{Search: strings.Repeat("x", 256)}}},
		"two lines":        {Kind: control.SetDelete, SetParams: control.SetParams{Match: &control.ZoneMatch{Owner: "a\nb"}}},
	} {
		if _, err := s.BeginChangeSet(ctx(), root, r); control.CodeOf(err) != control.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}
