package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) reviewRoutes(a huma.API) {
	o := op("review-edit", http.MethodPost, "/zones/{zone}/review", "zones", "What an edit would do, what others did meanwhile, and what stands in its way; nothing is changed")
	o.MaxBodyBytes = maxRestore
	handle(s, a, o, s.reviewEdit)
}

type reviewEdit struct {
	OneZone
	IfMatch string `header:"If-Match" doc:"ETag that the edit was made against; absent: what is there now"`
	Body    api.ReviewRequest
}

func (s *Server) reviewEdit(ctx context.Context, p acl.Principal, in *reviewEdit) (*body[api.Review], error) {
	z, err := zoneName(in.Zone)
	if err != nil {
		return nil, err
	}
	if (in.Body.Text == "") == (len(in.Body.Operations) == 0) {
		return nil, invalid("operations", "give either operations or text")
	}
	against, err := ifMatch(in.IfMatch, s.version(ctx, p, in.Zone))
	if err != nil {
		return nil, err
	}
	ops, err := operations(z, in.Body.Operations)
	if err != nil {
		return nil, err
	}
	r, err := s.Control.ReviewEdit(ctx, p, control.EditRequest{Zone: z, IfMatch: against, Ops: ops, Text: in.Body.Text})
	if err != nil {
		return nil, err
	}
	return answer(reviewOf(r)), nil
}

func reviewOf(r control.Review) api.Review {
	out := api.Review{
		Zone: zoneText(r.Zone), Saveable: r.Saveable(), Against: r.Against, ETag: r.ETag, Serial: r.Serial, Next: r.Next,
		RRsets: differencesOf(r.Differences), Meanwhile: differencesOf(r.Meanwhile), Findings: findingsOf(r.Zone, r.Findings),
		Changes: []api.Change{}, Clashes: []api.Clash{},
	}
	for _, c := range r.Changes {
		out.Changes = append(out.Changes, changeOf(c))
	}
	for _, c := range r.Clashes {
		out.Clashes = append(out.Clashes, api.Clash{
			Name: c.Owner.String(), Type: c.Type.String(), Base: oneSet(c.Base), Yours: oneSet(c.Yours), Theirs: oneSet(c.Other),
			Author: c.Author, Time: timeOf(c.Time),
		})
	}
	return out
}
