package control_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

var program = acl.Principal{User: acl.Root, Root: true, Kind: acl.KindAPI, TokenID: "cron", TokenName: "cron"}

func zones(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("z%02d.test", i))
	}
	return names
}

func (s *server) createMany(t tb, n int) {
	t.Helper()
	for _, z := range zones(n) {
		s.create(t, z, "www A 192.0.2.1", "mail A 192.0.2.2", "a A 192.0.2.3", "b A 192.0.2.4")
	}
}

// deleteMany deletes zones as a program does, and returns how many went and how many are held.
func (s *server) deleteMany(t tb, p acl.Principal, names []string) (deleted, held int) {
	t.Helper()
	for _, z := range names {
		_, err := s.DeleteZone(ctx(), p, control.DeleteRequest{Zone: name(z), Reason: "cleaning up"})
		switch control.CodeOf(err) {
		case "":
			deleted++
		case control.CodeHeld:
			held++
		default:
			t.Fatalf("%s: %v", z, err)
		}
	}
	return deleted, held
}

func (s *server) held(t tb) []control.HeldChange {
	t.Helper()
	list, err := s.Held(ctx(), root)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (s *server) live(t tb) int {
	t.Helper()
	_, _, n, err := s.Store.Heads(store.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAMassDeletionByATokenIsHeld(t *testing.T) {
	w := newWorld()
	s := w.server(t, "ns1")
	s.createMany(t, 50)
	if deleted, held := s.deleteMany(t, program, zones(40)); deleted != 15 || held != 25 {
		t.Fatalf("%d deleted, %d held", deleted, held)
	}
	if s.live(t) != 35 {
		t.Errorf("%d zones are served", s.live(t))
	}
	list := s.held(t)
	if h := list[0]; len(list) != 25 || h.Zone != name("z15.test") || h.Kind != "delete" || h.Source != "token/cron" ||
		h.Author != "root@ns1" || h.Reason != "cleaning up" || h.After != 0 || h.Before < 5 || h.State != control.HeldWaiting {
		t.Errorf("%d are held, the first is %+v", len(list), h)
	}
	status, err := s.Status(ctx(), root)
	if err != nil || status.Held != 25 || status.Exit != 2 {
		t.Errorf("status: %d held, %s, %v", status.Held, status.Sentence, err)
	}
	// One event, however many zones.
	events, err := s.Events(ctx(), root, 0, 100)
	n := 0
	for _, e := range events {
		if e.Kind == "held" {
			n++
		}
	}
	if err != nil || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
	// The same again is not held a second time; another token is not concerned.
	if deleted, held := s.deleteMany(t, program, []string{"z20.test"}); deleted != 0 || held != 1 || len(s.held(t)) != 25 {
		t.Errorf("again: %d deleted, %d held, %d on the list", deleted, held, len(s.held(t)))
	}
	other := program
	other.TokenID = "other"
	if deleted, _ := s.deleteMany(t, other, []string{"z49.test"}); deleted != 1 {
		t.Error("another token cannot delete")
	}
	// Edits and new zones are not concerned either.
	s.edit(t, "z48.test", set("www.z48.test", zone.TypeA, "192.0.2.9"))
}

// A program that looks at each zone and deletes exactly what it saw deletes everything all the same.
func TestDeletionsAgainstStatedVersionsCount(t *testing.T) {
	s := newWorld().server(t, "ns1")
	s.createMany(t, 50)
	held := 0
	for _, z := range zones(40) {
		_, err := s.DeleteZone(ctx(), program, control.DeleteRequest{Zone: name(z), IfMatch: s.show(t, z).ETag})
		if control.CodeOf(err) == control.CodeHeld {
			held++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if held != 25 {
		t.Errorf("%d are held", held)
	}
}

func TestARestartDoesNotStartTheCountAnew(t *testing.T) {
	w := newWorld()
	s := w.server(t, "ns1")
	s.createMany(t, 50)
	s.deleteMany(t, program, zones(12))
	s.stop()
	s.start(t, "ns1", nil)
	defer s.stop()
	if deleted, held := s.deleteMany(t, program, zones(20)[12:]); deleted != 3 || held != 5 {
		t.Errorf("%d deleted, %d held", deleted, held)
	}
	if len(s.held(t)) != 5 {
		t.Errorf("%d held", len(s.held(t)))
	}
}

func TestAWindowLaterTheRestGoes(t *testing.T) {
	w := newWorld()
	s := w.server(t, "ns1")
	s.createMany(t, 50)
	s.deleteMany(t, program, zones(15))
	w.now += zone.Millis((10 * time.Minute).Milliseconds())
	if deleted, held := s.deleteMany(t, program, zones(30)[15:]); deleted != 10 || held != 5 {
		t.Errorf("%d deleted, %d held", deleted, held)
	}
}

func TestWhatTheBrakeDoesNotCount(t *testing.T) {
	for what, one := range map[string]func(t *testing.T, s *server, z string) error{
		"a confirmed number": func(_ *testing.T, s *server, z string) error {
			_, err := s.DeleteZone(ctx(), program, control.DeleteRequest{Zone: name(z), Meant: true})
			return err
		},
		"an edit against a stated version": func(t *testing.T, s *server, z string) error {
			_, err := s.EditZone(ctx(), program, control.EditRequest{Zone: name(z), Text: small, IfMatch: s.show(t, z).ETag})
			return err
		},
		"a confirmed restore of old versions": func(t *testing.T, s *server, z string) error {
			h, err := s.History(ctx(), root, name(z), 0, 1)
			if err != nil {
				return err
			}
			var more []control.Op
			for i := range 20 {
				more = append(more, set(fmt.Sprintf("more%d.%s", i, z), zone.TypeA, "192.0.2.1"))
			}
			s.edit(t, z, more...)
			_, err = s.RestoreZone(ctx(), program, control.RestoreRequest{Zone: name(z), Position: h[0].Position, Meant: true})
			return err
		},
		"an import of the same": func(_ *testing.T, s *server, z string) error {
			var text strings.Builder
			if _, err := s.ExportZone(ctx(), program, name(z), &text); err != nil {
				return err
			}
			_, err := s.ImportZone(ctx(), program, control.ImportRequest{Zone: name(z), Text: text.String()})
			return err
		},
		"a dry run": func(_ *testing.T, s *server, z string) error {
			_, err := s.ImportZone(ctx(), program, control.ImportRequest{Zone: name(z), Text: small, DryRun: true})
			return err
		},
		"all addresses anew": func(t *testing.T, s *server, z string) error {
			_, err := s.EditZone(ctx(), program, control.EditRequest{Zone: name(z), Ops: []control.Op{
				set("www."+z, zone.TypeA, "198.51.100.1"), set("mail."+z, zone.TypeA, "198.51.100.2"),
				set("a."+z, zone.TypeA, "198.51.100.3"), set("b."+z, zone.TypeA, "198.51.100.4"),
			}})
			return err
		},
		"a record less": func(t *testing.T, s *server, z string) error {
			_, err := s.EditZone(ctx(), program, control.EditRequest{Zone: name(z), Ops: []control.Op{del("www."+z, zone.TypeA)}})
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := newWorld().server(t, "ns1")
			s.createMany(t, 40)
			for _, z := range zones(40) {
				if err := one(t, s, z); err != nil {
					t.Fatalf("%s: %v", z, err)
				}
			}
		})
	}
}

const small = "$TTL 300\n@ SOA ns.test. root.test. 1 1 1 1 1\n@ NS ns.test.\n"

func TestFilesThatLostTheirRecordsAreHeld(t *testing.T) {
	s := newWorld().server(t, "ns1")
	s.createMany(t, 40)
	held := 0
	for _, z := range zones(40) {
		_, err := s.ImportZone(ctx(), program, control.ImportRequest{Zone: name(z), Text: small})
		switch control.CodeOf(err) {
		case "":
		case control.CodeHeld:
			held++
		default:
			t.Fatal(err)
		}
	}
	if held != 28 { // 30 % of 40 is 12
		t.Fatalf("%d held", held)
	}
	if h := s.held(t)[0]; h.Kind != "import" || h.Before != 7 || h.After != 2 {
		t.Errorf("held is %+v", h)
	}
}

func TestHeldChangesAreReleased(t *testing.T) {
	w := newWorld()
	s := w.server(t, "ns1")
	s.createMany(t, 50)
	s.deleteMany(t, program, zones(20))
	list := s.held(t)
	// One by number, and the history says who it was and who let it.
	res, err := s.ReleaseHeld(ctx(), root, control.HeldSelection{IDs: []uint64{list[0].ID}, Reason: "asked them"})
	if err != nil || len(res) != 1 || res[0].Err != nil || !res[0].Result.Changed {
		t.Fatalf("%+v, %v", res, err)
	}
	h, err := s.History(ctx(), root, list[0].Zone, 0, 1)
	if err != nil || h[0].Kind != "delete" || h[0].Author != "root@ns1" || h[0].Reason != fmt.Sprintf("held change %d, released by root@ns1: asked them: cleaning up", list[0].ID) {
		t.Errorf("the history says %+v, %v", h, err)
	}
	if !s.Meant(list[0].Zone) || s.Meant(name("z00.test")) {
		t.Error("the mark that a person released it is not where it belongs")
	}
	// A zone that was written since is left alone.
	s.edit(t, "z16.test", set("www.z16.test", zone.TypeA, "192.0.2.77"))
	res, err = s.ReleaseHeld(ctx(), root, control.HeldSelection{Source: "token/cron"})
	if err != nil || len(res) != 4 {
		t.Fatalf("%+v, %v", res, err)
	}
	for _, d := range res {
		if stale := d.Held.Zone == name("z16.test"); stale != (control.CodeOf(d.Err) == control.CodeStale) || !stale && d.Err != nil {
			t.Errorf("%s: %v", d.Held.Zone.Text(), d.Err)
		}
	}
	if list := s.held(t); len(list) != 1 || list[0].Zone != name("z16.test") {
		t.Errorf("held is %+v", list)
	}
	wantServed(t, "z16.test", "www.z16.test", zone.TypeA, "192.0.2.77", s)
	if res, err := s.DropHeld(ctx(), root, control.HeldSelection{All: true}); err != nil || len(res) != 1 || len(s.held(t)) != 0 {
		t.Errorf("drop: %+v, %v", res, err)
	}
	var e *control.Error
	if _, err := s.DropHeld(ctx(), root, control.HeldSelection{IDs: []uint64{99}}); !errors.As(err, &e) || e.Code != control.CodeNotFound {
		t.Errorf("a number that is not held: %v", err)
	}
	if _, err := s.ReleaseHeld(ctx(), root, control.HeldSelection{}); control.CodeOf(err) != control.CodeInvalid {
		t.Errorf("nothing selected: %v", err)
	}
	if status, err := s.Status(ctx(), root); err != nil || status.Held != 0 {
		t.Errorf("status: %d held, %v", status.Held, err)
	}
}

func TestAHeldEditKeepsWhatWasWrittenSince(t *testing.T) {
	s := newWorld().server(t, "ns1")
	s.createMany(t, 20)
	s.deleteMany(t, program, zones(9))
	z := "z15.test"
	_, err := s.ImportZone(ctx(), program, control.ImportRequest{Zone: name(z), Text: small})
	if control.CodeOf(err) != control.CodeHeld {
		t.Fatal(err)
	}
	s.edit(t, z, set("new."+z, zone.TypeA, "192.0.2.9")) // beside what the import deletes
	res, err := s.ReleaseHeld(ctx(), root, control.HeldSelection{All: true})
	if err != nil || len(res) != 1 || res[0].Err != nil {
		t.Fatalf("%+v %v", res, err)
	}
	wantServed(t, z, "new."+z, zone.TypeA, "192.0.2.9", s)
	for _, r := range s.show(t, z).View.RRsets {
		if r.Owner == name("www."+z) {
			t.Error("the import was not made")
		}
	}
}
