package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// zones is what the list of zones asks for.
type zones interface {
	ListZones(ctx context.Context, p acl.Principal, r control.ListRequest) (control.ZonePage, error)
}

type zoneRow struct {
	Name, Owner, Home string
	Serial            uint32
	Modified          instant
}

// zonesPerPage fits a screen or two.
const zonesPerPage = 50

func listZones(v *Visit) error {
	l := list{
		ID: "zones", Path: "/zones", Noun: "zones", Hint: "Part of a name", Search: strings.TrimSpace(v.FormValue("q")), After: v.FormValue("after"),
		Columns: []string{"Zone", "Owner", "Home", "Serial", "Modified"}, EmptyText: "No zone here yet.",
	}
	found, err := v.server.Control.ListZones(v.Context(), v.Principal(), control.ListRequest{Search: l.Search, After: l.After, Limit: zonesPerPage})
	if err != nil {
		return err
	}
	l.Total, l.Next, l.Shown = found.Total, found.Next, len(found.Zones)
	if l.Search != "" {
		l.EmptyText = "No zone has that in its name."
	}
	rows := make([]zoneRow, 0, len(found.Zones))
	for _, z := range found.Zones {
		home, _, _ := strings.Cut(z.Home, " ")
		rows = append(rows, zoneRow{z.Zone.Text(), z.Owner, home, z.Serial, instantOf(z.StoredAt)})
	}
	if v.isPart(l.ID) {
		return v.part(zonesPart(l, rows))
	}
	return v.show(http.StatusOK, page{Title: "Zones", Path: "/zones"}, zonesPage(l, rows))
}
