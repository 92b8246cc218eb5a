package rest

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

func (s *Server) accessRoutes(a huma.API) {
	handle(s, a, op("list-events", http.MethodGet, "/events", "server", "List what happened at this server"), s.listEvents)
	handle(s, a, op("cluster-log", http.MethodGet, "/log/cluster", "server", "List the newest transactions of members in debug mode"), s.clusterLog)
	handle(s, a, op("show-settings", http.MethodGet, "/settings", "server", "Show the settings"), s.showSettings)
	handle(s, a, op("set-settings", http.MethodPut, "/settings", "server", "Replace the settings"), s.setSettings)
	handle(s, a, op("version", http.MethodGet, "/version", "server", "What this server is"), s.showVersion)
}

// may authorises what is no use case of control's own.
func may(p acl.Principal, v acl.Verb) error {
	if err := acl.Allow(p, v, acl.Object{}); err != nil {
		return &control.Error{Code: control.CodeDenied, Message: err.Error(), Err: err}
	}
	return nil
}

type listEvents struct {
	After  uint64 `query:"after" doc:"number of the last event that is known"`
	Newest bool   `query:"newest" doc:"the newest events instead of the next after that one; they too come oldest first"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Before uint64 `query:"before" doc:"number of an event: the newest ones before it; implies newest"`
	Member string `query:"member" doc:"part of a member's name; implies newest"`
	Zone   string `query:"zone" doc:"implies newest"`
	Level  string `query:"level" enum:"info,warning,alarm" doc:"that severity and worse; implies newest"`
}

// chosen are the newest events that the query chooses, oldest first.
func (s *Server) chosenEvents(ctx context.Context, p acl.Principal, in *listEvents) ([]store.Event, error) {
	z, err := optionalZone(in.Zone)
	if err != nil {
		return nil, err
	}
	list, err := s.Control.FindEvents(ctx, p, control.EventFilter{Member: in.Member, Zone: z, Level: in.Level, Before: in.Before, Limit: in.Limit})
	slices.Reverse(list)
	return list, err
}

type clusterLog struct {
	Member string `query:"member" doc:"part of a member's name"`
	Zone   string `query:"zone"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) clusterLog(ctx context.Context, p acl.Principal, in *clusterLog) (*body[api.ClusterLog], error) {
	list, err := s.Control.ClusterLog(ctx, p, in.Member, in.Zone, in.Limit)
	if err != nil {
		return nil, err
	}
	out := api.ClusterLog{Transactions: make([]api.Transaction, 0, len(list))}
	for _, t := range list {
		out.Transactions = append(out.Transactions, api.Transaction(t))
	}
	return answer(out), nil
}

func (s *Server) listEvents(ctx context.Context, p acl.Principal, in *listEvents) (*body[api.EventList], error) {
	var list []store.Event
	var err error
	switch {
	case in.Before > 0 || in.Member != "" || in.Zone != "" || in.Level != "":
		list, err = s.chosenEvents(ctx, p, in)
	case in.Newest:
		list, err = s.Control.LastEvents(ctx, p, in.Limit)
	default:
		list, err = s.Control.Events(ctx, p, in.After, in.Limit)
	}
	if err != nil {
		return nil, err
	}
	out := api.EventList{Events: make([]api.Event, 0, len(list)), Next: in.After}
	for _, e := range list {
		out.Events = append(out.Events, api.Event{
			ID: e.ID, Time: timeOf(e.Time), Kind: e.Kind, Severity: e.Severity, Zone: zoneText(e.Zone), Member: e.Member,
			Author: e.Author, Text: e.Text, Fields: e.Fields,
		})
		out.Next = e.ID
	}
	return answer(out), nil
}

func (s *Server) showSettings(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.Settings], error) {
	set, err := s.Control.Settings(ctx, p)
	if err != nil {
		return nil, err
	}
	out := api.Settings{Nameservers: []string{}, Contact: zoneText(set.Contact), AllowTransfer: []string{}}
	for _, n := range set.Nameservers {
		out.Nameservers = append(out.Nameservers, n.Text())
	}
	for _, n := range set.AllowTransfer {
		out.AllowTransfer = append(out.AllowTransfer, n.String())
	}
	out.Brake, out.Retention = brakeOf(*set.Brake), retentionOf(*set.Retention)
	out.NewZones, out.Doors = newZonesOf(*set.NewZones), doorsOf(set.Doors)
	return answer(out), nil
}

func (s *Server) setSettings(ctx context.Context, p acl.Principal, in *struct{ Body api.Settings }) (*body[api.Settings], error) {
	servers, err := zoneNames("nameserver", in.Body.Nameservers)
	if err != nil {
		return nil, err
	}
	contact, err := optionalZone(in.Body.Contact)
	if err != nil {
		return nil, err
	}
	transfer, err := prefixes(in.Body.AllowTransfer)
	if err != nil {
		return nil, err
	}
	set := control.Settings{Nameservers: servers, Contact: contact, AllowTransfer: transfer, Retention: toRetention(in.Body.Retention)}
	if set.Brake, err = toBrake(in.Body.Brake); err != nil {
		return nil, err
	}
	if set.NewZones, err = toNewZones(in.Body.NewZones); err != nil {
		return nil, err
	}
	if err := s.sameDoors(ctx, p, in.Body.Doors); err != nil {
		return nil, err
	}
	if err := s.Control.SetSettings(ctx, p, set); err != nil {
		return nil, err
	}
	return s.showSettings(ctx, p, nil)
}

func (s *Server) showVersion(_ context.Context, p acl.Principal, _ *struct{}) (*body[api.Version], error) {
	if err := may(p, acl.ReadServer); err != nil {
		return nil, err
	}
	self := s.Control.Self
	return answer(api.Version{Name: self.Name, Version: self.Version, Software: self.Software, Fingerprint: self.Fingerprint}), nil
}
