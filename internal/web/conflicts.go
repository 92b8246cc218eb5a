package web

import (
	"context"
	"net/http"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// conflicts is what the pages of conflicts ask for.
type conflicts interface {
	Conflicts(ctx context.Context, p acl.Principal, q control.ConflictQuery) (control.ConflictPage, error)
	ShowConflict(ctx context.Context, p acl.Principal, id string) (control.Conflict, error)
	ChooseConflict(ctx context.Context, p acl.Principal, r control.ChooseRequest) (control.Result, error)
}

// conflictView is one conflict with its two sides.
type conflictView struct {
	ID, Path, Zone, Title, Means string
	Hidden, Served               sideView
	Mergeable                    bool
}

// sideView is one of the two.
type sideView struct {
	Lines  []string
	Author string
	At     instant
	Note   string
}

type conflictsView struct {
	List []conflictView
	Next string
}

const conflictsPerPage = 50

func listConflicts(v *Visit) error {
	w, err := v.lookConflicts(control.ConflictQuery{After: v.FormValue("after"), Limit: conflictsPerPage})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Conflicts", Path: "/changes"}, conflictsPage(w))
}

func (v *Visit) lookConflicts(q control.ConflictQuery) (conflictsView, error) {
	pg, err := v.server.Control.Conflicts(v.Context(), v.Principal(), q)
	w := conflictsView{Next: pg.Next}
	for _, c := range pg.Conflicts {
		w.List = append(w.List, conflictOf(c))
	}
	return w, err
}

func zoneConflicts(v *Visit) error {
	z, err := v.showZone()
	if err != nil {
		return err
	}
	w, err := v.lookConflicts(control.ConflictQuery{Zone: z.View.Zone})
	if err != nil {
		return err
	}
	h, err := v.zoneHead(z, "/conflicts")
	if err != nil {
		return err
	}
	return v.showTab(http.StatusOK, h, "Conflicts", conflictsTab(w))
}

func conflictOf(c control.Conflict) conflictView {
	w := conflictView{ID: c.ID, Path: "/conflicts/" + c.ID, Zone: c.Zone.Text(), Means: conflictMeans(c.Kind), Hidden: sideOf(c.Hidden)}
	switch {
	case c.Owner != "":
		w.Title = c.Owner.Relative(c.Zone) + " " + c.Type.String()
	case c.Meta != "":
		w.Title = c.Meta
	default:
		w.Title = "the whole zone"
	}
	w.Served = sideView{Lines: []string{"nothing"}}
	if c.Served != nil {
		w.Served = sideOf(*c.Served)
	}
	if c.Kind == zone.ConflictCNAME { // the sides are of different types
		w.Hidden.addType(c.Hidden.RRset)
		if c.Served != nil {
			w.Served.addType(c.Served.RRset)
		}
	}
	single := c.Type == zone.TypeCNAME || c.Type == zone.TypeSOA || c.Type == zone.TypeDNAME
	w.Mergeable = c.Kind == zone.ConflictLife || !single && c.Hidden.RRset != nil && (c.Kind == zone.ConflictValue || c.Kind == zone.ConflictDeleted)
	return w
}

func conflictMeans(k zone.ConflictKind) string {
	switch k {
	case zone.ConflictValue:
		return "Two servers wrote the same records without having seen each other's."
	case zone.ConflictCNAME:
		return "A CNAME and other records were written at one name at two servers: only one of them can be served."
	case zone.ConflictLife:
		return "The zone was made at two servers for two accounts: one of them is served."
	case zone.ConflictDeleted:
		return "It was deleted at one server while it was edited at another."
	}
	return "Two changes bear one name: a data folder was copied."
}

func (w sideView) addType(set *zone.RRset) {
	for i := range w.Lines {
		if set != nil && len(set.Data) > 0 {
			w.Lines[i] = set.Type.String() + " " + w.Lines[i]
		}
	}
}

func sideOf(s control.Side) sideView {
	w := sideView{Author: orDash(s.Author), At: instantOf(s.Time)}
	switch {
	case s.Life != nil:
		w.Note = "zone of " + s.Life.Owner + ", made at " + s.Life.Home + ", " + count(s.Life.Records, "record", "records")
		for _, set := range s.RRsets[:min(len(s.RRsets), 50)] {
			for _, l := range rrsetLines(&set) {
				w.Lines = append(w.Lines, set.Owner.Text()+" "+set.Type.String()+" "+l)
			}
		}
	case s.Absent:
		w.Lines = []string{"deleted"}
	case s.Meta != "":
		w.Lines = []string{s.Meta}
	default:
		w.Lines = rrsetLines(s.RRset)
	}
	return w
}

func showConflict(v *Visit) error {
	c, err := v.server.Control.ShowConflict(v.Context(), v.Principal(), v.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Conflict in " + c.Zone.Text(), Path: "/changes"}, conflictPage(conflictOf(c)))
}

// chooseConflict settles it: both values were shown, so this is the second click. A conflict is named by its two sides: one
// that has changed is another.
func chooseConflict(v *Visit) error {
	c, err := v.server.Control.ShowConflict(v.Context(), v.Principal(), v.PathValue("id"))
	if err != nil {
		return err
	}
	choice := control.Choice(v.PostFormValue("choice"))
	if choice == "" {
		return v.done("/conflicts/"+c.ID, notice{Level: act, Text: "Choose which is to be served."})
	}
	if _, err := v.server.Control.ChooseConflict(v.Context(), v.Principal(), control.ChooseRequest{ID: c.ID, Choice: choice, Reason: v.PostFormValue("reason")}); err != nil {
		return err
	}
	return v.done(zonePath(c.Zone), notice{Level: good, Text: "The conflict at " + conflictOf(c).Title + " is settled, on all servers that this one reaches."})
}
