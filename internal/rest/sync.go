package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *Server) syncRoutes(a huma.API) {
	handle(s, a, op("synchronize", http.MethodPost, "/sync", "cluster", "Synchronize DNS records: bring newest copies here, or everywhere"), s.synchronize)
	handle(s, a, op("list-syncs", http.MethodGet, "/sync", "cluster", "List the synchronizations since this server started"), s.listSyncs)
	handle(s, a, op("show-sync", http.MethodGet, "/sync/{id}", "cluster", "Say how far a synchronization is"), s.showSync)
}

const (
	syncHere       = "here"
	syncEverywhere = "everywhere"
)

func (s *Server) synchronize(ctx context.Context, p acl.Principal, in *struct{ Body api.Sync }) (*body[api.SyncJob], error) {
	z, err := optionalZone(in.Body.Zone)
	if err != nil {
		return nil, err
	}
	r := control.SyncRequest{Zone: z, Everywhere: in.Body.To == syncEverywhere, Others: in.Body.Others}
	if in.Body.DryRun {
		plans, err := s.Control.PreviewSync(ctx, p, r)
		if err != nil {
			return nil, err
		}
		return answer(syncOf(control.SyncJob{Request: r, State: "preview", Members: plans})), nil
	}
	j, err := s.Control.StartSync(ctx, p, r)
	if err != nil {
		return nil, err
	}
	return answer(syncOf(j)), nil
}

func (s *Server) listSyncs(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.SyncJobs], error) {
	list, err := s.Control.SyncJobs(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.SyncJobs{Syncs: []api.SyncJob{}}
	for _, j := range list {
		out.Syncs = append(out.Syncs, syncOf(j))
	}
	return answer(out), nil
}

func (s *Server) showSync(ctx context.Context, p acl.Principal, in *struct {
	ID string `path:"id"`
},
) (*body[api.SyncJob], error) {
	j, err := s.Control.SyncJob(ctx, p, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(syncOf(j)), nil
}

func syncOf(j control.SyncJob) api.SyncJob {
	out := api.SyncJob{
		ID: j.ID, Zone: zoneText(j.Request.Zone), To: syncHere, Others: j.Request.Others, State: string(j.State),
		Started: maybeTime(j.Started), Ended: maybeTime(j.Ended), Members: []api.MemberSync{},
	}
	if j.Request.Everywhere {
		out.To = syncEverywhere
	}
	for _, m := range j.Members {
		out.Members = append(out.Members, api.MemberSync{
			Member: m.Member, Role: string(m.Role), Failed: m.Failed, Come: syncList(m.Come), Go: syncList(m.Go), Clash: syncList(m.Clash),
			Overwrite: syncList(m.Overwrite), Left: m.Left, More: m.More, Done: m.Done, Refused: m.Refused, Differ: m.Differ, Ended: m.Ended,
		})
	}
	return out
}

// namedOfSync is how many zones of a kind are named; the count is of all.
const namedOfSync = 100

func syncList(zones []zone.Name) api.SyncList {
	return api.SyncList{Count: len(zones), Zones: zoneTexts(zones[:min(len(zones), namedOfSync)])}
}
