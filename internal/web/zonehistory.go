package web

import (
	"net/http"
	"strconv"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

// showHistory lists the versions of a zone.
func showHistory(v *Visit) error {
	z, err := v.showZone()
	if err != nil {
		return err
	}
	before, _ := strconv.ParseUint(v.FormValue("before"), 10, 64)
	found, err := v.server.Control.FindChanges(v.Context(), v.Principal(), control.ChangeQuery{Zone: z.View.Zone, Before: store.Position(before), Limit: changesPerPage})
	if err != nil {
		return err
	}
	w := changesView{Path: zonePath(z.View.Zone) + "/history", History: true, Before: before, Now: uint64(z.Position)}
	if err := v.fillChanges(&w, found); err != nil {
		return err
	}
	head, err := v.zoneHead(z, "/history")
	if err != nil {
		return err
	}
	return v.showTab(http.StatusOK, head, "History", historyTab(head, w))
}

// versionsView is two versions side by side; To 0 is the zone as it is.
type versionsView struct {
	zoneHead
	From, To uint64
	Lines    []diffLine
	Sets     []oldSet // what can be put back one by one
	ETag     string
	Warn     []notice
}

// oldSet is an RRset that was otherwise.
type oldSet struct {
	Title string
	Draft string // that puts it back
}

// positions reads the numbers of two changes, the older first.
func (v *Visit) positions() (from, to uint64) {
	from, _ = strconv.ParseUint(v.FormValue("from"), 10, 64)
	to, _ = strconv.ParseUint(v.FormValue("to"), 10, 64)
	if to != 0 && from > to {
		from, to = to, from
	}
	return from, to
}

func compareVersions(v *Visit) error {
	from, to := v.positions()
	z, err := v.showZone()
	if err != nil {
		return err
	}
	list, err := v.server.Control.Diff(v.Context(), v.Principal(), z.View.Zone, store.Position(from), store.Position(to))
	if err != nil {
		return err
	}
	w := versionsView{From: from, To: to, Lines: diffLines(z.View.Zone, list)}
	if w.zoneHead, err = v.zoneHead(z, "/history"); err != nil {
		return err
	}
	return v.showTab(http.StatusOK, w.zoneHead, "Compare", compareTab(w))
}

// askRestore is the first click of going back to a version: what will come and go.
func askRestore(v *Visit) error { return v.restorePage(http.StatusOK, nil) }

func (v *Visit) restorePage(status int, warn []notice) error {
	n, err := strconv.ParseUint(v.PathValue("change"), 10, 64)
	if err != nil || n == 0 {
		return &control.Error{Code: control.CodeNotFound, Subject: "change " + v.PathValue("change"), Message: "there is no such change, or it is no longer kept"}
	}
	z, err := v.showZone()
	if err != nil {
		return err
	}
	name := z.View.Zone
	list, err := v.server.Control.Diff(v.Context(), v.Principal(), name, store.Position(n), 0)
	if err != nil {
		return err
	}
	w := versionsView{From: n, ETag: z.ETag, Warn: warn}
	for i, d := range list { // the other way round: what going back does
		list[i].Before, list[i].After = d.After, d.Before
		w.Sets = append(w.Sets, oldSet{d.Owner.Relative(name) + " " + d.Type.String(), draftOf(z.ETag, list[i:i+1]).text()})
	}
	w.Lines = diffLines(name, list)
	if w.zoneHead, err = v.zoneHead(z, "/history"); err != nil {
		return err
	}
	return v.showTab(status, w.zoneHead, "Restore", restoreTab(w))
}

// restoreVersion is the second click. If the zone has changed since the first, that is shown once more.
func restoreVersion(v *Visit) error {
	z, err := v.showZone()
	if err != nil {
		return err
	}
	if z.ETag != v.PostFormValue("seen") {
		return v.restorePage(http.StatusConflict, []notice{{Level: act, Text: "The zone has changed meanwhile: this is what going back does now."}})
	}
	n, _ := strconv.ParseUint(v.PathValue("change"), 10, 64)
	res, err := v.server.Control.RestoreZone(v.Context(), v.Principal(), control.RestoreRequest{Zone: z.View.Zone, Position: store.Position(n), Meant: true, Reason: v.PostFormValue("reason")})
	if err != nil {
		return err
	}
	return v.done(zonePath(z.View.Zone)+"/history", notice{Level: good, Text: "The zone is as it was after change " + strconv.FormatUint(n, 10) + ", with serial " + strconv.FormatUint(uint64(res.Serial), 10) + "."})
}

// takeOld puts one RRset of the past into the draft, where it is reviewed like any other change.
func (e editing) takeOld() error {
	d, err := parseDraft(e.draft.Against, e.visit.PostFormValue("draft"))
	if err != nil {
		return err
	}
	for _, set := range d.Sets {
		if !set.Owner.IsSubdomainOf(e.zone) {
			return &control.Error{Code: control.CodeInvalid, Subject: set.Owner.Text(), Message: "the name is not in the zone"}
		}
		e.draft.set(set)
	}
	if err := e.keep(); err != nil {
		return err
	}
	return e.visit.redirect(zonePath(e.zone) + "/review")
}
