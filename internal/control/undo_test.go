package control_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *server) undo(t tb, pos store.Position) control.UndoResult {
	t.Helper()
	r, err := s.UndoChange(ctx(), root, control.UndoRequest{Position: pos})
	if err != nil {
		t.Fatalf("undo of change %d: %v", pos, err)
	}
	return r
}

func TestUndoPutsBackWhatAChangeReplacedAndLeavesWhatWasEditedSince(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example, "www A 192.0.2.1", "mail A 192.0.2.2", "old A 192.0.2.3")
	change := s.edit(t, example,
		set("www.example.com", zone.TypeA, "192.0.2.10"), set("mail.example.com", zone.TypeA, "192.0.2.20"),
		del("old.example.com", zone.TypeA), set("new.example.com", zone.TypeA, "192.0.2.4"))
	s.edit(t, example, set("mail.example.com", zone.TypeA, "192.0.2.21"))

	r := s.undo(t, change.Position)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.1", s)
	wantServed(t, example, "old.example.com", zone.TypeA, "192.0.2.3", s)
	wantServed(t, example, "new.example.com", zone.TypeA, "", s)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.21", s)
	if len(r.Back) != 3 || len(r.Left) != 1 || r.Left[0].Owner != name("mail.example.com") {
		t.Errorf("undo put back %v and left %v", r.Back, r.Left)
	}
	if zone.DataString(zone.TypeA, r.Left[0].Before.Data[0]) != "192.0.2.2" || zone.DataString(zone.TypeA, r.Left[0].After.Data[0]) != "192.0.2.21" {
		t.Errorf("what was left is listed as %v", r.Left[0])
	}
	if r.Undone.Position != change.Position || len(r.Undone.Differences) != 4 {
		t.Errorf("the undone change is shown as %+v", r.Undone)
	}
	s.undo(t, r.Position) // an undo is a change like any other
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.10", s)
}

func TestUndoOfWhatWasAllEditedSinceIsAConflict(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example, "www A 192.0.2.1")
	change := s.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.2"))
	s.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.3"))
	_, err := s.UndoChange(ctx(), root, control.UndoRequest{Position: change.Position})
	if e := wantCode(t, err, control.CodeConflict); !strings.Contains(strings.Join(e.Details, ""), "192.0.2.3") {
		t.Errorf("the refusal says %q", e.Details)
	}
}

func TestUndoOfACreationAndOfADeletion(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	created := s.create(t, example, "www A 192.0.2.1")
	s.undo(t, created.Position)
	wantServed(t, example, "www.example.com", zone.TypeA, "no zone", s)

	again := s.create(t, example, "www A 192.0.2.2")
	if !ahead(again.Serial, created.Serial) {
		t.Errorf("the zone made again has serial %d after %d", again.Serial, created.Serial)
	}
	deleted, err := s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)})
	if err != nil {
		t.Fatal(err)
	}
	s.undo(t, deleted.Position)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.2", s)
}

func ahead(a, b uint32) bool { return a != b && a-b < 1<<31 }

func TestUndoTravelsLikeAnyChange(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "www A 192.0.2.1")
	change := a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.2"))
	exchange(t, a, b)
	a.undo(t, change.Position)
	exchange(t, a, b)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.1", a, b)
	wantEqual(t, example, a, b)

	// Also what came from elsewhere can be undone here.
	changes, err := b.History(ctx(), root, name(example), 0, 10)
	if err != nil || len(changes) == 0 || changes[0].Kind != "join" || changes[0].Author != "root@a.test" || changes[0].Source != "a.test" {
		t.Fatalf("history of b is %+v, %v", changes, err)
	}
	b.undo(t, changes[0].Position)
	exchange(t, a, b)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.2", a, b)
}

func TestDiffRestoreAndHistory(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	first := s.create(t, example, "www A 192.0.2.1", "mail A 192.0.2.2")
	second := s.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.10"))
	s.edit(t, example, del("mail.example.com", zone.TypeA))

	d, err := s.Diff(ctx(), root, name(example), first.Position, second.Position)
	if err != nil || len(d) != 1 || d[0].Owner != name("www.example.com") {
		t.Fatalf("the difference is %v, %v", d, err)
	}
	if d, err = s.Diff(ctx(), root, name(example), first.Position, 0); err != nil || len(d) != 2 {
		t.Fatalf("the difference up to now is %v, %v", d, err)
	}
	if _, err := s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: name(example), Position: first.Position}); err != nil {
		t.Fatal(err)
	}
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.1", s)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.2", s)

	_, err = s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: name(example)})
	wantCode(t, err, control.CodeExists)
	life := s.show(t, example).View.Life
	if _, err := s.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)}); err != nil {
		t.Fatal(err)
	}
	r, err := s.RestoreZone(ctx(), root, control.RestoreRequest{Zone: name(example)})
	if err != nil || !r.Changed {
		t.Fatalf("restore: %+v, %v", r, err)
	}
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.2", s)
	if s.show(t, example).View.Life == life {
		t.Error("an ended life lives again")
	}
	changes, err := s.History(ctx(), root, name(example), 0, 3)
	if err != nil || len(changes) != 3 || changes[0].Kind != "restore" || changes[1].Kind != "delete" {
		t.Errorf("history is %+v, %v", changes, err)
	}
	older, err := s.History(ctx(), root, name(example), changes[2].Position, 100)
	if err != nil || older[len(older)-1].Kind != "create" {
		t.Errorf("older history is %+v, %v", older, err)
	}
}
