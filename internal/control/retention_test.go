package control_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (w *world) pass(d time.Duration) { w.now += zone.Millis(d.Milliseconds()) }

const aDay = 24 * time.Hour

// expire forgets by the clock, however long the last pass is ago: the first pass of a folder takes the clock as it is.
func (s *server) expire(t tb) {
	t.Helper()
	s.Store.DeleteRegister("forgotten")
	for range 2 {
		if err := s.Expire(ctx()); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *server) history(t tb, z string) []control.Change {
	t.Helper()
	list, err := s.History(ctx(), root, name(z), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Three edits a day for 500 days, apart from a pause; what is left of them afterwards, and that it is still exact.
func TestHowMuchHistoryIsKept(t *testing.T) {
	w := newWorld()
	s := w.server(t, "a")
	const z = example
	s.create(t, z)
	served := map[store.Position]string{} // by change: what www was after it
	for d := range 500 {
		for e := range 3 {
			s.edit(t, z, set("www."+z, zone.TypeA, fmt.Sprintf("192.%d.%d.%d", d/256, d%256, e+1)))
			if e == 1 {
				s.edit(t, z, set(fmt.Sprintf("day%d.%s", d, z), zone.TypeA, "192.0.2.1"))
			}
			h, err := s.Store.Head(name(z))
			if err != nil {
				t.Fatal(err)
			}
			served[h.Position] = fmt.Sprintf("192.%d.%d.%d", d/256, d%256, e+1)
		}
		w.pass(aDay)
		if d%50 == 17 {
			s.expire(t)
		}
	}
	s.expire(t)
	// 90 days of four, 275 days of one.
	list := s.history(t, z)
	if n := len(list); n < 89*4+274 || n > 91*4+277 {
		t.Errorf("%d changes are left", n)
	}
	oldest, days := list[len(list)-1], 0
	for _, c := range list {
		if c.Kind == "day" {
			days++
		}
	}
	if age := w.now - oldest.Time; age > zone.Millis((366*aDay).Milliseconds()) || days < 274 {
		t.Errorf("the oldest is %s old, %d are of a day", time.Duration(age)*time.Millisecond, days)
	}
	// What the zone was at any of them is exact, and what is gone is not answered by something else.
	for i, c := range list {
		want, known := served[c.Position]
		if !known || i%7 > 0 {
			continue
		}
		diff, err := s.Diff(ctx(), root, name(z), c.Position, 0)
		if err != nil {
			t.Fatalf("change %d: %v", c.Position, err)
		}
		for _, d := range diff {
			if d.Owner == name("www."+z) && zone.DataString(zone.TypeA, d.Before.Data[0]) != want {
				t.Errorf("after change %d www was %s, want %s", c.Position, zone.DataString(zone.TypeA, d.Before.Data[0]), want)
			}
		}
	}
	gone := 0
	left := map[store.Position]bool{}
	for _, c := range list {
		left[c.Position] = true
	}
	for p := range served {
		if left[p] {
			continue
		}
		if gone++; gone%100 == 0 {
			if _, err := s.Diff(ctx(), root, name(z), p, 0); control.CodeOf(err) != control.CodeNotFound {
				t.Errorf("change %d is gone, and its difference is answered: %v", p, err)
			}
		}
	}
	// A day is put back as a whole.
	u, err := s.UndoChange(ctx(), root, control.UndoRequest{Position: list[len(list)-1].Position, DryRun: true})
	if err != nil || u.Undone.Kind != "day" || u.Undone.Reason == "" {
		t.Errorf("undo of a day: %+v, %v", u.Undone, err)
	}
}

func TestAZoneThatNobodyTouchesKeepsItsLastVersions(t *testing.T) {
	w := newWorld()
	s := w.server(t, "a")
	s.create(t, example)
	for i := range 30 {
		s.edit(t, example, set("www."+example, zone.TypeA, fmt.Sprintf("192.0.2.%d", i)))
		w.pass(aDay)
	}
	w.pass(3 * 365 * aDay)
	s.expire(t)
	if n := len(s.history(t, example)); n != 10 {
		t.Errorf("%d changes are left", n)
	}
	if _, err := s.UndoChange(ctx(), root, control.UndoRequest{Position: s.history(t, example)[0].Position}); err != nil {
		t.Error(err)
	}
}

func TestWhatATargetHasNotGotStays(t *testing.T) {
	w := newWorld()
	s := w.server(t, "a")
	s.create(t, example)
	s.create(t, "other.test")
	var positions []store.Position
	for i := range 40 {
		for _, z := range []string{example, "other.test"} {
			s.edit(t, z, set("www."+z, zone.TypeA, fmt.Sprintf("192.0.2.%d", i)))
		}
		positions = append(positions, s.Store.Synced())
	}
	w.pass(3 * 365 * aDay)
	s.Unreached = func() (store.Position, map[zone.Name]bool) {
		return positions[9], map[zone.Name]bool{name("other.test"): true}
	}
	s.expire(t)
	if n := len(s.history(t, example)); n != 30 {
		t.Errorf("%d changes are left of a zone that a target has not got, want the 30 after its cursor", n)
	}
	if n := len(s.history(t, "other.test")); n != 41 {
		t.Errorf("%d changes are left of a zone that a target refuses", n)
	}
}

func TestRetentionIsSet(t *testing.T) {
	w := newWorld()
	s := w.server(t, "a")
	set0, err := s.Settings(ctx(), root)
	if err != nil || set0.Retention.Every != 90*aDay || set0.Brake.Share != 30 {
		t.Fatalf("%+v %v", set0, err)
	}
	for _, r := range []control.Retention{{Every: time.Hour}, {Last: -1}, {Daily: 10 * aDay}, {Trash: -aDay}} {
		if err := s.SetSettings(ctx(), root, control.Settings{Retention: &r}); control.CodeOf(err) != control.CodeInvalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
	r := control.Retention{Every: 2 * aDay, Daily: 3 * aDay, Last: 1, Trash: aDay, Absents: aDay}
	if err := s.SetSettings(ctx(), root, control.Settings{Retention: &r}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSettings(ctx(), root, control.Settings{}); err != nil { // what is not given stays
		t.Fatal(err)
	}
	s.createMany(t, 2)
	s.remove(t, "z00.test")
	s.edit(t, "z01.test", del("www.z01.test", zone.TypeA))
	w.pass(4 * aDay)
	s.expire(t)
	if n := len(s.history(t, "z01.test")); n != 1 {
		t.Errorf("%d changes are left", n)
	}
	if _, err := s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: name("z00.test")}); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("the trash is not emptied: %v", err)
	}
}

func TestTheTrashSaysHowLongAZoneCanBeRestored(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.createMany(t, 3)
	a.sendTo(t, b)
	a.remove(t, "z01.test")
	b.edit(t, "z01.test", set("new.z01.test", zone.TypeA, "192.0.2.7")) // apart from that
	b.sendTo(t, a)
	list := func() []control.Trashed {
		t.Helper()
		page, err := a.Trash(ctx(), root, control.ListRequest{})
		if err != nil || page.Total != 1 || len(page.Zones) != 1 {
			t.Fatalf("%+v %v", page, err)
		}
		return page.Zones
	}
	z := list()[0]
	if z.Zone != name("z01.test") || z.By != "root@a.test" || z.Records < 7 || z.Edited != 1 || z.Until-z.Deleted != zone.Millis((90*aDay).Milliseconds()) {
		t.Errorf("%+v", z)
	}
	w.pass(89 * aDay)
	a.expire(t)
	if z := list()[0]; z.Records < 7 {
		t.Errorf("a day before: %+v", z)
	}
	w.pass(2 * aDay)
	a.expire(t)
	// What the deletion had not seen is kept until somebody decides.
	if z := list()[0]; z.Records > 1 || z.Edited != 1 {
		t.Errorf("a day later: %+v", z)
	}
	w.pass(1000 * aDay)
	a.expire(t)
	if c, err := a.Conflicts(ctx(), root, control.ConflictQuery{}); err != nil || len(c.Conflicts) != 1 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestAServerThatTakesAFreshIDTooOftenIsAnAlarm(t *testing.T) {
	s := newWorld().server(t, "a")
	s.create(t, example)
	write := func(times int) {
		t.Helper()
		for i := range times {
			if err := s.Store.FreshNodeID(); err != nil {
				t.Fatal(err)
			}
			s.edit(t, example, set("www."+example, zone.TypeA, fmt.Sprintf("192.0.2.%d", i)))
		}
		s.expire(t)
	}
	alarms := func() (status []string, events int) {
		t.Helper()
		st, err := s.Status(ctx(), root)
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Events(ctx(), root, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.Kind == "many-node-ids" {
				events++
			}
		}
		return st.Alarms, events
	}
	write(99) // and the one of the creation
	if status, events := alarms(); len(status) != 0 || events != 0 || s.LongestVector() != 100 {
		t.Errorf("%d ids: %q, %d events", s.LongestVector(), status, events)
	}
	write(1)
	s.expire(t) // told once, shown as long as it is so
	status, events := alarms()
	if want := "101 node ids have written to zone " + example + ": a server takes a fresh one too often"; len(status) != 1 || status[0] != want || events != 1 {
		t.Errorf("%q, %d events", status, events)
	}
}
