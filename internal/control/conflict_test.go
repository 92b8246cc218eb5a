package control_test

import (
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func choose(t tb, s *server, id string, c control.Choice) {
	t.Helper()
	if _, err := s.ChooseConflict(ctx(), root, control.ChooseRequest{ID: id, Choice: c}); err != nil {
		t.Fatalf("choose %s: %v", c, err)
	}
}

// one is the only conflict, which every server lists under one id.
func one(t tb, servers ...*server) control.Conflict {
	t.Helper()
	first := servers[0].conflicts(t)
	if len(first) != 1 {
		t.Fatalf("%s lists %d conflicts: %+v", servers[0].Self.Name, len(first), first)
	}
	for _, s := range servers[1:] {
		if other := s.conflicts(t); len(other) != 1 || other[0].ID != first[0].ID {
			t.Fatalf("%s lists %+v, %s lists %+v", servers[0].Self.Name, first, s.Self.Name, other)
		}
	}
	return first[0]
}

func none(t tb, servers ...*server) {
	t.Helper()
	for _, s := range servers {
		if c := s.conflicts(t); len(c) != 0 {
			t.Fatalf("%s still lists %+v", s.Self.Name, c)
		}
	}
}

func apart(t *testing.T) (a, b, c *server) {
	w := newWorld()
	a, b, c = w.server(t, "a.test"), w.server(t, "b.test"), w.server(t, "c.test")
	a.create(t, example, "www A 192.0.2.1", "mail A 192.0.2.2")
	exchange(t, a, b, c)
	return a, b, c
}

func TestTheSameRRsetSetOnBothSidesIsOneValueAndOneConflict(t *testing.T) {
	for title, settle := range map[string]struct {
		choice control.Choice
		want   string
	}{
		"the hidden one":  {control.ChooseHidden, "192.0.2.10"},
		"what is served":  {control.ChooseServed, "192.0.2.20"},
		"records of both": {control.ChooseMerge, "192.0.2.10, 192.0.2.20"},
	} {
		t.Run(title, func(t *testing.T) {
			a, b, c := apart(t)
			a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.10"))
			b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20"), set("new.example.com", zone.TypeA, "192.0.2.30"))
			a.edit(t, example, set("mail.example.com", zone.TypeA, "192.0.2.40"))
			exchange(t, a, b, c)
			wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.20", a, b, c)
			wantServed(t, example, "new.example.com", zone.TypeA, "192.0.2.30", a, b, c)
			wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.40", a, b, c)

			found := one(t, a, b, c)
			if found.Kind != zone.ConflictValue || found.Hidden.Author != "root@a.test" || found.Hidden.Time == 0 ||
				zone.DataString(zone.TypeA, found.Hidden.RRset.Data[0]) != "192.0.2.10" || found.Served.Author != "root@b.test" {
				t.Errorf("the conflict is listed as %+v", found)
			}
			choose(t, c, found.ID, settle.choice)
			exchange(t, a, b, c)
			none(t, a, b, c)
			wantServed(t, example, "www.example.com", zone.TypeA, settle.want, a, b, c)
			wantEqual(t, example, a, b, c)
			_, err := a.ChooseConflict(ctx(), root, control.ChooseRequest{ID: found.ID})
			wantCode(t, err, control.CodeNotFound)
		})
	}
}

func TestACNAMEBesideOtherDataIsAConflictOnAll(t *testing.T) {
	a, b, c := apart(t)
	a.edit(t, example, set("ftp.example.com", zone.TypeA, "192.0.2.10"))
	b.edit(t, example, set("ftp.example.com", zone.TypeCNAME, "www.example.com."))
	exchange(t, a, b, c)
	wantServed(t, example, "ftp.example.com", zone.TypeCNAME, "www.example.com.", a, b, c)
	wantServed(t, example, "ftp.example.com", zone.TypeA, "", a, b, c)
	found := one(t, a, b, c)
	if found.Kind != zone.ConflictCNAME || found.Type != zone.TypeA || found.Served.RRset.Type != zone.TypeCNAME {
		t.Errorf("the conflict is listed as %+v", found)
	}
	choose(t, a, found.ID, control.ChooseHidden)
	exchange(t, a, b, c)
	none(t, a, b, c)
	wantServed(t, example, "ftp.example.com", zone.TypeA, "192.0.2.10", a, b, c)
	wantServed(t, example, "ftp.example.com", zone.TypeCNAME, "", a, b, c)
}

func TestADeletionAgainstAnEditIsListedNotHalfAlive(t *testing.T) {
	a, b, c := apart(t)
	if _, err := a.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)}); err != nil {
		t.Fatal(err)
	}
	b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20"))
	exchange(t, a, b, c)
	wantServed(t, example, "www.example.com", zone.TypeA, "no zone", a, b, c)
	found := one(t, a, b, c)
	if found.Kind != zone.ConflictDeleted || found.Hidden.Author != "root@b.test" || found.Served != nil {
		t.Errorf("the conflict is listed as %+v", found)
	}
	choose(t, b, found.ID, control.ChooseHidden)
	exchange(t, a, b, c)
	none(t, a, b, c)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.20", a, b, c)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.2", a, b, c)
	wantEqual(t, example, a, b, c)
}

func TestADeletionAgainstAnEditCanBeConfirmed(t *testing.T) {
	a, b, c := apart(t)
	if _, err := a.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)}); err != nil {
		t.Fatal(err)
	}
	b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20"))
	exchange(t, a, b, c)
	choose(t, c, one(t, a, b, c).ID, control.ChooseServed)
	exchange(t, a, b, c)
	none(t, a, b, c)
	wantServed(t, example, "www.example.com", zone.TypeA, "no zone", a, b, c)
}

func TestTwoCreatorsOfOneZoneDoNotMixIt(t *testing.T) {
	for title, settle := range map[string]struct {
		choice    control.Choice
		www, only string
	}{
		"the other":   {control.ChooseHidden, "192.0.2.1", ""},
		"served":      {control.ChooseServed, "192.0.2.2", "192.0.2.3"},
		"both merged": {control.ChooseMerge, "192.0.2.1, 192.0.2.2", "192.0.2.3"},
	} {
		t.Run(title, func(t *testing.T) {
			w := newWorld()
			a, b := w.server(t, "a.test"), w.server(t, "b.test")
			a.create(t, example, "www A 192.0.2.1")
			b.create(t, example, "www A 192.0.2.2", "only A 192.0.2.3")
			exchange(t, a, b)
			wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.2", a, b)
			wantEqual(t, example, a, b)
			found := one(t, a, b)
			if found.Kind != zone.ConflictLife || found.Hidden.Life == nil || found.Hidden.Life.Home != "a.test" || found.Hidden.Life.Records != 4 {
				t.Errorf("the zone conflict is listed as %+v, %+v", found, found.Hidden.Life)
			}
			shown, err := b.ShowConflict(ctx(), root, found.ID)
			if err != nil || len(shown.Hidden.RRsets) != 3 || len(shown.Served.RRsets) != 4 {
				t.Errorf("the zone conflict shows %+v, %v", shown, err)
			}
			choose(t, a, found.ID, settle.choice)
			exchange(t, a, b)
			none(t, a, b)
			wantServed(t, example, "www.example.com", zone.TypeA, settle.www, a, b)
			wantServed(t, example, "only.example.com", zone.TypeA, settle.only, a, b)
			wantEqual(t, example, a, b)
		})
	}
}

func TestTwoCreatorsOfEqualContentHaveNoConflict(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example, "www A 192.0.2.1")
	b.create(t, example, "www A 192.0.2.1")
	exchange(t, a, b)
	none(t, a, b)
	a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.2"))
	b.edit(t, example, set("mail.example.com", zone.TypeA, "192.0.2.3"))
	exchange(t, a, b)
	none(t, a, b)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.2", a, b)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.3", a, b)
	wantEqual(t, example, a, b)
}

func TestAConflictEndsWithTheNextWriteOfItsKey(t *testing.T) {
	a, b, c := apart(t)
	a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.10"))
	b.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20"))
	exchange(t, a, b, c)
	one(t, a, b, c)
	c.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20")) // the same value as served settles it too
	exchange(t, a, b, c)
	none(t, a, b, c)
	status, err := c.Status(ctx(), root)
	if err != nil || status.Conflicts != 0 {
		t.Errorf("status is %+v, %v", status, err)
	}
}
