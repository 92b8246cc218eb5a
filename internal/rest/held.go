package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) heldRoutes(a huma.API) {
	handle(s, a, op("list-held", http.MethodGet, "/held", "changes", "List the changes that wait for a person's decision"), s.listHeld)
	handle(s, a, op("release-held", http.MethodPost, "/held/release", "changes", "Make held changes"), s.decideHeld(s.Control.ReleaseHeld))
	handle(s, a, op("drop-held", http.MethodPost, "/held/drop", "changes", "Forget held changes"), s.decideHeld(s.Control.DropHeld))
}

func (s *Server) listHeld(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.HeldList], error) {
	list, err := s.Control.Held(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.HeldList{Held: make([]api.HeldChange, 0, len(list))}
	for _, h := range list {
		out.Held = append(out.Held, api.HeldChange{
			ID: h.ID, Time: timeOf(h.Time), Zone: zoneText(h.Zone), Kind: h.Kind, Why: h.Why, Source: h.Source, Name: h.Name,
			Author: h.Author, Reason: h.Reason, Via: h.Via, Before: h.Before, After: h.After, State: string(h.State), Decider: h.Decider,
		})
	}
	return answer(out), nil
}

type decideHeld struct{ Body api.HeldSelection }

func (s *Server) decideHeld(
	f func(context.Context, acl.Principal, control.HeldSelection) ([]control.HeldDecision, error),
) func(context.Context, acl.Principal, *decideHeld) (*body[api.HeldDecisions], error) {
	return func(ctx context.Context, p acl.Principal, in *decideHeld) (*body[api.HeldDecisions], error) {
		b := in.Body
		list, err := f(ctx, p, control.HeldSelection{IDs: b.IDs, Source: b.Source, All: b.All, Reason: b.Reason})
		if err != nil {
			return nil, err
		}
		out := api.HeldDecisions{Results: make([]api.HeldDecision, 0, len(list))}
		for _, d := range list {
			r := api.HeldDecision{ID: d.Held.ID, Zone: zoneText(d.Held.Zone), Change: uint64(d.Result.Position)}
			if d.Err != nil {
				r.Problem = &s.problem(d.Err).Problem
			} else {
				out.Done++
			}
			out.Results = append(out.Results, r)
		}
		return answer(out), nil
	}
}
