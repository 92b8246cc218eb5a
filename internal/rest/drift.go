package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *Server) driftRoutes(a huma.API) {
	handle(s, a, op("show-drift", http.MethodGet, "/cluster/drift", "cluster", "What differs between this server and its members, as of the last comparison"), s.drift)
	handle(s, a, op("compare", http.MethodPost, "/cluster/drift", "cluster", "Compare with the members now"), s.compare)
	handle(s, a, op("repair", http.MethodPost, "/cluster/repair", "cluster", "Repair what differs, as each member's role says"), s.repair)
	handle(s, a, op("show-comparing", http.MethodGet, "/cluster/comparing", "cluster", "How often members are compared, and what happens with what differs"), s.showComparing)
	handle(s, a, op("set-comparing", http.MethodPut, "/cluster/comparing", "cluster", "Change how often members are compared, and what happens with what differs"), s.setComparing)
}

type drift struct {
	Member string `query:"member" doc:"absent: all"`
	Zone   string `query:"zone" doc:"absent: all"`
}

func (s *Server) drift(ctx context.Context, p acl.Principal, in *drift) (*body[api.DriftReport], error) {
	z, err := optionalZone(in.Zone)
	if err != nil {
		return nil, err
	}
	list, err := s.Control.Drift(ctx, p, control.DriftQuery{Member: in.Member, Zone: z})
	if err != nil {
		return nil, err
	}
	out := api.DriftReport{Members: []api.MemberDrift{}}
	for _, k := range list {
		out.Members = append(out.Members, driftOf(k))
	}
	return answer(out), nil
}

func (s *Server) compare(ctx context.Context, p acl.Principal, in *struct{ Body api.DriftRequest }) (*body[api.DriftReport], error) {
	out := api.DriftReport{Members: []api.MemberDrift{}}
	z, err := optionalZone(in.Body.Zone)
	if err != nil {
		return nil, err
	}
	list, err := s.Control.CompareAll(ctx, p, control.CompareRequest{Member: in.Body.Member, Served: in.Body.Served, Zone: z})
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		out.Members = append(out.Members, driftOf(k))
	}
	return answer(out), nil
}

func driftOf(k control.Comparison) api.MemberDrift {
	out := api.MemberDrift{
		Member: k.Member, Role: string(k.Role), Compared: maybeTime(k.At), Failed: k.Failed, Rounds: k.Rounds,
		MS: float64(k.Took.Microseconds()) / 1000, Differ: k.Drifted(), Moving: k.Moving, Served: k.Served, Healed: k.Healed, Zones: zoneDrifts(k.Zones),
		OnlyHere:  api.OneSided{Count: k.CountHere, Zones: zoneTexts(k.OnlyHere)},
		OnlyThere: api.OneSided{Count: k.CountThere, Zones: zoneTexts(k.OnlyThere)},
		Left:      api.LeftBehind{Count: k.CountLeft, Zones: zoneTexts(k.Left), More: k.LeftUnasked},
	}
	return out
}

func zoneDrifts(list []control.ZoneDrift) []api.ZoneDrift {
	out := []api.ZoneDrift{}
	for _, d := range list {
		z := api.ZoneDrift{Zone: d.Zone.Text(), Kind: string(d.Kind), Repair: repairOf(d.Drift), Note: d.Note, RRsets: []api.RecordDrift{}, Further: d.Further}
		if z.Note == "" {
			z.Note = d.Why
		}
		for _, r := range differencesOf(d.Records) {
			z.RRsets = append(z.RRsets, api.RecordDrift{Name: r.Name, Type: r.Type, Ours: r.Before, Theirs: r.After})
		}
		for _, w := range d.Ways {
			z.Ways = append(z.Ways, api.RepairWay(w))
		}
		out = append(out, z)
	}
	return out
}

func repairOf(d cluster.Drift) string {
	switch {
	case d.Send && d.Take:
		return "send and take"
	case d.Send && d.Overwrite:
		return "overwrite"
	case d.Send:
		return "send"
	case d.Take:
		return "take"
	}
	return "nothing"
}

func zoneTexts(zones []zone.Name) []string {
	out := []string{}
	for _, z := range zones {
		out = append(out, z.Text())
	}
	return out
}

func (s *Server) repair(ctx context.Context, p acl.Principal, in *struct{ Body api.RepairRequest }) (*body[api.RepairReport], error) {
	z, err := optionalZone(in.Body.Zone)
	if err != nil {
		return nil, err
	}
	list, err := s.Control.RepairDrift(ctx, p, control.RepairRequest{Member: in.Body.Member, Zone: z, DryRun: in.Body.DryRun, Shown: in.Body.Shown})
	if err != nil {
		return nil, err
	}
	out := api.RepairReport{DryRun: in.Body.DryRun, Members: []api.MemberRepair{}}
	if in.Body.DryRun {
		out.Statement = control.Statement(list)
	}
	for _, r := range list {
		out.Members = append(out.Members, api.MemberRepair{
			Member: r.Member, Send: zoneTexts(r.Send), Overwrite: zoneTexts(r.Overwrite), Take: zoneTexts(r.Take), Leave: zoneDrifts(r.Leave), Differ: r.Comparison.Drifted(),
		})
	}
	return answer(out), nil
}

func (s *Server) showComparing(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.Comparing], error) {
	k, err := s.Control.Comparisons(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.Comparing{Every: int(k.Every / time.Second), Off: k.Off, Policy: string(k.Policy), Policies: map[string]string{}}
	for owner, policy := range k.Policies {
		out.Policies[owner] = string(policy)
	}
	return answer(out), nil
}

func (s *Server) setComparing(ctx context.Context, p acl.Principal, in *struct{ Body api.Comparing }) (*body[api.Comparing], error) {
	b := in.Body
	k := control.Comparisons{Every: time.Duration(b.Every) * time.Second, Off: b.Off, Policy: cluster.DriftPolicy(b.Policy), Policies: map[string]cluster.DriftPolicy{}}
	for owner, policy := range b.Policies {
		k.Policies[owner] = cluster.DriftPolicy(policy)
	}
	if err := s.Control.SetComparisons(ctx, p, k); err != nil {
		return nil, err
	}
	return s.showComparing(ctx, p, nil)
}
