package control_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// offer sends what changed, one zone after the other, and returns how many were taken and which are held.
func offer(t *testing.T, from, to *server, link ...func(*control.LinkSource)) (taken int, held []zone.Name) {
	t.Helper()
	for from.sent[to] < from.Store.Synced() {
		items, err := from.Store.Follow(ctx(), from.sent[to], 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			from.sent[to] = item.Position
			switch o := from.sendZone(t, to, item.Zone, link...); {
			case o.Result == control.Stored:
				taken++
			case o.Result == control.Refused && cluster.IsHeld(o.Reason):
				held = append(held, item.Zone)
			default:
				t.Fatalf("%s: %+v", item.Zone.Text(), o)
			}
		}
	}
	return taken, held
}

func TestAMembersMassDeletionIsHeld(t *testing.T) {
	w := newWorld()
	web, ns := w.server(t, "web1.test"), w.server(t, "ns1.test")
	ns.create(t, "own.test")
	for i := range 100 { // which the leaf does not reach
		ns.create(t, fmt.Sprintf("other%d.test", i))
	}
	web.createMany(t, 50)
	web.sendTo(t, ns, leaf)
	for _, z := range zones(40) { // as a server does that has no brake
		web.remove(t, z)
	}
	taken, held := offer(t, web, ns, leaf)
	if taken != 15 || len(held) != 25 {
		t.Fatalf("%d taken, %d held", taken, len(held))
	}
	list := ns.held(t)
	if h := list[0]; len(list) != 25 || h.Kind != "delete" || h.Source != "member/key-of-web1.test" || h.Name != "web1.test" ||
		h.Author != "root@web1.test" || h.State != control.HeldWaiting || h.Position == 0 {
		t.Errorf("%d are held, the first is %+v", len(list), h)
	}
	if n := ns.live(t); n != 101+35 {
		t.Errorf("%d zones are served", n)
	}
	// Offered again, a day or a restart later, each stays held.
	w.now += zone.Millis((48 * time.Hour).Milliseconds())
	if o := web.sendZone(t, ns, held[0], leaf); o.Result != control.Refused {
		t.Errorf("a day later: %+v", o)
	}
	if len(ns.held(t)) != 25 {
		t.Errorf("%d are held", len(ns.held(t)))
	}

	// Released, the member is asked for it and it is taken.
	var asked []zone.Name
	ns.OfferAgain = func(key string, z zone.Name, _ uint64) {
		if key == "key-of-web1.test" {
			asked = append(asked, z)
		}
	}
	res, err := ns.ReleaseHeld(ctx(), root, control.HeldSelection{IDs: []uint64{list[0].ID}})
	if err != nil || len(res) != 1 || res[0].Err != nil || len(asked) != 1 || asked[0] != list[0].Zone {
		t.Fatalf("%+v, %v, asked %v", res, err, asked)
	}
	if again, err := ns.ReleasedOf("key-of-web1.test"); err != nil || len(again) != 1 {
		t.Errorf("released and not taken: %+v, %v", again, err)
	}
	if o := web.sendZone(t, ns, list[0].Zone, leaf); o.Result != control.Stored || !o.New {
		t.Errorf("released: %+v", o)
	}
	if len(ns.held(t)) != 24 || !ns.Meant(list[0].Zone) {
		t.Errorf("%d are held, meant: %v", len(ns.held(t)), ns.Meant(list[0].Zone))
	}

	// Dropped, it is refused until the member gives in.
	drop := list[1]
	if _, err := ns.DropHeld(ctx(), root, control.HeldSelection{IDs: []uint64{drop.ID}}); err != nil {
		t.Fatal(err)
	}
	if o := web.sendZone(t, ns, drop.Zone, leaf); o.Reason != "held: dropped by root@ns1.test" {
		t.Errorf("dropped: %+v", o)
	}
	if _, err := web.RestoreZone(ctx(), root, control.RestoreRequest{Zone: drop.Zone}); err != nil {
		t.Fatal(err)
	}
	if o := web.sendZone(t, ns, drop.Zone, leaf); o.Result != control.Stored {
		t.Errorf("restored there: %+v", o)
	}
	if len(ns.held(t)) != 23 {
		t.Errorf("%d are held", len(ns.held(t)))
	}
	if s, err := ns.Status(ctx(), root); err != nil || s.Held != 23 || s.Foreign != 0 {
		t.Errorf("status: %d held, %d foreign writes, %v", s.Held, s.Foreign, err)
	}
}

func (s *server) remove(t tb, z string) {
	t.Helper()
	if _, err := s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(z), Meant: true}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAPersonMeantElsewhereIsNotHeld(t *testing.T) {
	for what, c := range map[string]struct {
		meant bool
		link  func(*control.LinkSource)
		held  int
	}{
		"nobody says so":                 {held: 25},
		"the sender says so":             {meant: true},
		"a first synchronization":        {link: func(src *control.LinkSource) { src.FirstPass = true }},
		"a write-only link's first pass": {link: overwrite},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld()
			a, b := w.server(t, "a.test"), w.server(t, "b.test")
			a.createMany(t, 50)
			a.sendTo(t, b)
			for _, z := range zones(40) {
				a.remove(t, z)
			}
			if c.link == nil {
				c.link = func(*control.LinkSource) {}
			}
			held := 0
			for _, z := range zones(40) {
				d, pos, err := a.Store.Delta(name(z), 0)
				if err != nil {
					t.Fatal(err)
				}
				out, err := b.Receive(ctx(), a.link(c.link), []control.Incoming{{Delta: d, Position: uint64(pos), Meant: c.meant}})
				if err != nil {
					t.Fatal(err)
				}
				if out[0].Result != control.Stored {
					held++
				}
			}
			if held != c.held {
				t.Errorf("%d are held", held)
			}
			if b.Meant(name("z00.test")) == (c.held > 0) {
				t.Error("the mark does not travel on")
			}
		})
	}
}

func TestAMonthOfDeletionsComesInAtOnce(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.createMany(t, 50)
	a.sendTo(t, b)
	for _, z := range zones(45) { // one a day, and the others are edited over and over
		a.remove(t, z)
		for _, other := range zones(50)[45:] {
			a.edit(t, other, set("www."+other, zone.TypeA, fmt.Sprintf("192.0.2.%d", len(z))))
		}
		w.now += zone.Millis((24 * time.Hour).Milliseconds())
	}
	if _, held := offer(t, a, b); len(held) > 0 {
		t.Errorf("%d zones are held", len(held))
	}
}

func TestZonesThatLostTheirRecordsAtAMemberAreHeld(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.createMany(t, 40)
	a.sendTo(t, b)
	for _, z := range zones(40) {
		if _, err := a.ImportZone(ctx(), root, control.ImportRequest{Zone: name(z), Text: small, Meant: true}); err != nil {
			t.Fatal(err)
		}
	}
	taken, held := offer(t, a, b)
	if taken != 12 || len(held) != 28 {
		t.Errorf("%d taken, %d held", taken, len(held))
	}
	if h := b.held(t)[0]; h.Kind != "shrink" || h.Before != 7 || h.After != 2 {
		t.Errorf("held is %+v", h)
	}
	// A deletion on top of it is the same held change.
	a.remove(t, held[0].Text())
	if o := a.sendZone(t, b, held[0]); o.Result != control.Refused || len(b.held(t)) != 28 {
		t.Errorf("%+v, %d are held", o, len(b.held(t)))
	}
}

func TestAFirstSynchronizationIsNeverHeld(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.createMany(t, 50)
	for _, z := range zones(50)[:40] {
		a.remove(t, z)
	}
	b.createMany(t, 50)
	if _, held := offer(t, a, b); len(held) > 0 {
		t.Errorf("%d zones are held", len(held))
	}
}

func TestAZoneOfAReservedNameIsReleasedByAPerson(t *testing.T) {
	w := newWorld()
	web, ns := w.server(t, "web1.test"), w.server(t, "ns1.test")
	web.create(t, "co.uk", "www A 192.0.2.1")
	if o := web.sendZone(t, ns, name("co.uk"), leaf); !strings.HasPrefix(o.Reason, "held: it is a public suffix") {
		t.Fatalf("%+v", o)
	}
	list := ns.held(t)
	if len(list) != 1 || list[0].Kind != "create" || !strings.HasPrefix(list[0].Why, "it is a public suffix") {
		t.Fatalf("%+v", list)
	}
	if _, err := ns.ReleaseHeld(ctx(), root, control.HeldSelection{All: true}); err != nil {
		t.Fatal(err)
	}
	if o := web.sendZone(t, ns, name("co.uk"), leaf); o.Result != control.Stored {
		t.Fatalf("released: %+v", o)
	}
	wantServed(t, "co.uk", "www.co.uk", zone.TypeA, "192.0.2.1", ns)
	if len(ns.held(t)) != 0 {
		t.Errorf("held is %+v", ns.held(t))
	}
}

func TestWhatIsHeldComesByAnotherWay(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.createMany(t, 20)
	a.sendTo(t, b)
	for _, z := range zones(20) {
		a.remove(t, z)
	}
	_, held := offer(t, a, b)
	b.remove(t, held[0].Text()) // the same decision made here
	a.acked[b] = map[zone.Name]store.Position{}
	if o := a.sendZone(t, b, held[0]); o.Result != control.Stored {
		t.Errorf("%+v", o)
	}
	if n := len(b.held(t)); n != len(held)-1 {
		t.Errorf("%d of %d are held", n, len(held))
	}
}

// Two halves of a cluster write the same records apart. The join serves one and lists the other: nothing is taken away.
func TestWhatAMergeHidesIsNotTakenAway(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.createMany(t, 40)
	a.sendTo(t, b)
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprintf("192.0.2.%d", i+1)
	}
	for _, z := range zones(40) {
		b.edit(t, z, set("www."+z, zone.TypeA, many...))
		a.edit(t, z, set("www."+z, zone.TypeA, "198.51.100.1")) // later, so that it is served
	}
	if taken, held := offer(t, a, b); len(held) != 0 || taken != 40 {
		t.Errorf("%d taken, %d held", taken, len(held))
	}
	if n := len(b.conflicts(t)); n != 40 {
		t.Errorf("%d conflicts are listed", n)
	}
	// What saw the records and leaves few of them takes them away, also where conflicts are.
	b.sendTo(t, a)
	for _, z := range zones(40) {
		if _, err := a.ImportZone(ctx(), root, control.ImportRequest{Zone: name(z), Text: small, Meant: true}); err != nil {
			t.Fatal(err)
		}
	}
	if taken, held := offer(t, a, b); len(held) != 28 || taken != 12 {
		t.Errorf("%d taken, %d held", taken, len(held))
	}
}
