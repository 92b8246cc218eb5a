package web

import (
	"net/http"
	"strconv"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// savingView is what saving would do.
type savingView struct {
	zoneHead
	Lines      []diffLine
	Next       uint32
	Problems   []problemLine
	Meanwhile  []diffLine
	Others     []otherChange
	Clashes    []clashView
	Saveable   bool
	Against    string // the version that was shown
	Draft      string
	Reason     string
	ReasonText string // what is wrong with it
	Warn       []notice
}

// diffLine is one record that comes or goes.
type diffLine struct {
	Sign                  string // "+" or "-"
	Name, TTL, Type, Data string
	Set                   string // "www A": what it belongs to
}

type otherChange struct {
	Number       uint64
	Author, Kind string
	Reason       string
	At           instant
}

// clashView is an RRset that two have changed.
type clashView struct {
	Key, Title           string
	Base, Yours, Other   []string
	Author               string
	At                   instant
	Mergeable            bool
	Chosen, Error, Prose string
}

func showReview(v *Visit) error { return v.reviewPage(http.StatusOK, "", nil) }

func (v *Visit) reviewPage(status int, reason string, warn []notice) error {
	z, d, r, err := v.lookDraft()
	if err != nil {
		return err
	}
	if d.empty() {
		return v.done(zonePath(z.View.Zone), notice{Level: idle, Text: "There is nothing to review: no change waits to be saved."})
	}
	view := savingView{
		Lines: diffLines(r.Zone, r.Differences), Next: r.Next, Meanwhile: diffLines(r.Zone, r.Meanwhile), Saveable: r.Saveable() && len(r.Differences) > 0,
		Against: r.ETag, Reason: reason, Warn: warn, Draft: draftOf(r.ETag, r.Differences).text(),
	}
	if len(r.Clashes) > 0 { // what is settled is settled against what is shown
		view.Draft = ""
	}
	for _, f := range r.Findings {
		view.Problems = append(view.Problems, problemOf(f))
	}
	for _, c := range r.Changes {
		view.Others = append(view.Others, otherChange{uint64(c.Position), c.Author, c.Kind, c.Reason, instantOf(c.Time)})
	}
	for _, c := range r.Clashes {
		view.Clashes = append(view.Clashes, clashOf(r.Zone, c, v.PostFormValue(clashKey(c.Owner, c.Type))))
	}
	if view.zoneHead, err = v.zoneHead(z, ""); err != nil {
		return err
	}
	return v.showTab(status, view.zoneHead, "Review changes", reviewTab(view))
}

// diffLines is a difference record by record.
func diffLines(z zone.Name, list []control.Difference) []diffLine {
	var lines []diffLine
	add := func(sign string, from, other *zone.RRset) {
		if from == nil {
			return
		}
		name := from.Owner.Relative(z)
		for _, data := range from.Data {
			if !has(other, from.TTL, data) {
				lines = append(lines, diffLine{sign, name, strconv.FormatUint(uint64(from.TTL), 10), from.Type.String(), zone.DataString(from.Type, data), name + " " + from.Type.String()})
			}
		}
	}
	for _, d := range list {
		if d.Meta != "" {
			if d.BeforeMeta != "" {
				lines = append(lines, diffLine{Sign: "-", Name: d.Meta, Data: d.BeforeMeta, Set: d.Meta})
			}
			if d.AfterMeta != "" {
				lines = append(lines, diffLine{Sign: "+", Name: d.Meta, Data: d.AfterMeta, Set: d.Meta})
			}
			continue
		}
		add("-", d.Before, d.After)
		add("+", d.After, d.Before)
	}
	return lines
}

// clashKey is the name of the control that settles a clash.
func clashKey(owner zone.Name, t zone.Type) string { return "clash-" + recordID(owner, t, nil) }

func clashOf(z zone.Name, c control.Clash, chosen string) clashView {
	w := clashView{
		Key: clashKey(c.Owner, c.Type), Title: c.Owner.Relative(z) + " " + c.Type.String(), Base: rrsetLines(c.Base), Yours: rrsetLines(c.Yours), Other: rrsetLines(c.Other),
		Author: c.Author, At: instantOf(c.Time), Chosen: chosen,
	}
	single := c.Type == zone.TypeCNAME || c.Type == zone.TypeSOA || c.Type == zone.TypeDNAME
	w.Mergeable = c.Yours != nil && c.Other != nil && !single
	return w
}

// rrsetLines is an RRset, one line for each record.
func rrsetLines(set *zone.RRset) []string {
	if set == nil {
		return []string{"deleted"}
	}
	var lines []string
	for _, d := range set.Data {
		lines = append(lines, strconv.FormatUint(uint64(set.TTL), 10)+" "+zone.DataString(set.Type, d))
	}
	return lines
}

// settle takes what a person chose of each clash, against the version in which it was shown.
func (e editing) settle() error {
	v := e.visit
	shown := v.PostFormValue("shown")
	if shown != e.review.ETag {
		return v.reviewPage(http.StatusConflict, "", []notice{{Level: act, Text: "The zone has changed once more meanwhile: choose again."}})
	}
	for _, c := range e.review.Clashes {
		switch v.PostFormValue(clashKey(c.Owner, c.Type)) {
		case "yours":
		case "other":
			e.draft.drop(c.Owner, c.Type)
		case "both":
			if c.Yours != nil && c.Other != nil {
				e.draft.set(zone.NewRRset(c.Owner, c.Type, min(c.Yours.TTL, c.Other.TTL), append(append([][]byte(nil), c.Other.Data...), c.Yours.Data...)))
			}
		default:
			return v.reviewPage(http.StatusUnprocessableEntity, "", []notice{{Level: act, Text: "Choose for each of them which is to be served."}})
		}
	}
	e.draft.Against = shown
	if err := v.server.drafts.put(v.draftKey(e.zone), e.draft); err != nil {
		return err
	}
	return v.redirect(zonePath(e.zone) + "/review")
}

// saveDraft is the second click: what was shown is saved, against the version that was shown with it.
func saveDraft(v *Visit) error {
	name, err := v.zoneName()
	if err != nil {
		return err
	}
	d, err := parseDraft(v.PostFormValue("against"), v.PostFormValue("draft"))
	if err != nil {
		return err
	}
	r := d.edit(name)
	r.Reason = v.PostFormValue("reason")
	res, err := v.server.Control.EditZone(v.Context(), v.Principal(), r)
	switch control.CodeOf(err) {
	case "":
	case control.CodeStale, control.CodeRefused:
		if err := v.server.drafts.put(v.draftKey(name), d); err != nil {
			return err
		}
		return v.reviewPage(http.StatusConflict, r.Reason, []notice{{Level: act, Text: "Nothing was saved: " + err.Error() + "."}})
	default:
		return err
	}
	if err := v.server.drafts.put(v.draftKey(name), draft{}); err != nil {
		return err
	}
	n := notice{Level: good, Text: "Saved: " + count(len(res.Differences), "RRset", "RRsets") + " changed, serial " + strconv.FormatUint(uint64(res.Serial), 10) + "."}
	if !res.Changed {
		n = notice{Level: idle, Text: "Everything was so already: nothing was changed."}
	}
	for _, f := range res.Findings {
		n.Lines = append(n.Lines, sentence(f.String()))
	}
	return v.done(zonePath(name), n)
}

func otherTitle(c clashView) string {
	if c.Author == "" {
		return "Theirs"
	}
	return "Theirs (" + c.Author + ")"
}
