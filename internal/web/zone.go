package web

import (
	"context"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// oneZone is what the pages of a zone ask for.
type oneZone interface {
	ShowZone(ctx context.Context, p acl.Principal, z zone.Name) (control.Zone, error)
	ReviewEdit(ctx context.Context, p acl.Principal, r control.EditRequest) (control.Review, error)
	EditZone(ctx context.Context, p acl.Principal, r control.EditRequest) (control.EditResult, error)
	ZoneHead(ctx context.Context, p acl.Principal, z zone.Name) (store.Head, error)
	Reached(ctx context.Context, p acl.Principal, z zone.Name, at store.Position) (control.Reached, error)
}

// zoneHead is what stands above every page of a zone.
type zoneHead struct {
	Name, Path  string
	Owner, Home string
	Serial      uint32
	Modified    instant
	Position    store.Position
	Conflicts   int
	Unsaved     int // RRsets in the draft
	Steps       chip
	Tabs        []tab
}

// zoneName is the zone that the path of the request names.
func (v *Visit) zoneName() (zone.Name, error) {
	z, err := zone.ParseName(v.PathValue("zone"))
	if err != nil {
		return "", &control.Error{Code: control.CodeInvalid, Subject: v.PathValue("zone"), Message: "is no name of a zone"}
	}
	return z, nil
}

func zonePath(z zone.Name) string { return zoneAt(z.Text()) }

// zoneAt is the page of a zone by its name as text, which may have a slash (RFC 2317).
func zoneAt(text string) string { return "/zones/" + url.PathEscape(text) }

func (v *Visit) draftKey(z zone.Name) draftKey { return draftKey{v.session.ID, z} }

// showZone loads the zone that the path names.
func (v *Visit) showZone() (control.Zone, error) {
	z, err := v.zoneName()
	if err != nil {
		return control.Zone{}, err
	}
	return v.server.Control.ShowZone(v.Context(), v.Principal(), z)
}

func (v *Visit) zoneHead(z control.Zone, at string) (zoneHead, error) {
	name := z.View.Zone
	h := zoneHead{
		Name: name.Text(), Path: zonePath(name), Owner: z.View.Owner, Home: homeName(z.View.Home), Serial: z.View.Serial,
		Modified: instantOf(z.Head.StoredAt), Position: z.Position, Conflicts: z.Conflicts, Unsaved: len(v.server.drafts.get(v.draftKey(name)).Sets),
	}
	var err error
	if h.Steps, err = v.steps(name, z.Position); err != nil {
		return h, err
	}
	conflicts := "Conflicts"
	if z.Conflicts > 0 {
		conflicts += " (" + strconv.Itoa(z.Conflicts) + ")"
	}
	for _, t := range []tab{{Title: "Records", Path: ""}, {Title: "History", Path: "/history"}, {Title: "Servers", Path: "/servers"}, {Title: conflicts, Path: "/conflicts"}} {
		h.Tabs = append(h.Tabs, tab{t.Title, h.Path + t.Path, t.Path == at})
	}
	return h, nil
}

// steps says how many servers serve a change, as the chip that leads to who they are.
func (v *Visit) steps(z zone.Name, at store.Position) (chip, error) {
	r, err := v.server.Control.Reached(v.Context(), v.Principal(), z, at)
	if control.CodeOf(err) == control.CodeUnavailable {
		return chip{idle, "not delivered"}, nil
	}
	return stepsChip(r), err
}

func stepsChip(r control.Reached) chip {
	c := chip{busy, strconv.Itoa(r.Served) + "/" + strconv.Itoa(r.Total) + " serve it"}
	for _, s := range r.Servers {
		if s.State == "refused" {
			c.Level = act
		}
	}
	if r.Done {
		c.Level = good
	}
	return c
}

func homeName(home string) string {
	for i := range home {
		if home[i] == ' ' {
			return home[:i]
		}
	}
	return home
}

// showTab answers with a page of the zone.
func (v *Visit) showTab(status int, h zoneHead, title string, content templ.Component) error {
	return v.show(status, page{Title: h.Name + ": " + title, Path: "/zones", Live: "/live" + h.Path}, zonePage(h, content))
}

// liveZone keeps the chip of the zone fresh.
func liveZone(v *Visit) error {
	name, err := v.zoneName()
	if err != nil {
		return err
	}
	return v.live(func() (templ.Component, error) {
		z, err := v.server.Control.ZoneHead(v.Context(), v.Principal(), name)
		if err != nil {
			return nil, err
		}
		c, err := v.steps(name, z.Position)
		if err != nil {
			return nil, err
		}
		st, err := v.server.Control.Status(v.Context(), v.Principal())
		if err != nil {
			return templ.Join(liveStepsPart(c)), nil // who may not see the cluster still sees the zone
		}
		return templ.Join(liveStepsPart(c), liveStatusPart(statusChip(st))), nil
	})
}
