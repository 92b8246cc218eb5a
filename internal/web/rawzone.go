package web

import (
	"net/http"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// rawView is the draft as a zone file.
type rawView struct {
	zoneHead
	Text     string
	Against  string
	Problems []rawProblem
	TooLarge bool
}

// rawProblem is what is wrong at a line, with the line.
type rawProblem struct {
	problemLine
	Number int
	Quoted string
}

// maxRaw is the largest zone that is edited as a text in a browser; a form with more of it would not come back.
const maxRaw = maxForm / 3

func showRaw(v *Visit) error {
	z, _, r, err := v.lookDraft()
	if err != nil {
		return err
	}
	if len(r.Clashes) > 0 { // a text has one value for each
		return v.redirect(zonePath(r.Zone) + "/review")
	}
	view := rawView{Against: r.ETag}
	var text strings.Builder
	shown := *z.View
	shown.RRsets = r.RRsets
	if err := zone.Print(&text, &shown, ""); err != nil {
		return err
	}
	if view.Text = text.String(); len(view.Text) > maxRaw {
		view.TooLarge, view.Text = true, ""
	}
	return v.rawPage(http.StatusOK, z, view)
}

func (v *Visit) rawPage(status int, z control.Zone, view rawView) error {
	var err error
	if view.zoneHead, err = v.zoneHead(z, ""); err != nil {
		return err
	}
	return v.showTab(status, view.zoneHead, "Zone file", rawTab(view))
}

// editRaw makes the draft what the text says. The text was made of the zone at the version in the form with all of the
// draft in it, so the difference to that version is the whole new draft.
func editRaw(v *Visit) error {
	z, err := v.showZone()
	if err != nil {
		return err
	}
	name := z.View.Zone
	text, against := strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"), v.PostFormValue("against")
	r, err := v.server.Control.ReviewEdit(v.Context(), v.Principal(), control.EditRequest{Zone: name, IfMatch: against, Text: text + "\n"})
	if control.CodeOf(err) == control.CodeDenied { // what was written is not lost by it
		return v.rawPage(http.StatusForbidden, z, rawView{Text: text, Against: against, Problems: []rawProblem{{problemLine: problemLine{act, sentence(err.Error())}}}})
	}
	if err != nil {
		return err
	}
	if r.RRsets == nil {
		return v.rawPage(http.StatusUnprocessableEntity, z, rawView{Text: text, Against: against, Problems: rawProblems(text, r.Findings)})
	}
	if err := v.server.drafts.put(v.draftKey(name), draftOf(against, r.Edited)); err != nil {
		return err
	}
	if len(r.Edited) == 0 {
		return v.done(zonePath(name), notice{Level: idle, Text: "The text says what the zone has: there is nothing to save."})
	}
	return v.redirect(zonePath(name) + "/review")
}

func rawProblems(text string, findings []zone.Finding) []rawProblem {
	lines := strings.Split(text, "\n")
	var list []rawProblem
	for _, f := range findings {
		p := rawProblem{problemLine: problemOf(f), Number: f.Line}
		if f.Line > 0 && f.Line <= len(lines) {
			p.Quoted = lines[f.Line-1]
		}
		list = append(list, p)
	}
	return list
}
