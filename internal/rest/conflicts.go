package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) conflictRoutes(a huma.API) {
	handle(s, a, op("list-conflicts", http.MethodGet, "/conflicts", "conflicts", "List what is not served although nobody replaced it"), s.listConflicts)
	handle(s, a, op("show-conflict", http.MethodGet, "/conflicts/{id}", "conflicts", "Show both sides of a conflict"), s.showConflict)
	handle(s, a, op("choose-conflict", http.MethodPost, "/conflicts/{id}/choose", "conflicts", "Settle a conflict"), s.chooseConflict)
}

type listConflicts struct {
	Zone  string `query:"zone" doc:"only of this zone"`
	After string `query:"after" doc:"next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) listConflicts(ctx context.Context, p acl.Principal, in *listConflicts) (*body[api.ConflictList], error) {
	z, err := optionalZone(in.Zone)
	if err != nil {
		return nil, err
	}
	page, err := s.Control.Conflicts(ctx, p, control.ConflictQuery{Zone: z, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := api.ConflictList{Conflicts: make([]api.Conflict, 0, len(page.Conflicts)), Next: page.Next}
	for _, c := range page.Conflicts {
		out.Conflicts = append(out.Conflicts, conflictOf(c))
	}
	return answer(out), nil
}

// OneConflict names the conflict of a call.
type OneConflict struct {
	ID string `path:"id"`
}

func (s *Server) showConflict(ctx context.Context, p acl.Principal, in *OneConflict) (*body[api.Conflict], error) {
	c, err := s.Control.ShowConflict(ctx, p, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(conflictOf(c)), nil
}

type chooseConflict struct {
	OneConflict
	Waiting
	Body api.Choose
}

func (s *Server) chooseConflict(ctx context.Context, p acl.Principal, in *chooseConflict) (*written, error) {
	began := s.Now()
	r, err := s.Control.ChooseConflict(ctx, p, control.ChooseRequest{ID: in.ID, Choice: control.Choice(in.Body.Choice), Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	return s.arrive(ctx, p, in.Waiting, r.Zone, began, &written{Body: resultOf(r)})
}
