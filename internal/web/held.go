package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// held is what the page of held changes asks for.
type held interface {
	Held(ctx context.Context, p acl.Principal) ([]control.HeldChange, error)
	ReleaseHeld(ctx context.Context, p acl.Principal, sel control.HeldSelection) ([]control.HeldDecision, error)
	DropHeld(ctx context.Context, p acl.Principal, sel control.HeldSelection) ([]control.HeldDecision, error)
}

// heldGroup is what is held of one source.
type heldGroup struct {
	Source, Name, Why     string
	Waiting, Gone, Shrunk int // changes that wait; of them zones that would go, and records that would in others
	Rows                  []heldLine
}

type heldLine struct {
	ID                        uint64
	Zone, Kind, Author, State string
	At                        instant
	Before, After             int
	Waiting                   bool
}

// heldRows is how many of a source are shown; they are decided about together.
const heldRows = 100

func listHeld(v *Visit) error {
	list, err := v.server.Control.Held(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, page{Title: "Held changes", Path: "/changes"}, heldPage(heldGroups(list)))
}

func heldGroups(list []control.HeldChange) []heldGroup {
	var groups []heldGroup
	for _, h := range list {
		at := slices.IndexFunc(groups, func(g heldGroup) bool { return g.Source == h.Source })
		if at < 0 {
			at, groups = len(groups), append(groups, heldGroup{Source: h.Source, Name: h.Name, Why: sentence(h.Why)})
		}
		g := &groups[at]
		waiting := h.State == control.HeldWaiting
		if waiting {
			g.Waiting++
			if h.After == 0 {
				g.Gone++
			} else {
				g.Shrunk += max(0, h.Before-h.After)
			}
		}
		if len(g.Rows) < heldRows {
			g.Rows = append(g.Rows, heldLine{h.ID, h.Zone.Text(), h.Kind, orDash(h.Author), string(h.State), instantOf(h.Time), h.Before, h.After, waiting})
		}
	}
	return groups
}

// heldChosen is which held changes a form names: those that are ticked, or all of a source.
func (v *Visit) heldChosen() (control.HeldSelection, error) {
	var sel control.HeldSelection
	for _, text := range v.Form["id"] {
		id, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return sel, &control.Error{Code: control.CodeInvalid, Subject: "held change " + text, Message: "is no number"}
		}
		sel.IDs = append(sel.IDs, id)
	}
	if len(sel.IDs) == 0 {
		sel.Source = v.FormValue("source")
	}
	return sel, nil
}

// askHeld is the first click: how many changes, and what is in them.
func askHeld(v *Visit) error {
	sel, err := v.heldChosen()
	if err != nil {
		return err
	}
	list, err := v.server.Control.Held(v.Context(), v.Principal())
	if err != nil {
		return err
	}
	c := confirmation{Title: "Release these held changes?", Button: "Release", Danger: true, Post: "/changes/held/release", Back: "/changes/held"}
	if v.FormValue("do") == "drop" {
		c.Title, c.Button, c.Post = "Drop these held changes?", "Drop", "/changes/held/drop"
	}
	n, gone, records, members := 0, 0, 0, false
	for _, h := range list {
		if h.State != control.HeldWaiting || h.Source != sel.Source && !slices.Contains(sel.IDs, h.ID) {
			continue
		}
		n++
		records += max(0, h.Before-h.After)
		if h.After == 0 {
			gone++
		}
		members = members || len(h.Source) > 7 && h.Source[:7] == "member/"
		c.Hidden = append(c.Hidden, hidden{"id", strconv.FormatUint(h.ID, 10)})
	}
	if n == 0 {
		return v.done("/changes/held", notice{Level: idle, Text: "None of them waits any more."})
	}
	c.Numbers = []figure{{number(n), "held changes"}, {number(gone), "zones that go by them"}, {number(records), "records that go by them"}}
	if c.Button == "Release" {
		c.Lines = []string{"They are made now, with their authors, and travel to all servers. No other server holds them again.", "One whose zone was written since is not made and stays held."}
	} else {
		c.Lines = []string{"They are not made, and forgotten."}
		if members {
			c.Lines = append(c.Lines, "What a member offers stays refused until it takes nothing away any more: restore the zones there, or the two servers go on to differ.")
		}
	}
	return v.show(http.StatusOK, page{Title: c.Title, Path: "/changes"}, confirmPage(c))
}

func releaseHeld(v *Visit) error { return v.decideHeld(v.server.Control.ReleaseHeld, "released") }

func dropHeld(v *Visit) error { return v.decideHeld(v.server.Control.DropHeld, "dropped") }

func (v *Visit) decideHeld(f func(context.Context, acl.Principal, control.HeldSelection) ([]control.HeldDecision, error), done string) error {
	sel, err := v.heldChosen()
	if err != nil {
		return err
	}
	list, err := f(v.Context(), v.Principal(), sel)
	if err != nil {
		return err
	}
	n := notice{Level: good}
	made := 0
	for _, d := range list {
		if d.Err == nil {
			made++
			continue
		}
		n.Level = act
		n.Lines = append(n.Lines, sentence("still held: "+d.Err.Error()))
	}
	n.Text = count(made, "held change", "held changes") + " " + done + "."
	return v.done("/changes/held", n)
}
