package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// changeSets is what the pages of acts on many zones ask for.
type changeSets interface {
	BeginChangeSet(ctx context.Context, p acl.Principal, r control.SetRequest) (control.ChangeSet, error)
	ChangeSets(ctx context.Context, p acl.Principal) ([]control.ChangeSet, error)
	ShowChangeSet(ctx context.Context, p acl.Principal, id uint64) (control.ChangeSet, error)
	ChangeSetZones(ctx context.Context, p acl.Principal, id uint64, page int) ([]control.SetZone, error)
	ConfirmChangeSet(ctx context.Context, p acl.Principal, id uint64, confirm int) (control.ChangeSet, error)
	StopChangeSet(ctx context.Context, p acl.Principal, id uint64) (control.ChangeSet, error)
	ResumeChangeSet(ctx context.Context, p acl.Principal, id uint64) (control.ChangeSet, error)
}

// chosen are the zones that a form names.
func (v *Visit) chosen() ([]zone.Name, error) {
	if err := v.ParseForm(); err != nil {
		return nil, err
	}
	var names []zone.Name
	for _, text := range v.PostForm["zone"] {
		z, err := zone.ParseName(text)
		if err != nil {
			return nil, &control.Error{Code: control.CodeInvalid, Subject: text, Message: err.Error()}
		}
		names = append(names, z)
	}
	return names, nil
}

// match is what the list was narrowed to from which all that match were chosen; nil: single ones were.
func (v *Visit) match() *control.ZoneMatch {
	if v.PostFormValue("all") == "" {
		return nil
	}
	listed, _ := strconv.Atoi(v.PostFormValue("listed")) // 0: nobody counted
	return &control.ZoneMatch{
		Search: v.PostFormValue("q"), Owner: v.PostFormValue("owner"), Home: v.PostFormValue("home"),
		State: control.ZoneFilter(v.PostFormValue("state")), Listed: max(listed, 0),
	}
}

// begin is the first click: the set is shown, and waits for the second.
func (v *Visit) begin(kind control.SetKind, params control.SetParams) error {
	names, err := v.chosen()
	if err != nil {
		return err
	}
	if params.Match = v.match(); params.Match != nil {
		names = nil // single ones of them that are chosen too are among them
	}
	s, err := v.server.Control.BeginChangeSet(v.Context(), v.Principal(), control.SetRequest{
		Kind: kind, Zones: names, SetParams: params, Reason: strings.TrimSpace(v.PostFormValue("reason")),
	})
	if err != nil {
		return err
	}
	return v.redirect(setPath(s.ID))
}

func askDeleteZones(v *Visit) error { return v.begin(control.SetDelete, control.SetParams{}) }

func askRestoreZones(v *Visit) error { return v.begin(control.SetRestore, control.SetParams{}) }

func askMoveHome(v *Visit) error {
	return v.begin(control.SetHome, control.SetParams{Home: v.PostFormValue("to")})
}

func askTTL(v *Visit) error {
	ttl, err := strconv.ParseUint(strings.TrimSpace(v.PostFormValue("ttl")), 10, 31)
	if err != nil {
		return &control.Error{Code: control.CodeInvalid, Subject: "ttl", Message: "a TTL is a whole number of seconds, at least 1"}
	}
	return v.begin(control.SetTTL, control.SetParams{TTL: uint32(ttl)})
}

func setPath(id uint64) string { return "/changesets/" + strconv.FormatUint(id, 10) }

// setID is what the path of the request names.
func (v *Visit) setID() uint64 {
	id, _ := strconv.ParseUint(v.PathValue("id"), 10, 64) // 0 is none
	return id
}

// setView is a change set as its page shows it.
type setView struct {
	control.ChangeSet
	Title   string
	State   chip
	Numbers []figure
	Lines   []string
	Danger  bool
	Path    string
	Zones   []setZone
	Page    int
	Count   int // zones that it is about
}

type setZone struct {
	Name, Path    string
	Example, Skip string
	Records       int
}

func (v *Visit) lookSet() (setView, error) {
	s, err := v.server.Control.ShowChangeSet(v.Context(), v.Principal(), v.setID())
	if err != nil {
		return setView{}, err
	}
	view := setView{
		ChangeSet: s, Title: sentence(s.Words()), State: setChip(s), Path: setPath(s.ID), Count: s.Zones,
		Numbers: setNumbers(s), Lines: setLines(s), Danger: s.Kind == control.SetDelete,
	}
	view.Title = strings.TrimSuffix(view.Title, ".")
	if s.State == control.SetReady {
		view.Title += "?"
	}
	view.Page, _ = strconv.Atoi(v.FormValue("page"))
	zones, err := v.server.Control.ChangeSetZones(v.Context(), v.Principal(), s.ID, view.Page)
	for _, z := range zones {
		view.Zones = append(view.Zones, setZone{z.Zone.Text(), zonePath(z.Zone), z.Example, z.Skip, z.Records})
	}
	return view, err
}

func setChip(s control.ChangeSet) chip {
	switch s.State {
	case control.SetSearching:
		return chip{busy, "Searching"}
	case control.SetReady:
		return chip{idle, "Waits for you"}
	case control.SetRunning:
		return chip{busy, "Under way"}
	case control.SetStopped:
		return chip{idle, "Stopped"}
	}
	if s.Failed+s.Held > 0 {
		return chip{act, "Done, not everywhere"}
	}
	return chip{good, "Done"}
}

func setNumbers(s control.ChangeSet) []figure {
	list := []figure{{number(s.Zones), "zones"}}
	add := func(n int, label string) {
		if n > 0 {
			list = append(list, figure{number(n), label})
		}
	}
	switch s.State {
	case control.SetSearching, control.SetReady:
		if s.Kind == control.SetReplace {
			add(s.Records, "records change")
		} else {
			add(s.Records, "records in them")
		}
		add(s.Seen, "zones looked at")
	default:
		list = append(list, figure{number(s.Changed), "changed"})
		add(s.Same, "had nothing to change")
		add(s.Skipped, "left out")
		add(s.Failed, "failed")
		add(s.Held, "held by the brake")
		add(s.Edited, "edited since they were shown")
	}
	return list
}

// setLines say what a set that waits will do.
func setLines(s control.ChangeSet) []string {
	lines := actLines(s)
	if s.Match != nil {
		lines = append(lines, "These are the zones as they were found for this review, listed below: one that comes to match later is left out, one that is edited before its turn is changed as it is then, and named.")
	}
	return lines
}

func actLines(s control.ChangeSet) []string {
	undo := "Undo on this page brings back what was before, in all zones at once; what is edited later stays."
	switch s.Kind {
	case control.SetDelete:
		return []string{
			"The zones are no longer answered by any server that this one sends to.",
			"They stay in the trash, from which each can be restored.", undo,
		}
	case control.SetRestore:
		return []string{"Each zone is as it was when it was deleted, with this server as its home.", undo}
	case control.SetHome:
		return []string{
			nameOfHome(s.Home) + " is their home: it may change them also where it is taken for a leaf. The home before may not any more.",
			"What they answer does not change.", undo,
		}
	case control.SetTTL:
		return []string{fmt.Sprintf("All records of the zones get the TTL %d, those of SOA and NS too. What they say does not change.", s.TTL), undo}
	case control.SetReplace:
		return []string{
			s.From + " becomes " + s.To + " in all of these records, in whatever zone they are; other records stay as they are, texts (SPF) too.",
			"A zone that is edited before it is its turn is changed as it is then, and listed.", undo,
		}
	case control.SetUndo:
		return []string{"Each zone gets back what it was before. What was edited since is left as it is, and listed.", undo}
	}
	return []string{undo}
}

func showSet(v *Visit) error {
	s, err := v.lookSet()
	if err != nil {
		return err
	}
	p := page{Title: s.Title, Path: "/zones"}
	if s.ChangeSet.State == control.SetSearching || s.ChangeSet.State == control.SetRunning {
		p.Live = "/live" + s.Path
	}
	return v.show(http.StatusOK, p, setPage(s))
}

func liveSet(v *Visit) error {
	return v.live(func() (templ.Component, error) {
		s, err := v.lookSet()
		if err != nil {
			return nil, err
		}
		st, err := v.server.Control.Status(v.Context(), v.Principal())
		return templ.Join(liveSetPart(s), liveStatusPart(statusChip(st))), err
	})
}

// doSet is the second click. It carries the number that the person saw.
func doSet(v *Visit) error {
	n, err := strconv.Atoi(v.PostFormValue("confirm"))
	if err != nil || n < 0 {
		return &control.Error{Code: control.CodeInvalid, Subject: "confirm", Message: "the number of zones is missing"}
	}
	s, err := v.server.Control.ConfirmChangeSet(v.Context(), v.Principal(), v.setID(), n)
	if err != nil {
		return err
	}
	return v.redirect(setPath(s.ID))
}

func stopSet(v *Visit) error {
	s, err := v.server.Control.StopChangeSet(v.Context(), v.Principal(), v.setID())
	if err != nil {
		return err
	}
	n := notice{Level: idle, Text: "Stopped. What was done until now stays, and can be undone."}
	if s.Done == 0 {
		n.Text = "Nothing was done."
	}
	return v.done(setPath(s.ID), n)
}

func resumeSet(v *Visit) error {
	s, err := v.server.Control.ResumeChangeSet(v.Context(), v.Principal(), v.setID())
	if err != nil {
		return err
	}
	return v.redirect(setPath(s.ID))
}

func undoSet(v *Visit) error {
	s, err := v.server.Control.BeginChangeSet(v.Context(), v.Principal(), control.SetRequest{
		Kind: control.SetUndo, SetParams: control.SetParams{Undoes: v.setID()},
	})
	if err != nil {
		return err
	}
	return v.redirect(setPath(s.ID))
}

type setRow struct {
	Path, Words, Author string
	State               chip
	Begun               instant
	Changed             int
}

func listSets(v *Visit) error {
	all, err := v.server.Control.ChangeSets(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	var rows []setRow
	for _, s := range all {
		rows = append(rows, setRow{setPath(s.ID), fmt.Sprintf("%d: %s", s.ID, s.Words()), s.Author, setChip(s), instantOf(s.Begun), s.Changed})
	}
	return v.show(http.StatusOK, page{Title: "Acts on many zones", Path: "/zones"}, setsPage(rows))
}
