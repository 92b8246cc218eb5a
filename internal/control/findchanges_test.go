package control_test

import (
	"fmt"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// The history by zone, person and time, paged by position.
func TestChangesAreFound(t *testing.T) {
	a, b, _ := apart(t)
	a.create(t, "example.net")
	var times []zone.Millis
	for i := range 5 {
		a.edit(t, example, set("www.example.com", zone.TypeA, fmt.Sprintf("192.0.2.%d", i+10)))
		times = append(times, a.world.clock())
	}
	b.edit(t, example, set("mail.example.com", zone.TypeA, "192.0.2.99"))
	exchange(t, a, b)
	find := func(q control.ChangeQuery) []control.Change {
		t.Helper()
		var all []control.Change
		for range 20 {
			pg, err := a.FindChanges(ctx(), root, q)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, pg.Changes...)
			if pg.Next == 0 {
				return all
			}
			q.Before = pg.Next
		}
		t.Fatal("the pages do not end")
		return nil
	}
	for title, c := range map[string]struct {
		q    control.ChangeQuery
		want int
	}{
		"all":            {control.ChangeQuery{}, 8},
		"in small pages": {control.ChangeQuery{Limit: 2}, 8},
		"of a zone":      {control.ChangeQuery{Zone: name("example.net")}, 1},
		"by a person":    {control.ChangeQuery{Author: "ROOT@b", Limit: 3}, 1},
		"by nobody":      {control.ChangeQuery{Author: "nobody"}, 0},
		"since":          {control.ChangeQuery{Since: times[2]}, 3},
		"until":          {control.ChangeQuery{Until: times[2]}, 5},
		"between":        {control.ChangeQuery{Since: times[0], Until: times[3], Zone: name(example)}, 3},
		"before all":     {control.ChangeQuery{Until: 1}, 0},
	} {
		if got := find(c.q); len(got) != c.want {
			t.Errorf("%s: %d changes, want %d: %+v", title, len(got), c.want, got)
		}
	}
}

// Who looks for somebody who did nothing is answered after so many changes, and can go on.
func TestLookingForAnAuthorHasABound(t *testing.T) {
	w := newWorld()
	a := w.server(t, "a.test")
	a.create(t, example)
	const bound = 5000
	for i := range bound + 1 {
		a.edit(t, example, set("www.example.com", zone.TypeTXT, fmt.Sprint(i)))
	}
	pg, err := a.FindChanges(ctx(), root, control.ChangeQuery{Author: "nobody", Limit: 1000})
	if err != nil || !pg.Partly || pg.Next == 0 || len(pg.Changes) != 0 {
		t.Fatalf("%+v, %v", pg, err)
	}
	pg, err = a.FindChanges(ctx(), root, control.ChangeQuery{Author: "nobody", Limit: 1000, Before: pg.Next})
	if err != nil || pg.Partly || pg.Next != 0 {
		t.Errorf("%+v, %v", pg, err)
	}
}
