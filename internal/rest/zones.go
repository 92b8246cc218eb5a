package rest

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *Server) zoneRoutes(a huma.API) {
	handle(s, a, op("list-zones", http.MethodGet, "/zones", "zones", "List zones, paged and searched"), s.listZones)
	handle(s, a, op("create-zone", http.MethodPost, "/zones", "zones", "Create a zone"), s.createZone)
	handle(s, a, op("show-zone", http.MethodGet, "/zones/{zone}", "zones", "Show a zone with its records"), s.showZone)
	handle(s, a, op("edit-zone", http.MethodPatch, "/zones/{zone}", "zones", "Change RRsets of a zone in one change"), s.editZone)
	handle(s, a, op("delete-zone", http.MethodDelete, "/zones/{zone}", "zones", "Delete a zone; restore brings it back"), s.deleteZone)
	handle(s, a, op("list-trash", http.MethodGet, "/trash", "zones", "List deleted zones, with how long restore can bring them back"), s.listTrash)
	handle(s, a, op("delete-zones", http.MethodPost, "/zones/delete", "zones", "Delete several zones, with their number if a person confirmed it"), s.deleteZones)
	restore := op("restore-zone", http.MethodPost, "/zones/{zone}/restore", "zones", "Bring a zone back")
	restore.MaxBodyBytes = maxRestore
	handle(s, a, restore, s.restoreZone)
	handle(s, a, op("list-records", http.MethodGet, "/zones/{zone}/records", "zones", "List the records of a zone"), s.listRecords)
	handle(s, a, op("check-zone", http.MethodGet, "/zones/{zone}/check", "zones", "Check a zone"), s.checkZone)
}

type listZones struct {
	Query   string `query:"q" doc:"part of the name"`
	After   string `query:"after" doc:"next of the page before"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Owner   string `query:"owner" doc:"only zones of this account"`
	Deleted bool   `query:"deleted" doc:"also deleted zones"`
	ListFilter
}

func (s *Server) listZones(ctx context.Context, p acl.Principal, in *listZones) (*body[api.ZoneList], error) {
	page, err := s.Control.ListZones(ctx, p, control.ListRequest{
		Search: in.Query, After: in.After, Limit: in.Limit, Owner: in.Owner, Deleted: in.Deleted,
		Home: in.Home, State: control.ZoneFilter(in.State), Steps: in.Steps,
	})
	if err != nil {
		return nil, err
	}
	known, err := s.Control.Homes(ctx)
	if err != nil {
		return nil, err
	}
	list := api.ZoneList{Zones: make([]api.Zone, 0, len(page.Zones)), Next: page.Next, Total: page.Total}
	for _, h := range page.Zones {
		list.Zones = append(list.Zones, headOf(h, known))
	}
	addSteps(&list, page)
	return answer(list), nil
}

type createZone struct {
	Waiting
	DryRun bool `query:"dry_run" doc:"check everything and say what the zone would have, change nothing"`
	Body   api.NewZone
}

func (s *Server) createZone(ctx context.Context, p acl.Principal, in *createZone) (*written, error) {
	began := s.Now()
	z, err := zoneName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	servers, err := zoneNames("nameserver", in.Body.Nameservers)
	if err != nil {
		return nil, err
	}
	sets, err := records(z, in.Body.Records)
	if err != nil {
		return nil, err
	}
	given, err := addresses(in.Body.IPv4, in.Body.IPv6, in.Body.FTP)
	if err != nil {
		return nil, err
	}
	r, err := s.Control.CreateZone(ctx, p, control.CreateRequest{
		Zone: z, Owner: in.Body.Owner, Nameservers: servers, RRsets: sets, Text: in.Body.Text, Reason: in.Body.Reason,
		Template: in.Body.Template, Addresses: given, DryRun: in.DryRun,
	})
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		out := &written{Status: http.StatusOK, Body: resultOf(r.Result)}
		out.Body.RRsets = differencesOf(r.Differences)
		return out, nil
	}
	out := &written{Status: http.StatusCreated, Location: Prefix + "/zones/" + url.PathEscape(z.Text()), Body: resultOf(r.Result)}
	out.Body.Created = true
	return s.arrive(ctx, p, in.Waiting, z, began, out)
}

// OneZone names the zone of a call. Parts that calls share are exported because the library fills no others.
type OneZone struct {
	Zone string `path:"zone" example:"example.com"`
}

type showZone struct {
	OneZone
	IfNoneMatch string `header:"If-None-Match"`
}

type shownZone struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *api.ZoneDetail
}

func (s *Server) showZone(ctx context.Context, p acl.Principal, in *showZone) (*shownZone, error) {
	z, err := s.zone(ctx, p, in.Zone)
	if err != nil {
		return nil, err
	}
	out := &shownZone{Status: http.StatusOK, ETag: quoted(z.ETag)}
	same, err := unchanged(in.IfNoneMatch, z.ETag)
	if err != nil || same {
		out.Status = http.StatusNotModified
		return out, err
	}
	known, err := s.Control.Homes(ctx)
	if err != nil {
		return nil, err
	}
	doc := zoneOf(z, known)
	out.Body = &doc
	return out, nil
}

// zone shows the zone of that name.
func (s *Server) zone(ctx context.Context, p acl.Principal, name string) (control.Zone, error) {
	z, err := zoneName(name)
	if err != nil {
		return control.Zone{}, err
	}
	return s.Control.ShowZone(ctx, p, z)
}

// version is the current ETag of the zone, for ifMatch.
func (s *Server) version(ctx context.Context, p acl.Principal, name string) func() (string, error) {
	return func() (string, error) {
		z, err := s.zone(ctx, p, name)
		return z.ETag, err
	}
}

type editZone struct {
	OneZone
	Waiting
	IfMatch string `header:"If-Match" doc:"ETag that the edit was made against: RRsets that changed since make it stale (412), others merge"`
	DryRun  bool   `query:"dry_run" doc:"say what would change, change nothing"`
	Body    api.Edit
}

func (s *Server) editZone(ctx context.Context, p acl.Principal, in *editZone) (*written, error) {
	began := s.Now()
	z, err := zoneName(in.Zone)
	if err != nil {
		return nil, err
	}
	against, err := ifMatch(in.IfMatch, s.version(ctx, p, in.Zone))
	if err != nil {
		return nil, err
	}
	ops, err := operations(z, in.Body.Operations)
	if err != nil {
		return nil, err
	}
	r, err := s.Control.EditZone(ctx, p, control.EditRequest{Zone: z, IfMatch: against, Ops: ops, DryRun: in.DryRun, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	out := &written{Body: resultOf(r.Result)}
	out.Body.RRsets = differencesOf(r.Differences)
	if in.DryRun {
		in.Wait = "" // there is nothing to wait for
	}
	return s.arrive(ctx, p, in.Waiting, z, began, out)
}

type deleteZone struct {
	OneZone
	Waiting
	IfMatch string `header:"If-Match"`
	Reason  string `query:"reason" maxLength:"1000" doc:"kept in the history"`
}

func (s *Server) deleteZone(ctx context.Context, p acl.Principal, in *deleteZone) (*written, error) {
	began := s.Now()
	z, err := zoneName(in.Zone)
	if err != nil {
		return nil, err
	}
	against, err := ifMatch(in.IfMatch, s.version(ctx, p, in.Zone))
	if err != nil {
		return nil, err
	}
	r, err := s.Control.DeleteZone(ctx, p, control.DeleteRequest{Zone: z, IfMatch: against, Reason: in.Reason})
	if err != nil {
		return nil, err
	}
	return s.arrive(ctx, p, in.Waiting, z, began, &written{Body: resultOf(r)})
}

type restoreZone struct {
	OneZone
	Waiting
	DryRun bool `query:"dry_run" doc:"with content: say what would change, change nothing"`
	Body   api.Restore
}

// maxRestore bounds a zone that comes out of a backup: about a million records.
const maxRestore = 128 << 20

func (s *Server) restoreZone(ctx context.Context, p acl.Principal, in *restoreZone) (*written, error) {
	began := s.Now()
	z, err := zoneName(in.Zone)
	if err != nil {
		return nil, err
	}
	if in.Body.Content != nil {
		return s.restoreContent(ctx, p, in, z)
	}
	if in.DryRun {
		return nil, invalid("dry_run", "goes with content only; zone diff shows the difference to a change")
	}
	r, err := s.Control.RestoreZone(ctx, p, control.RestoreRequest{Zone: z, Position: store.Position(in.Body.Change), Meant: in.Body.Confirm > 1, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	return s.arrive(ctx, p, in.Waiting, z, began, &written{Body: resultOf(r)})
}

func (s *Server) restoreContent(ctx context.Context, p acl.Principal, in *restoreZone, z zone.Name) (*written, error) {
	began := s.Now()
	sets, err := records(z, in.Body.Content.Records)
	if err != nil {
		return nil, err
	}
	r, err := s.Control.RestoreContent(ctx, p, control.RestoreRequest{Zone: z, Meant: in.Body.Confirm > 1, Reason: in.Body.Reason},
		control.Content{RRsets: sets, Owner: in.Body.Content.Owner, Stamp: in.Body.Content.Stamp}, in.DryRun)
	if err != nil {
		return nil, err
	}
	out := &written{Body: resultOf(r.Result)}
	out.Body.Created, out.Body.RRsets = r.Created, differencesOf(r.Differences)
	if in.DryRun {
		in.Wait = "" // there is nothing to wait for
	}
	return s.arrive(ctx, p, in.Waiting, z, began, out)
}

type listRecords struct {
	OneZone
	Name string `query:"name" doc:"relative to the zone unless it ends in a dot; @ is the zone"`
	Type string `query:"type"`
}

type listedRecords struct {
	ETag string `header:"ETag"`
	Body api.RecordList
}

func (s *Server) listRecords(ctx context.Context, p acl.Principal, in *listRecords) (*listedRecords, error) {
	z, err := s.zone(ctx, p, in.Zone)
	if err != nil {
		return nil, err
	}
	var owner zone.Name
	var t zone.Type
	if in.Name != "" {
		if owner, err = zone.ParseNameAt(in.Name, z.View.Zone); err != nil {
			return nil, invalid(in.Name, "%v", err)
		}
	}
	if in.Type != "" {
		if t, err = zone.ParseType(in.Type); err != nil {
			return nil, invalid(in.Type, "%v", err)
		}
	}
	var sets []zone.RRset
	for _, set := range z.View.RRsets {
		if (owner == "" || set.Owner == owner) && (t == 0 || set.Type == t) {
			sets = append(sets, set)
		}
	}
	return &listedRecords{quoted(z.ETag), api.RecordList{Zone: z.View.Zone.Text(), ETag: z.ETag, Records: recordsOf(sets...)}}, nil
}

func (s *Server) checkZone(ctx context.Context, p acl.Principal, in *OneZone) (*body[api.CheckResult], error) {
	z, err := s.zone(ctx, p, in.Zone)
	if err != nil {
		return nil, err
	}
	return answer(checkResult(z)), nil
}

func checkResult(z control.Zone) api.CheckResult {
	return api.CheckResult{Zones: 1, Findings: findingsOf(z.View.Zone, zone.Lint(z.View.Zone, z.View.RRsets))}
}
