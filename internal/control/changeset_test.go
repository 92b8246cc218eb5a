package control_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// works runs the worker of change sets until the test ends, or until it is stopped.
func (s *server) works(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.WorkChangeSets(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// rests waits until a set waits for somebody or is over.
func (s *server) rests(t *testing.T, id uint64) control.ChangeSet {
	t.Helper()
	for range 2000 {
		c, err := s.ShowChangeSet(ctx(), root, id)
		if err != nil {
			t.Fatal(err)
		}
		if c.State != control.SetSearching && c.State != control.SetRunning {
			return c
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("change set %d does not come to rest", id)
	return control.ChangeSet{}
}

func (s *server) begin(t *testing.T, r control.SetRequest) control.ChangeSet {
	t.Helper()
	c, err := s.BeginChangeSet(ctx(), root, r)
	if err != nil {
		t.Fatal(err)
	}
	return s.rests(t, c.ID)
}

func (s *server) confirm(t *testing.T, c control.ChangeSet) control.ChangeSet {
	t.Helper()
	if _, err := s.ConfirmChangeSet(ctx(), root, c.ID, c.Zones); err != nil {
		t.Fatal(err)
	}
	return s.rests(t, c.ID)
}

func many(n int) (zones []zone.Name) {
	for i := range n {
		zones = append(zones, name(fmt.Sprintf("z%03d.example", i)))
	}
	return zones
}

func (s *server) liveCount(t *testing.T) int {
	t.Helper()
	page, err := s.ListZones(ctx(), root, control.ListRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

// Deleting many zones is one act: shown before, past the brake because a person confirmed the number, and undone as one.
func TestManyZonesAreDeletedAsOneAndUndoneAsOne(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	zones := many(250) // three rows
	for _, z := range zones {
		s.create(t, z.Text(), "www A 192.0.2.1")
	}
	c := s.begin(t, control.SetRequest{Kind: control.SetDelete, Zones: zones, Reason: "moved away"})
	if c.State != control.SetReady || c.Zones != 250 || s.liveCount(t) != 250 {
		t.Fatalf("before it is confirmed: %+v, %d zones live", c, s.liveCount(t))
	}
	if _, err := s.ConfirmChangeSet(ctx(), root, c.ID, 249); control.CodeOf(err) != control.CodeStale {
		t.Errorf("another number is confirmed: %v", err)
	}
	s.edit(t, "z007.example", set("www.z007.example", zone.TypeA, "192.0.2.9")) // between preview and doing
	c = s.confirm(t, c)
	if c.State != control.SetDone || c.Changed != 250 || c.Failed != 0 || c.Held != 0 || c.Edited != 1 || s.liveCount(t) != 0 {
		t.Fatalf("done: %+v, %d zones live", c, s.liveCount(t))
	}
	if len(c.Notes) != 1 || c.Notes[0].Zone != "z007.example" || !strings.Contains(c.Notes[0].Text, "edited by root@web1.test") {
		t.Errorf("what is to be looked at: %+v", c.Notes)
	}
	h, err := s.History(ctx(), root, zones[9], 0, 1)
	if err != nil || h[0].Set != c.ID || h[0].Reason != "moved away" {
		t.Errorf("the change says %+v, %v", h, err)
	}
	undo := s.begin(t, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: c.ID}})
	if undo.State != control.SetReady || undo.Zones != 250 {
		t.Fatalf("the undo is about %+v", undo)
	}
	undo = s.confirm(t, undo)
	if undo.Changed != 250 || s.liveCount(t) != 250 {
		t.Fatalf("the undo: %+v, %d zones live", undo, s.liveCount(t))
	}
	z, err := s.ShowZone(ctx(), root, name("z007.example"))
	if err != nil || !strings.Contains(fmt.Sprint(z.View.RRsets), "192 0 2 9") {
		t.Errorf("what was edited before is back: %v %v", z.View, err)
	}
	if c, _ = s.ShowChangeSet(ctx(), root, c.ID); c.UndoneBy != undo.ID {
		t.Errorf("undone by %d, want %d", c.UndoneBy, undo.ID)
	}
	redo := s.begin(t, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: undo.ID}, Go: true, Confirm: 250})
	if redo.State != control.SetDone || redo.Changed != 250 || s.liveCount(t) != 0 {
		t.Errorf("the undo of the undo, done at once: %+v", redo)
	}
}

// Without a number that a person confirmed, the brake holds what a set takes away.
func TestTheBrakeLooksAtASetThatNobodyConfirmed(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	zones := many(40)
	for _, z := range zones {
		s.create(t, z.Text())
	}
	c := s.begin(t, control.SetRequest{Kind: control.SetDelete, Zones: zones, Go: true})
	if c.State != control.SetDone || c.Held == 0 || c.Changed+c.Held != 40 || c.Changed > 13 {
		t.Errorf("%+v", c)
	}
}

// A set that a stop of the server cut off goes on where it was, and acts on no zone twice.
func TestAChangeSetGoesOnAfterARestart(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	zones := many(120)
	for _, z := range zones {
		s.create(t, z.Text())
	}
	c, err := s.BeginChangeSet(ctx(), root, control.SetRequest{Kind: control.SetDelete, Zones: zones, Go: true, Confirm: 120})
	if err != nil {
		t.Fatal(err)
	}
	// As if it had ended in the midst of the first row.
	for _, z := range zones[:30] {
		if _, err := s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: z, Meant: true, Set: c.ID}); err != nil {
			t.Fatal(err)
		}
	}
	s.stop()
	s.start(t, "web1.test", nil)
	s.works(t)
	c = s.rests(t, c.ID)
	if c.State != control.SetDone || c.Changed != 120 || c.Failed != 0 || s.liveCount(t) != 0 {
		t.Errorf("%+v", c)
	}
	for _, z := range zones[:5] {
		if h, err := s.History(ctx(), root, z, 0, 10); err != nil || len(h) != 2 {
			t.Errorf("%s has %d changes, %v", z.Text(), len(h), err)
		}
	}
}

func TestAStoppedSetLeavesTheRestAndCanBeUndone(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	zones := many(20)
	for _, z := range zones {
		s.create(t, z.Text())
	}
	c, err := s.BeginChangeSet(ctx(), root, control.SetRequest{Kind: control.SetDelete, Zones: zones, Go: true, Confirm: 20})
	if err != nil {
		t.Fatal(err)
	}
	if c, err = s.StopChangeSet(ctx(), root, c.ID); err != nil || c.State != control.SetStopped {
		t.Fatalf("%+v %v", c, err)
	}
	s.works(t)
	if _, err := s.BeginChangeSet(ctx(), root, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: c.ID}}); control.CodeOf(err) != control.CodeConflict {
		t.Errorf("an undo of nothing: %v", err)
	}
	if s.liveCount(t) != 20 {
		t.Errorf("%d zones live", s.liveCount(t))
	}
}

func TestWhatAChangeSetRefuses(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	s.create(t, example)
	for what, c := range map[string]struct {
		p    acl.Principal
		r    control.SetRequest
		want control.Code
	}{
		"nobody":             {acl.Principal{}, control.SetRequest{Kind: control.SetDelete, Zones: many(1)}, control.CodeUnauthenticated},
		"no zone":            {root, control.SetRequest{Kind: control.SetDelete}, control.CodeInvalid},
		"one that is not":    {root, control.SetRequest{Kind: control.SetDelete, Zones: many(1)}, control.CodeNotFound},
		"one that lives":     {root, control.SetRequest{Kind: control.SetRestore, Zones: []zone.Name{name(example)}}, control.CodeExists},
		"an unknown kind":    {root, control.SetRequest{Kind: "paint", Zones: []zone.Name{name(example)}}, control.CodeInvalid},
		"a foreign home":     {root, control.SetRequest{Kind: control.SetHome, Zones: []zone.Name{name(example)}, SetParams: control.SetParams{Home: "elsewhere"}}, control.CodeInvalid},
		"an undo of no set":  {root, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: 99}}, control.CodeNotFound},
		"a number too small": {root, control.SetRequest{Kind: control.SetDelete, Zones: []zone.Name{name(example)}, Go: true, Confirm: 2}, control.CodeInvalid},
	} {
		if _, err := s.BeginChangeSet(ctx(), c.p, c.r); control.CodeOf(err) != c.want {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The home of zones moves with a change that goes to all, and back with its undo.
func TestHomesMoveAndMoveBack(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "web1.test"), w.server(t, "ns1.test")
	a.works(t)
	r := a.create(t, example, "www A 192.0.2.1")
	b.create(t, "b.example")
	exchange(t, a, b)
	if r.Zone != name(example) {
		t.Fatal(r)
	}
	c := a.begin(t, control.SetRequest{Kind: control.SetHome, Zones: []zone.Name{name("b.example")}, SetParams: control.SetParams{Home: "WEB1.test"}})
	c = a.confirm(t, c)
	exchange(t, a, b)
	if h, err := b.Store.Head(name("b.example")); err != nil || h.Home != a.home() || c.Changed != 1 {
		t.Errorf("home is %q, %v; %+v", h.Home, err, c)
	}
	page, err := b.ListZones(ctx(), root, control.ListRequest{Home: "web1.test"})
	if err != nil || page.Total != 2 || len(page.Zones) != 2 {
		t.Errorf("at that home there are %+v, %v", page, err)
	}
	undo := a.confirm(t, a.begin(t, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: c.ID}}))
	exchange(t, a, b)
	if h, err := b.Store.Head(name("b.example")); err != nil || h.Home != b.home() || undo.Changed != 1 {
		t.Errorf("after the undo home is %q, %v; %+v", h.Home, err, undo)
	}
}

func TestChangeSetsHaveBounds(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	zones := many(130)
	for _, z := range zones {
		s.create(t, z.Text())
	}
	c, err := s.BeginChangeSet(ctx(), root, control.SetRequest{Kind: control.SetDelete, Zones: zones})
	if err != nil {
		t.Fatal(err)
	}
	for _, z := range zones {
		if _, err := s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: z, Meant: true}); err != nil {
			t.Fatal(err)
		}
	}
	stop := s.works(t)
	if c = s.confirm(t, c); c.Failed != 130 || len(c.Notes) != 100 {
		t.Errorf("of what failed %d are noted: %+v", len(c.Notes), c)
	}
	stop()
	one := control.SetRequest{Kind: control.SetRestore, Zones: zones[:1]}
	for range 210 {
		if _, err := s.BeginChangeSet(ctx(), root, one); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := s.ChangeSets(ctx(), root); err != nil || len(all) != 201 {
		t.Errorf("%d change sets are kept, %v", len(all), err)
	}
	if _, err := s.ShowChangeSet(ctx(), root, c.ID); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("the oldest is there: %v", err)
	}
	one.Go = true
	for range 20 {
		if _, err := s.BeginChangeSet(ctx(), root, one); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.BeginChangeSet(ctx(), root, one); control.CodeOf(err) != control.CodeUnavailable {
		t.Errorf("one too many under way: %v", err)
	}
	if _, err := s.BeginChangeSet(ctx(), root, control.SetRequest{Kind: control.SetDelete, Zones: make([]zone.Name, 1_000_001)}); control.CodeOf(err) != control.CodeTooLarge {
		t.Errorf("too many zones: %v", err)
	}
}

// An undo that was looked at and cancelled is none.
func TestAnUndoThatIsCancelledIsNotOne(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.works(t)
	for _, z := range many(3) {
		s.create(t, z.Text(), "www A 192.0.2.1")
	}
	c := s.confirm(t, s.begin(t, control.SetRequest{Kind: control.SetDelete, Zones: many(3)}))
	undo := s.begin(t, control.SetRequest{Kind: control.SetUndo, SetParams: control.SetParams{Undoes: c.ID}})
	if undo.State != control.SetReady || undo.Zones != 3 || undo.Seen != 3 {
		t.Fatalf("%+v", undo)
	}
	if _, err := s.StopChangeSet(ctx(), root, undo.ID); err != nil {
		t.Fatal(err)
	}
	c, err := s.ShowChangeSet(ctx(), root, c.ID)
	if err != nil || c.UndoneBy != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}
