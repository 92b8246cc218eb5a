package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// history is what the pages of changes ask for.
type history interface {
	FindChanges(ctx context.Context, p acl.Principal, q control.ChangeQuery) (control.ChangePage, error)
	ShowChange(ctx context.Context, p acl.Principal, pos store.Position) (control.Change, error)
	UndoChange(ctx context.Context, p acl.Principal, r control.UndoRequest) (control.UndoResult, error)
	Diff(ctx context.Context, p acl.Principal, z zone.Name, from, to store.Position) ([]control.Difference, error)
	RestoreZone(ctx context.Context, p acl.Principal, r control.RestoreRequest) (control.Result, error)
}

// changeLine is a row of a list of changes.
type changeLine struct {
	Number                             uint64
	Path, Zone, Kind, Author, Via, Why string
	At                                 instant
	Keys                               string
	Steps                              *chip
}

// changesView is a page of changes.
type changesView struct {
	Path                       string // of the page
	Zone, Author, Since, Until string // what is looked for
	Wrong                      map[string]string
	Rows                       []changeLine
	Before, Next               uint64
	Partly                     bool
	Held, Conflicts            int
	History                    bool // of one zone: its name is not in the table, versions can be compared
	Now                        uint64
}

const changesPerPage = 50

// readChangeQuery reads the filter; false means that Wrong says what is not understood.
func (v *Visit) readChangeQuery() (changesView, control.ChangeQuery, bool) {
	w := changesView{
		Path: "/changes", Zone: strings.TrimSpace(v.FormValue("zone")), Author: strings.TrimSpace(v.FormValue("author")),
		Since: strings.TrimSpace(v.FormValue("since")), Until: strings.TrimSpace(v.FormValue("until")), Wrong: map[string]string{},
	}
	q := control.ChangeQuery{Author: w.Author, Limit: changesPerPage}
	before, _ := strconv.ParseUint(v.FormValue("before"), 10, 64)
	w.Before, q.Before = before, store.Position(before)
	if w.Zone != "" {
		z, err := zone.ParseName(w.Zone)
		if err != nil {
			w.Wrong["zone"] = "This is no name of a zone."
		}
		q.Zone = z
	}
	for name, to := range map[string]*zone.Millis{"since": &q.Since, "until": &q.Until} {
		text := v.FormValue(name)
		if text == "" {
			continue
		}
		t, err := time.Parse("2006-01-02", text)
		if err != nil {
			w.Wrong[name] = "Give a day like 2026-11-23."
			continue
		}
		if name == "until" {
			t = t.Add(24*time.Hour - time.Millisecond)
		}
		*to = zone.Millis(t.UnixMilli())
	}
	return w, q, len(w.Wrong) == 0
}

func listChanges(v *Visit) error {
	w, q, ok := v.readChangeQuery()
	if !ok {
		return v.show(http.StatusUnprocessableEntity, page{Title: "Changes", Path: "/changes"}, changesPage(w))
	}
	found, err := v.server.Control.FindChanges(v.Context(), v.Principal(), q)
	if err != nil {
		return err
	}
	if err := v.fillChanges(&w, found); err != nil {
		return err
	}
	if held, err := v.server.Control.Held(v.Context(), v.Principal()); err == nil {
		for _, h := range held {
			if h.State == control.HeldWaiting {
				w.Held++
			}
		}
	}
	if pg, err := v.server.Control.Conflicts(v.Context(), v.Principal(), control.ConflictQuery{}); err == nil {
		w.Conflicts = len(pg.Conflicts)
	}
	return v.show(http.StatusOK, page{Title: "Changes", Path: "/changes"}, changesPage(w))
}

// stepsShown is how many rows say where they have arrived: the newest, about which people ask.
const stepsShown = 20

func (v *Visit) fillChanges(w *changesView, found control.ChangePage) error {
	w.Next, w.Partly = uint64(found.Next), found.Partly
	for i, ch := range found.Changes {
		row := changeLineOf(ch)
		if i < stepsShown {
			if c, err := v.steps(ch.Zone, ch.Position); err == nil {
				row.Steps = &c
			}
		}
		w.Rows = append(w.Rows, row)
	}
	return nil
}

func changeLineOf(ch control.Change) changeLine {
	n := uint64(ch.Position)
	return changeLine{
		Number: n, Path: "/changes/" + strconv.FormatUint(n, 10), Zone: ch.Zone.Text(), Kind: ch.Kind, Author: orDash(ch.Author), Via: ch.Source, Why: ch.Reason,
		At: instantOf(ch.Time), Keys: count(ch.Keys, "RRset", "RRsets"),
	}
}

// at is the address of another page with the same filter.
func (w changesView) at(before uint64) string {
	q := url.Values{}
	for k, value := range map[string]string{"zone": w.Zone, "author": w.Author, "since": w.Since, "until": w.Until} {
		if value != "" && !w.History {
			q.Set(k, value)
		}
	}
	if before > 0 {
		q.Set("before", strconv.FormatUint(before, 10))
	}
	if len(q) == 0 {
		return w.Path
	}
	return w.Path + "?" + q.Encode()
}

// changeView is one change.
type changeView struct {
	changeLine
	Lines   []diffLine
	Servers []serverLine
	Arrived chip
}

// serverLine is how far one server is.
type serverLine struct {
	Name    string
	State   chip
	At      instant
	Took    string
	Reason  string
	Serial  string
	Differs bool
}

func (v *Visit) change() (control.Change, error) {
	n, err := strconv.ParseUint(v.PathValue("change"), 10, 64)
	if err != nil {
		return control.Change{}, &control.Error{Code: control.CodeNotFound, Subject: "change " + v.PathValue("change"), Message: "there is no such change, or it is no longer kept"}
	}
	return v.server.Control.ShowChange(v.Context(), v.Principal(), store.Position(n))
}

func showChange(v *Visit) error {
	ch, err := v.change()
	if err != nil {
		return err
	}
	w := changeView{changeLine: changeLineOf(ch), Lines: diffLines(ch.Zone, ch.Differences)}
	if w.Servers, w.Arrived, err = v.arrival(ch.Zone, ch.Position, ch.Time); err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Change " + v.PathValue("change"), Path: "/changes", Live: "/live" + w.Path}, changePage(w))
}

// arrival says where a change is, server by server.
func (v *Visit) arrival(z zone.Name, at store.Position, made zone.Millis) ([]serverLine, chip, error) {
	r, err := v.server.Control.Reached(v.Context(), v.Principal(), z, at)
	switch control.CodeOf(err) {
	case "":
	case control.CodeUnavailable, control.CodeNotFound:
		return nil, chip{idle, "not delivered"}, nil
	default:
		return nil, chip{}, err
	}
	var list []serverLine
	for _, s := range r.Servers {
		l := serverLine{Name: s.Name, At: instantOf(s.At), Reason: s.Reason}
		switch s.State {
		case "served":
			l.State = chip{good, "serves it"}
		case "stored":
			l.State = chip{busy, "has it, does not serve it yet"}
		case "refused":
			l.State = chip{act, "refuses it"}
		default:
			l.State = chip{busy, "waits"}
		}
		if s.At != 0 && made != 0 {
			l.Took = "after " + span(time.Duration(max(0, int64(s.At)-int64(made)))*time.Millisecond)
		}
		list = append(list, l)
	}
	return list, stepsChip(r), nil
}

// span is a time that something took.
func span(d time.Duration) string {
	if d < 10*time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return ago(d)
}

func liveChange(v *Visit) error {
	ch, err := v.change()
	if err != nil {
		return err
	}
	return v.live(func() (templ.Component, error) {
		list, c, err := v.arrival(ch.Zone, ch.Position, ch.Time)
		if err != nil {
			return nil, err
		}
		parts := []templ.Component{liveArrivalPart(c, list)}
		if st, err := v.server.Control.Status(v.Context(), v.Principal()); err == nil {
			parts = append(parts, liveStatusPart(statusChip(st)))
		}
		return templ.Join(parts...), nil
	})
}

// askUndo is the first click of an undo: what it will put back, and what it leaves because it was edited since.
func askUndo(v *Visit) error {
	ch, err := v.change()
	if err != nil {
		return err
	}
	return v.showUndo(http.StatusOK, ch, nil)
}

func (v *Visit) showUndo(status int, ch control.Change, warn []notice) error {
	u, err := v.server.Control.UndoChange(v.Context(), v.Principal(), control.UndoRequest{Position: ch.Position, DryRun: true})
	if err != nil {
		return err
	}
	line := changeLineOf(ch)
	w := undoView{changeLine: line, Back: diffLines(ch.Zone, u.Back), Left: diffLines(ch.Zone, u.Left), Warn: warn, Seen: undoMark(u), Deletes: ends(u.Back)}
	return v.show(status, page{Title: "Undo change " + strconv.FormatUint(line.Number, 10), Path: "/changes"}, undoPage(w))
}

// undoView is what an undo will do.
type undoView struct {
	changeLine
	Back, Left []diffLine
	Warn       []notice
	Seen       string
	Deletes    bool // the zone began with the change
}

// ends says that a zone that was there is not any more: every zone has an SOA.
func ends(list []control.Difference) bool {
	return slices.ContainsFunc(list, func(d control.Difference) bool { return d.Type == zone.TypeSOA && d.Before != nil && d.After == nil })
}

// undoMark names what an undo does, so that the second click does what the first has shown.
func undoMark(u control.UndoResult) string { return draftOf("", u.Back).text() }

func undoChange(v *Visit) error {
	ch, err := v.change()
	if err != nil {
		return err
	}
	u, err := v.server.Control.UndoChange(v.Context(), v.Principal(), control.UndoRequest{Position: ch.Position, DryRun: true})
	if err != nil {
		return err
	}
	if undoMark(u) != v.PostFormValue("seen") {
		return v.showUndo(http.StatusConflict, ch, []notice{{Level: act, Text: "The zone has changed meanwhile: this is what the undo does now."}})
	}
	res, err := v.server.Control.UndoChange(v.Context(), v.Principal(), control.UndoRequest{Position: ch.Position, Reason: v.PostFormValue("reason")})
	if err != nil {
		return err
	}
	n := notice{Level: good, Text: "Change " + strconv.FormatUint(uint64(ch.Position), 10) + " of " + ch.Zone.Text() + " is undone: " + count(len(res.Back), "RRset", "RRsets") + " put back."}
	if ends(res.Back) {
		n = notice{Level: idle, Text: ch.Zone.Text() + " is deleted: it began with change " + strconv.FormatUint(uint64(ch.Position), 10) + ". It can be restored from the trash."}
		return v.done("/zones/trash", n)
	}
	return v.done("/changes/"+strconv.FormatUint(uint64(res.Position), 10), n)
}
