package rest

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

type previewMember struct {
	OneMember
	Role string `query:"role" doc:"standalone, synchronize or write-only; absent: the role that it has"`
	Sync bool   `query:"sync" doc:"with a synchronization from the beginning, as the role says"`
}

func (s *Server) previewMember(ctx context.Context, p acl.Principal, in *previewMember) (*body[api.MemberPreview], error) {
	v, err := s.Control.PreviewMember(ctx, p, control.PreviewRequest{Host: in.Host, Role: cluster.Role(in.Role), Sync: in.Sync})
	if err != nil {
		return nil, err
	}
	return answer(api.MemberPreview{
		Member: memberOf(v.Member, v.Member.Health, v.Link), Role: string(v.Role), Zones: v.Zones,
		Starts: v.Starts, Does: append([]string{}, v.Does...), Stops: v.Stops, Notices: v.Notices, Overwrites: v.Overwrites,
		Compared: maybeTime(v.Compared), Differ: v.Differ, OnlyHere: v.OnlyHere, OnlyThere: v.OnlyThere, Stays: staysOf(v.Stays),
	}), nil
}

func staysOf(list []control.Stay) []api.Stay {
	out := []api.Stay{}
	for _, s := range list {
		out = append(out, api.Stay{Member: s.Member, Zones: s.Zones, Text: s.Text()})
	}
	return out
}
