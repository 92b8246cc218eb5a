package rest

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
)

func (s *Server) changeSetRoutes(a huma.API) {
	handle(s, a, op("list-changesets", http.MethodGet, "/changesets", "changesets", "List acts on many zones, newest first"), s.listSets)
	handle(s, a, op("show-changeset", http.MethodGet, "/changesets/{id}", "changesets", "Show how far an act on many zones is"), s.showSet)
	handle(s, a, op("list-changeset-zones", http.MethodGet, "/changesets/{id}/zones", "changesets", "List the zones of one, a hundred a page"), s.listSetZones)
	handle(s, a, op("do-changeset", http.MethodPost, "/changesets/{id}/do", "changesets", "Have one done that waits"), s.doSet)
	handle(s, a, op("stop-changeset", http.MethodPost, "/changesets/{id}/stop", "changesets", "Stop one; what it did stays"), s.stopSet)
	handle(s, a, op("resume-changeset", http.MethodPost, "/changesets/{id}/resume", "changesets", "Have a stopped one go on, with the rights of who asks"), s.resumeSet)
	handle(s, a, op("undo-changeset", http.MethodPost, "/changesets/{id}/undo", "changesets", "Undo all that one changed, as a change set"), s.undoSet)
	handle(s, a, op("begin-changeset", http.MethodPost, "/changesets", "changesets", "Delete zones, or restore deleted ones, as one change set"), s.beginSet)
	handle(s, a, op("set-ttl", http.MethodPost, "/zones/ttl", "zones", "Give all records of zones a TTL, as one change set"), s.setTTL)
	handle(s, a, op("replace-value", http.MethodPost, "/zones/replace", "zones", "Replace an address or a host name in all zones, as one change set"), s.replaceValue)
	handle(s, a, op("move-home", http.MethodPost, "/zones/home", "zones", "Make another server the home of zones, as one change set"), s.moveHome)
}

// OneSet names the change set of a call.
type OneSet struct {
	ID uint64 `path:"id"`
}

type changeSet struct {
	Status int
	Body   api.ChangeSet
}

func changeSetOf(c control.ChangeSet) api.ChangeSet {
	a := api.ChangeSet{
		ID: c.ID, Kind: string(c.Kind), State: string(c.State), Does: c.Words(), Author: c.Author, Reason: c.Reason,
		Begun: timeOf(c.Begun), Confirmed: timeOf(c.Confirmed), Ended: timeOf(c.Ended), Zones: c.Zones, Records: c.Records, Seen: c.Seen,
		Done: c.Done, Changed: c.Changed, Same: c.Same, Held: c.Held, Skipped: c.Skipped, Failed: c.Failed, Edited: c.Edited,
		Undoes: c.Undoes, UndoneBy: c.UndoneBy, Why: c.Why, Resumable: c.Resumable(),
	}
	for _, n := range c.Notes {
		a.Notes = append(a.Notes, api.SetNote{Zone: n.Zone, Text: n.Text})
	}
	return a
}

// answerSet is 202 as long as something is still to happen.
func answerSet(c control.ChangeSet, err error) (*changeSet, error) {
	if err != nil {
		return nil, err
	}
	out := &changeSet{Status: http.StatusOK, Body: changeSetOf(c)}
	if !c.State.Over() {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

// begin makes a change set of the zones that a document names, or of all that match.
func (s *Server) begin(ctx context.Context, p acl.Principal, kind control.SetKind, doc api.NewChangeSet, params control.SetParams) (*changeSet, error) {
	names, err := zoneNames("zone", doc.Zones)
	if err != nil {
		return nil, err
	}
	if m := doc.Match; m != nil {
		params.Match = &control.ZoneMatch{Search: m.Search, Owner: m.Owner, Home: m.Home, State: control.ZoneFilter(m.State), Listed: m.Listed}
	}
	return answerSet(s.Control.BeginChangeSet(ctx, p, control.SetRequest{
		Kind: kind, Zones: names, SetParams: params, Reason: doc.Reason, Go: doc.Go, Confirm: doc.Confirm,
	}))
}

type beginSet struct{ Body api.DeleteOrRestore }

func (s *Server) beginSet(ctx context.Context, p acl.Principal, in *beginSet) (*changeSet, error) {
	return s.begin(ctx, p, control.SetKind(in.Body.Kind), in.Body.NewChangeSet, control.SetParams{})
}

type setTTL struct{ Body api.SetTTL }

func (s *Server) setTTL(ctx context.Context, p acl.Principal, in *setTTL) (*changeSet, error) {
	return s.begin(ctx, p, control.SetTTL, in.Body.NewChangeSet, control.SetParams{TTL: in.Body.TTL})
}

type replaceValue struct{ Body api.ReplaceValue }

func (s *Server) replaceValue(ctx context.Context, p acl.Principal, in *replaceValue) (*changeSet, error) {
	doc := api.NewChangeSet{Go: in.Body.Go, Confirm: in.Body.Confirm, Reason: in.Body.Reason}
	return s.begin(ctx, p, control.SetReplace, doc, control.SetParams{From: in.Body.From, To: in.Body.To})
}

type moveHome struct{ Body api.MoveHome }

func (s *Server) moveHome(ctx context.Context, p acl.Principal, in *moveHome) (*changeSet, error) {
	return s.begin(ctx, p, control.SetHome, in.Body.NewChangeSet, control.SetParams{Home: in.Body.Home})
}

func (s *Server) listSets(ctx context.Context, p acl.Principal, _ *struct{}) (*body[api.ChangeSetList], error) {
	all, err := s.Control.ChangeSets(ctx, p)
	if err != nil {
		return nil, err
	}
	list := api.ChangeSetList{ChangeSets: []api.ChangeSet{}}
	for _, c := range all {
		list.ChangeSets = append(list.ChangeSets, changeSetOf(c))
	}
	return answer(list), nil
}

func (s *Server) showSet(ctx context.Context, p acl.Principal, in *OneSet) (*body[api.ChangeSet], error) {
	c, err := s.Control.ShowChangeSet(ctx, p, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(changeSetOf(c)), nil
}

type listSetZones struct {
	OneSet
	Page int `query:"page" minimum:"0" doc:"next of the page before"`
}

func (s *Server) listSetZones(ctx context.Context, p acl.Principal, in *listSetZones) (*body[api.SetZoneList], error) {
	c, err := s.Control.ShowChangeSet(ctx, p, in.ID)
	if err != nil {
		return nil, err
	}
	zones, err := s.Control.ChangeSetZones(ctx, p, in.ID, in.Page)
	if err != nil {
		return nil, err
	}
	list := api.SetZoneList{Zones: make([]api.SetZone, 0, len(zones))}
	for _, z := range zones {
		list.Zones = append(list.Zones, api.SetZone{Zone: zoneText(z.Zone), Change: uint64(z.Position), Records: z.Records, Example: z.Example, Skip: z.Skip})
	}
	if next := in.Page + 1; next < c.Chunks {
		list.Next = &next
	}
	return answer(list), nil
}

type doSet struct {
	OneSet
	Body api.Confirmation
}

func (s *Server) doSet(ctx context.Context, p acl.Principal, in *doSet) (*changeSet, error) {
	return answerSet(s.Control.ConfirmChangeSet(ctx, p, in.ID, in.Body.Confirm))
}

func (s *Server) stopSet(ctx context.Context, p acl.Principal, in *OneSet) (*changeSet, error) {
	return answerSet(s.Control.StopChangeSet(ctx, p, in.ID))
}

func (s *Server) resumeSet(ctx context.Context, p acl.Principal, in *OneSet) (*changeSet, error) {
	return answerSet(s.Control.ResumeChangeSet(ctx, p, in.ID))
}

type undoSet struct {
	OneSet
	Body api.NewChangeSet
}

func (s *Server) undoSet(ctx context.Context, p acl.Principal, in *undoSet) (*changeSet, error) {
	return s.begin(ctx, p, control.SetUndo, in.Body, control.SetParams{Undoes: in.ID})
}

// ListFilter is what a list of zones is narrowed to.
type ListFilter struct {
	Home  string `query:"home" doc:"only zones whose home that server is"`
	State string `query:"state" enum:"conflict,held,behind" doc:"only zones with conflicts, with held changes, or that some server does not serve as they are here"`
	Steps bool   `query:"steps" doc:"say how many servers serve each"`
}

// addSteps says in a list how many servers serve each zone.
func addSteps(list *api.ZoneList, page control.ZonePage) {
	for i, s := range page.Steps {
		list.Zones[i].Steps = &api.Steps{Served: s.Served, Total: s.Total}
	}
	for i, h := range page.Zones {
		list.Zones[i].Held = page.Held[h.Zone]
	}
	list.More = page.More
}
