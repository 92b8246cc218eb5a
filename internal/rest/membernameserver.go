package rest

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) memberNameserver(ctx context.Context, p acl.Principal, in *OneMember) (*body[api.MemberNameserver], error) {
	v, err := s.Control.MemberNameserver(ctx, p, in.Host)
	if err != nil {
		return nil, err
	}
	return answer(api.MemberNameserver{
		Member: memberOf(v.Member, v.Member.Health, control.LinkStatus{}), Signed: v.Zones.Signed, Zones: append([]string{}, v.Zones.Some...),
		Where: v.Where, Steps: append([]string{}, v.Steps...),
	}), nil
}
