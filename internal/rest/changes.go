package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *Server) changeRoutes(a huma.API) {
	handle(s, a, op("list-changes", http.MethodGet, "/changes", "changes", "List the changes of all zones, newest first"), s.listChanges)
	handle(s, a, op("show-change", http.MethodGet, "/changes/{id}", "changes", "Show a change with its differences"), s.showChange)
	handle(s, a, op("undo-change", http.MethodPost, "/changes/{id}/undo", "changes", "Put back what a change replaced"), s.undoChange)
	handle(s, a, op("zone-history", http.MethodGet, "/zones/{zone}/history", "changes", "List the changes of a zone, newest first"), s.zoneHistory)
	handle(s, a, op("zone-diff", http.MethodGet, "/zones/{zone}/diff", "changes", "Compare a zone after two changes"), s.zoneDiff)
}

// PageBack pages from the newest backwards.
type PageBack struct {
	Before uint64 `query:"before" doc:"next of the page before; absent: from the newest"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type zoneHistory struct {
	OneZone
	PageBack
}

type listChanges struct {
	PageBack
	Zone   string    `query:"zone" doc:"only of this zone"`
	Author string    `query:"author" doc:"part of who made it, in any case"`
	Since  time.Time `query:"since" doc:"not older" example:"2026-11-01T00:00:00Z"`
	Until  time.Time `query:"until" doc:"not newer"`
}

func (s *Server) listChanges(ctx context.Context, p acl.Principal, in *listChanges) (*body[api.ChangeList], error) {
	z, err := optionalZone(in.Zone)
	if err != nil {
		return nil, err
	}
	q := control.ChangeQuery{Zone: z, Author: in.Author, Before: store.Position(in.Before), Limit: in.Limit}
	if !in.Since.IsZero() {
		q.Since = zone.Millis(in.Since.UnixMilli())
	}
	if !in.Until.IsZero() {
		q.Until = zone.Millis(in.Until.UnixMilli())
	}
	found, err := s.Control.FindChanges(ctx, p, q)
	if err != nil {
		return nil, err
	}
	out := api.ChangeList{Changes: make([]api.Change, 0, len(found.Changes)), Next: uint64(found.Next), Partly: found.Partly}
	for _, c := range found.Changes {
		out.Changes = append(out.Changes, changeOf(c))
	}
	return answer(out), nil
}

func (s *Server) zoneHistory(ctx context.Context, p acl.Principal, in *zoneHistory) (*body[api.ChangeList], error) {
	z, err := zoneName(in.Zone)
	if err != nil {
		return nil, err
	}
	list, err := s.Control.History(ctx, p, z, store.Position(in.Before), in.Limit)
	return in.page(list, err)
}

func (in *PageBack) page(list []control.Change, err error) (*body[api.ChangeList], error) {
	if err != nil {
		return nil, err
	}
	out := api.ChangeList{Changes: make([]api.Change, 0, len(list))}
	for _, c := range list {
		out.Changes = append(out.Changes, changeOf(c))
	}
	// A full page may be the last: the next one is then empty.
	if len(list) == in.Limit {
		out.Next = uint64(list[len(list)-1].Position)
	}
	return answer(out), nil
}

// OneChange names the change of a call.
type OneChange struct {
	ID uint64 `path:"id"`
}

func (s *Server) showChange(ctx context.Context, p acl.Principal, in *OneChange) (*body[api.Change], error) {
	c, err := s.Control.ShowChange(ctx, p, store.Position(in.ID))
	if err != nil {
		return nil, err
	}
	return answer(changeOf(c)), nil
}

type undoChange struct {
	OneChange
	Waiting
	DryRun bool `query:"dry_run" doc:"say what would change, change nothing"`
	Body   api.Reason
}

func (s *Server) undoChange(ctx context.Context, p acl.Principal, in *undoChange) (*written, error) {
	began := s.Now()
	r, err := s.Control.UndoChange(ctx, p, control.UndoRequest{Position: store.Position(in.ID), DryRun: in.DryRun, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	out := &written{Body: resultOf(r.Result)}
	out.Body.RRsets = differencesOf(r.Back)
	out.Body.Left = differencesOf(r.Left)
	if in.DryRun {
		in.Wait = "" // there is nothing to wait for
	}
	return s.arrive(ctx, p, in.Waiting, r.Zone, began, out)
}

type zoneDiff struct {
	OneZone
	From uint64 `query:"from" doc:"number of a change; 0 or absent: before the first"`
	To   uint64 `query:"to" doc:"number of a change; 0 or absent: now"`
}

func (s *Server) zoneDiff(ctx context.Context, p acl.Principal, in *zoneDiff) (*body[api.Diff], error) {
	z, err := zoneName(in.Zone)
	if err != nil {
		return nil, err
	}
	list, err := s.Control.Diff(ctx, p, z, store.Position(in.From), store.Position(in.To))
	if err != nil {
		return nil, err
	}
	return answer(api.Diff{Zone: z.Text(), From: in.From, To: in.To, RRsets: differencesOf(list)}), nil
}
