package rest

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) listBackends(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.BackendList], error) {
	list, err := s.Control.Backends(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.BackendList{Backends: []api.Backend{}}
	for _, b := range list {
		doc := api.Backend{Name: b.Name, Title: b.Title, Available: b.Available, Needs: b.Needs}
		for _, f := range b.Fields {
			field := api.BackendField{Name: f.Name, Label: f.Label, Hint: f.Hint, Type: string(f.Type), Default: f.Default, Required: f.Required}
			for _, c := range f.Choices {
				field.Choices = append(field.Choices, api.BackendChoice(c))
			}
			doc.Fields = append(doc.Fields, field)
		}
		out.Backends = append(out.Backends, doc)
	}
	return answer(out), nil
}

func (s *Server) previewNewMember(ctx context.Context, p acl.Principal, in *struct{ Body api.NewMember }) (*body[api.NewMemberPreview], error) {
	r, err := newMember(in.Body)
	if err != nil {
		return nil, err
	}
	v, err := s.Control.PreviewNewMember(ctx, p, r)
	if err != nil {
		return nil, err
	}
	out := api.NewMemberPreview{
		Member: memberOf(v.Member, v.Member.Health, control.LinkStatus{}), Profile: string(v.Remote), OwnProfile: string(v.Own),
		Suggested: api.Suggestion{Role: string(v.Suggested.Role), ReverseTrust: v.Suggested.ReverseTrust, Why: v.Suggested.Why},
		Zones:     v.Zones, Unknown: v.Unknown, Moves: v.Moves, Does: v.Does, Notices: v.Notices, Advice: v.Advice, Overwrites: v.Overwrites,
	}
	out.Member.ReverseTrust = v.Member.ReverseTrust
	if o := v.Overlap; o != nil {
		out.Overlap = &api.Overlap{
			Here: o.Here, There: o.There, Same: o.Same, OnlyHere: o.OnlyHere, OnlyThere: o.OnlyThere, NewerHere: o.NewerHere, NewerThere: o.NewerThere,
			Apart: o.Apart, GoneHere: o.GoneHere, GoneThere: o.GoneThere, Newer: zoneTexts(o.Newer), Both: zoneTexts(o.Both), More: o.More,
		}
	}
	return answer(out), nil
}
