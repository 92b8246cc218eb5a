package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// trash is what the list of deleted zones asks for.
type trash interface {
	Trash(ctx context.Context, p acl.Principal, r control.ListRequest) (control.TrashPage, error)
}

type trashRow struct {
	Name, Owner, By string
	Deleted, Until  instant
	Records         int
	Edited          int
}

func listTrash(v *Visit) error {
	l := list{
		ID: "trash", Path: "/zones/trash", Noun: "deleted zones", Hint: "Part of a name", Search: strings.TrimSpace(v.FormValue("q")), After: v.FormValue("after"),
		Columns: []string{"Zone", "Owner", "Deleted", "By", "Records", "Can be restored until", "Edited elsewhere"}, EmptyText: "No deleted zone.",
	}
	found, err := v.server.Control.Trash(v.Context(), v.Principal(), control.ListRequest{Search: l.Search, After: l.After, Limit: zonesPerPage})
	if err != nil {
		return err
	}
	l.Total, l.Next, l.Shown = found.Total, found.Next, len(found.Zones)
	var rows []trashRow
	for _, t := range found.Zones {
		row := trashRow{t.Zone.Text(), t.Owner, t.By, instantOf(t.Deleted), instant{}, t.Records, t.Edited}
		if t.Records > 0 {
			row.Until = instantOf(t.Until)
		}
		rows = append(rows, row)
	}
	if v.isPart(l.ID) {
		return v.part(trashPart(l, rows))
	}
	return v.show(http.StatusOK, page{Title: "Deleted zones", Path: "/zones"}, trashPage(l, rows))
}
