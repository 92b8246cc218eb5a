package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

// zones is what the list of zones asks for.
type zones interface {
	ListZones(ctx context.Context, p acl.Principal, r control.ListRequest) (control.ZonePage, error)
	HomeChoices(ctx context.Context) ([]control.HomeChoice, error)
}

type zoneRow struct {
	Name, Path  string
	Owner, Home string
	Serial      uint32
	Modified    instant
	Steps       *chip // nil: nobody knows
	State       chip
}

// zoneList is the list with what it is narrowed to, and what can be done with the zones that are chosen in it.
type zoneList struct {
	list
	Owner, Home string
	State       control.ZoneFilter
	Homes       []control.HomeChoice
	Rows        []zoneRow
}

// zonesPerPage fits a screen or two.
const zonesPerPage = 50

func listZones(v *Visit) error {
	l, err := v.zoneList()
	if err != nil {
		return err
	}
	if v.isPart(l.ID) {
		v.w.Header().Set("HX-Push-Url", l.at(l.After)) // without the fields that say nothing
		return v.part(zonesPart(l))
	}
	return v.show(http.StatusOK, page{Title: "Zones", Path: "/zones"}, zonesPage(l))
}

func (v *Visit) zoneList() (zoneList, error) {
	l := zoneList{
		list: list{
			ID: "zones", Path: "/zones", Noun: "zones", Hint: "Part of a name", Search: strings.TrimSpace(v.FormValue("q")), After: v.FormValue("after"),
			Columns: []string{"Zone", "Owner", "Home", "Serial", "Modified", "Servers", "State"}, EmptyText: "No zone here yet.",
		},
		Owner: strings.TrimSpace(v.FormValue("owner")), Home: v.FormValue("home"), State: control.ZoneFilter(v.FormValue("state")),
	}
	l.Filters = url.Values{}
	for name, value := range map[string]string{"owner": l.Owner, "home": l.Home, "state": string(l.State)} {
		if value != "" {
			l.Filters.Set(name, value)
		}
	}
	if l.Search != "" || len(l.Filters) > 0 {
		l.EmptyText = "No zone is like that."
	}
	found, err := v.server.Control.ListZones(v.Context(), v.Principal(), control.ListRequest{
		Search: l.Search, After: l.After, Limit: zonesPerPage, Owner: l.Owner, Home: l.Home, State: l.State, Steps: true,
	})
	if err != nil {
		return l, err
	}
	l.Total, l.More, l.Next, l.Shown = found.Total, found.More, found.Next, len(found.Zones)
	for i, z := range found.Zones {
		row := zoneRow{z.Zone.Text(), zonePath(z.Zone), z.Owner, nameOfHome(z.Home), z.Serial, instantOf(z.StoredAt), nil, chip{good, "Served"}}
		if i < len(found.Steps) {
			row.steps(found.Steps[i])
		}
		row.state(z, found.Held[z.Zone])
		l.Rows = append(l.Rows, row)
	}
	l.Foot = zonesChoice(l.match())
	l.Homes, err = v.server.Control.HomeChoices(v.Context())
	if l.Home != "" && !slices.ContainsFunc(l.Homes, func(h control.HomeChoice) bool { return h.Name == l.Home }) {
		l.Homes = append(l.Homes, control.HomeChoice{Name: l.Home})
	}
	return l, err
}

// match is what the list is narrowed to, as an act on all that match takes it.
func (l zoneList) match() control.ZoneMatch {
	m := control.ZoneMatch{Search: l.Search, Owner: l.Owner, Home: l.Home, State: l.State}
	if !l.More {
		m.Listed = l.Total
	}
	return m
}

// matchLabel names all zones of a list, those on its other pages too.
func matchLabel(m control.ZoneMatch) string {
	if m.Listed == 1 {
		return "the one zone of this list"
	}
	zones := "all zones, "
	if m.Listed > 0 {
		zones = "all " + number(m.Listed) + " zones, "
	}
	if m.Words() == (control.ZoneMatch{}).Words() {
		return zones + "on every page"
	}
	return zones[:len(zones)-2] + " " + m.Words() + ", on every page"
}

// nameOfHome is the name in a home, without the fingerprint of the server's key.
func nameOfHome(home string) string {
	name, _, _ := strings.Cut(home, " ")
	return name
}

// steps is how many servers have it: "5/5".
func (r *zoneRow) steps(s control.Steps) {
	c := chip{good, strconv.Itoa(s.Served) + "/" + strconv.Itoa(s.Total)}
	if s.Served < s.Total {
		c.Level, r.State = busy, chip{busy, "On its way"}
	}
	r.Steps = &c
}

func (r *zoneRow) state(h store.Head, held bool) {
	switch {
	case h.Conflicts > 0:
		r.State = chip{act, count(h.Conflicts, "conflict", "conflicts")}
	case held:
		r.State = chip{act, "Held"}
	}
}

// stateChoices are what the list can be narrowed to.
func stateChoices() []choice {
	return []choice{
		{Value: "", Label: "in any state"},
		{Value: string(control.ZonesBehind), Label: "not on all servers"},
		{Value: string(control.ZonesConflict), Label: "with conflicts"},
		{Value: string(control.ZonesHeld), Label: "with held changes"},
	}
}
