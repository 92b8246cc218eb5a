package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// editing is a draft while a form changes it.
type editing struct {
	visit  *Visit
	zone   zone.Name
	draft  draft
	review control.Review // as the draft was
	right  control.RecordRight
}

// editDraft does what a form of the table says to the draft: set (a new or changed record), delete, undo, discard, take
// (RRsets out of the history). It is not saved by that.
func editDraft(v *Visit) error {
	z, d, r, err := v.lookDraft()
	if err != nil {
		return err
	}
	e := editing{visit: v, zone: z.View.Zone, draft: d, review: r, right: z.Right}
	// The person saw the zone as it was at that version, with all of the draft in it.
	if against := v.PostFormValue("against"); against != "" && len(r.Clashes) == 0 {
		e.draft.Against = against
	} else if d.empty() {
		e.draft.Against = z.ETag
	}
	switch v.PostFormValue("do") {
	case "set":
		return e.set()
	case "delete":
		return e.delete(v.PostForm["id"])
	case "undo":
		return e.undo()
	case "settle":
		return e.settle()
	case "take":
		return e.takeOld()
	case "discard":
		e.draft.Sets = nil
		return e.done("", notice{Level: idle, Text: "The changes that were not saved are discarded."})
	}
	return &control.Error{Code: control.CodeInvalid, Message: "the form does not say what to do"}
}

// keep keeps the draft, if the person may write all that is in it.
func (e editing) keep() error {
	if err := e.draft.check(e.right); err != nil {
		return err
	}
	return e.visit.server.drafts.put(e.visit.draftKey(e.zone), e.draft)
}

// done keeps the draft and goes back to the table, where the person was.
func (e editing) done(row string, n ...notice) error {
	if err := e.keep(); err != nil {
		return err
	}
	to := local(e.visit.PostFormValue("back"))
	if to == "/" {
		to = zonePath(e.zone)
	}
	if row != "" {
		to += "#r-" + row
	}
	if len(n) > 0 {
		return e.visit.done(to, n[0])
	}
	return e.visit.redirect(to)
}

// now is an RRset as the draft has it.
func (e editing) now(owner zone.Name, t zone.Type) zone.RRset {
	for _, set := range e.review.RRsets {
		if set.Owner == owner && set.Type == t {
			return set
		}
	}
	return zone.RRset{Owner: owner, Type: t}
}

// put takes an RRset into the draft; what is as it is in the zone needs none.
func (e *editing) put(set zone.RRset) {
	for _, d := range e.review.Differences {
		if d.Owner == set.Owner && d.Type == set.Type && same(d.Before, set) {
			e.draft.drop(set.Owner, set.Type)
			return
		}
	}
	e.draft.set(set)
}

func same(before *zone.RRset, set zone.RRset) bool {
	if before == nil {
		return len(set.Data) == 0
	}
	return len(zone.Diff([]zone.RRset{*before}, []zone.RRset{set})) == 0 && len(set.Data) > 0
}

// set takes a record of the form into the draft: instead of the one that it names, or as a new one.
func (e editing) set() error {
	f := readRecord(e.visit.PostForm)
	r, ok := f.parse(e.zone)
	if !ok {
		return e.visit.recordsPage(http.StatusUnprocessableEntity, &f)
	}
	if f.ID != "" {
		old, data, found := findRecord(e.review, f.ID)
		if !found {
			f.wrong("name", "somebody else has changed or deleted the record meanwhile: look at the table again")
			return e.visit.recordsPage(http.StatusConflict, &f)
		}
		if r.KeepTTL && (old.Owner != r.Owner || old.Type != r.Type) {
			r.TTL, r.KeepTTL = old.TTL, false
		}
		e.remove(old, data)
	}
	e.add(r)
	return e.done(recordID(r.Owner, r.Type, r.Data))
}

// defaultTTL is that of a record for which nobody says one.
const defaultTTL = 14400

func (e *editing) add(r record) {
	set := e.now(r.Owner, r.Type)
	ttl := r.TTL
	if r.KeepTTL {
		if ttl = set.TTL; len(set.Data) == 0 {
			ttl = defaultTTL
		}
	}
	e.become(zone.NewRRset(r.Owner, r.Type, ttl, append(slices.Clone(set.Data), r.Data)))
}

func (e *editing) remove(set zone.RRset, data []byte) {
	set = e.now(set.Owner, set.Type)
	left := slices.DeleteFunc(slices.Clone(set.Data), func(d []byte) bool { return string(d) == string(data) })
	e.become(zone.RRset{Owner: set.Owner, Type: set.Type, TTL: set.TTL, Data: left})
}

// become puts an RRset into the draft and into what later steps see.
func (e *editing) become(set zone.RRset) {
	e.put(set)
	at := slices.IndexFunc(e.review.RRsets, func(s zone.RRset) bool { return s.Owner == set.Owner && s.Type == set.Type })
	e.review.RRsets = slices.Clone(e.review.RRsets)
	if at >= 0 {
		e.review.RRsets[at] = set
		return
	}
	e.review.RRsets = append(e.review.RRsets, set)
}

// delete takes records out. One that is gone already is none.
func (e editing) delete(ids []string) error {
	for _, id := range ids {
		if set, data, found := findRecord(e.review, id); found {
			e.remove(set, data)
		}
	}
	return e.done("")
}

// undo forgets what the draft says of the RRset of a row.
func (e editing) undo() error {
	owner, err := zone.ParseName(e.visit.PostFormValue("owner"))
	if err != nil {
		return &control.Error{Code: control.CodeInvalid, Subject: "owner", Message: err.Error()}
	}
	t, err := zone.ParseType(e.visit.PostFormValue("type"))
	if err != nil {
		return &control.Error{Code: control.CodeInvalid, Subject: "type", Message: err.Error()}
	}
	e.draft.drop(owner, t)
	return e.done(strings.TrimPrefix(e.visit.PostFormValue("id"), "x"))
}

// askDiscard is the first click of throwing a draft away.
func askDiscard(v *Visit) error {
	z, err := v.showZone()
	if err != nil {
		return err
	}
	n := len(v.server.drafts.get(v.draftKey(z.View.Zone)).Sets)
	path := zonePath(z.View.Zone)
	return v.show(http.StatusOK, page{Title: "Discard changes of " + z.View.Zone.Text(), Path: "/zones"}, confirmPage(confirmation{
		Title: "Discard the changes of " + z.View.Zone.Text() + "?", Numbers: []figure{{number(n), "RRsets changed and not saved"}},
		Lines: []string{"What you changed and did not save is lost. The zone stays as it is."},
		Post:  path + "/draft", Hidden: []hidden{{"do", "discard"}}, Button: "Discard", Danger: true, Back: path,
	}))
}
