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
	"github.com/zonefleet/zonefleet/internal/store"
)

func (s *Server) clusterRoutes(a huma.API) {
	handle(s, a, op("cluster-status", http.MethodGet, "/cluster", "cluster", "The state of the cluster as this server sees it"), s.status)
	handle(s, a, op("show-way-in", http.MethodGet, "/cluster/way-in", "cluster", "The steps into a cluster, and which of them are done"), s.wayIn)
	handle(s, a, op("enable-clustering", http.MethodPost, "/cluster/enable", "cluster", "Switch clustering on at this server"), s.clustering(s.Control.EnableClustering))
	handle(s, a, op("disable-clustering", http.MethodPost, "/cluster/disable", "cluster", "Switch clustering off at this server"), s.clustering(s.Control.DisableClustering))
	handle(s, a, op("leave-cluster", http.MethodPost, "/cluster/leave", "cluster", "Deliver what waits and leave every member's table"), s.leave)
	handle(s, a, op("show-threshold", http.MethodGet, "/cluster/threshold", "cluster", "When a failing member is disabled"), s.showThreshold)
	handle(s, a, op("set-threshold", http.MethodPut, "/cluster/threshold", "cluster", "Change when a failing member is disabled"), s.setThreshold)
	handle(s, a, op("wait", http.MethodGet, "/wait", "cluster", "Wait until a change is served"), s.wait)
}

func (s *Server) status(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.Cluster], error) {
	st, err := s.Control.Status(ctx, p)
	if err != nil {
		return nil, err
	}
	overall := map[int]string{0: "in-step", 1: "catching-up"}[st.Exit]
	if overall == "" {
		overall = "act"
	}
	doc := api.Cluster{
		Server: st.Self.Name, Clustering: st.Clustering, Overall: overall, Code: st.Exit, Sentence: st.Sentence,
		Zones: st.Zones, Deleted: st.Deleted, Conflicts: st.Conflicts, Foreign: st.Foreign, Held: st.Held, Members: membersOf(st.Members),
	}
	doc.DNSSEC = api.DNSSEC{Warning: st.DNSSEC.Warning(), Signed: st.DNSSEC.Signed, Zones: append([]string{}, st.DNSSEC.Some...), Cannot: append([]string{}, st.DNSSEC.Cannot...)}
	if st.Backups.On {
		b := backupsOf(st.Backups)
		doc.Backup = &b
	}
	for _, m := range doc.Members {
		doc.Waiting = max(doc.Waiting, m.Waiting)
	}
	return answer(doc), nil
}

func (s *Server) wayIn(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.WayIn], error) {
	steps, err := s.Control.WayIn(ctx, p)
	if err != nil {
		return nil, err
	}
	doc := api.WayIn{Steps: []api.Step{}}
	for _, st := range steps {
		doc.Steps = append(doc.Steps, api.Step{Name: string(st.Name), Done: st.Done, State: st.State, Command: st.Command, About: st.About})
	}
	return answer(doc), nil
}

func (s *Server) clustering(f func(context.Context, acl.Principal) error) func(context.Context, acl.Principal, *struct{}) (*body[api.Cluster], error) {
	return func(ctx context.Context, p acl.Principal, in *struct{}) (*body[api.Cluster], error) {
		if err := f(ctx, p); err != nil {
			return nil, err
		}
		return s.status(ctx, p, in)
	}
}

type leave struct {
	Timeout string `query:"timeout" doc:"how long to deliver what waits, as 30s or 2m; default 1m, at most 10m"`
}

func (s *Server) leave(ctx context.Context, p acl.Principal, in *leave) (*body[api.LeaveResult], error) {
	limit := time.Minute
	if in.Timeout != "" {
		var err error
		if limit, err = time.ParseDuration(in.Timeout); err != nil || limit <= 0 || limit > 10*time.Minute {
			return nil, invalid("timeout", "%q is not a duration of at most 10m", in.Timeout)
		}
	}
	r, err := s.Control.LeaveCluster(ctx, p, limit)
	if err != nil {
		return nil, err
	}
	out := api.LeaveResult{Delivered: r.Delivered, Removed: append([]string{}, r.Removed...), Unreached: []api.Reminder{}}
	for _, u := range r.Unreached {
		out.Unreached = append(out.Unreached, api.Reminder{Name: u.Name, Reason: u.Reason, Command: u.Command})
	}
	return answer(out), nil
}

func (s *Server) showThreshold(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.Threshold], error) {
	if err := may(p, acl.ReadStatus); err != nil {
		return nil, err
	}
	t := s.Control.Threshold()
	reenable := t.Reenable
	if reenable == "" {
		reenable = cluster.ReenableAuto
	}
	return answer(api.Threshold{Count: t.Limit(), KeepOnline: t.KeepOnline, Notify: !t.Quiet, Reenable: string(reenable)}), nil
}

func (s *Server) setThreshold(ctx context.Context, p acl.Principal, in *struct{ Body api.Threshold }) (*body[api.Threshold], error) {
	b := in.Body
	err := s.Control.SetThreshold(ctx, p, cluster.Threshold{
		Count: b.Count, KeepOnline: b.KeepOnline, Quiet: !b.Notify, Reenable: cluster.Reenable(b.Reenable),
	})
	if err != nil {
		return nil, err
	}
	return s.showThreshold(ctx, p, nil)
}

type wait struct {
	Waiting
	Zone   string `query:"zone" doc:"absent: every zone"`
	Change uint64 `query:"change" doc:"number of a change; absent: everything up to now"`
}

type waited struct {
	Status int
	Body   api.Reach
}

func (s *Server) wait(ctx context.Context, p acl.Principal, in *wait) (*waited, error) {
	began := s.Now()
	z, err := optionalZone(in.Zone)
	if err != nil {
		return nil, err
	}
	if in.Wait == "" {
		in.Wait = "all"
	}
	n, timeout, _, err := in.servers()
	if err != nil {
		return nil, err
	}
	r, err := s.await(ctx, p, began, control.WaitRequest{Zone: z, Position: store.Position(in.Change), Servers: n, Timeout: timeout})
	if err != nil {
		return nil, err
	}
	out := &waited{http.StatusOK, r}
	if !out.Body.Complete {
		out.Status = http.StatusAccepted
	}
	return out, nil
}
