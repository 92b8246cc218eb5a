package rest

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

type listTrash struct {
	Query string `query:"q" doc:"part of the name"`
	After string `query:"after" doc:"next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Owner string `query:"owner" doc:"only zones of this account"`
}

func (s *Server) listTrash(ctx context.Context, p acl.Principal, in *listTrash) (*body[api.TrashList], error) {
	page, err := s.Control.Trash(ctx, p, control.ListRequest{Search: in.Query, After: in.After, Limit: in.Limit, Owner: in.Owner})
	if err != nil {
		return nil, err
	}
	out := api.TrashList{Zones: make([]api.Trashed, 0, len(page.Zones)), Next: page.Next, Total: page.Total}
	for _, t := range page.Zones {
		doc := api.Trashed{Name: zoneText(t.Zone), Owner: t.Owner, Deleted: timeOf(t.Deleted), By: t.By, Records: t.Records, Edited: t.Edited}
		if t.Records > 0 {
			doc.Until = maybeTime(t.Until)
		}
		out.Zones = append(out.Zones, doc)
	}
	return answer(out), nil
}
