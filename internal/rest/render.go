package rest

import (
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func timeOf(m zone.Millis) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

func maybeTime(m zone.Millis) *time.Time {
	if m == 0 {
		return nil
	}
	t := timeOf(m)
	return &t
}

func zoneText(n zone.Name) string {
	if n == "" {
		return ""
	}
	return n.Text()
}

// homeName is the name in a home, which is followed by the fingerprint of the node's key.
func homeName(home string) string {
	name, _, _ := strings.Cut(home, " ")
	return name
}

func recordsOf(sets ...zone.RRset) []api.Record {
	out := []api.Record{}
	for _, set := range sets {
		owner, t := set.Owner.String(), set.Type.String()
		for _, data := range set.Data {
			out = append(out, api.Record{Name: owner, TTL: set.TTL, Type: t, Data: zone.DataString(set.Type, data)})
		}
	}
	return out
}

func oneSet(set *zone.RRset) []api.Record {
	if set == nil {
		return []api.Record{}
	}
	return recordsOf(*set)
}

func headOf(h store.Head, known func(home string) bool) api.Zone {
	return api.Zone{
		Name: h.Zone.Text(), Serial: h.Serial, Count: h.Records, Owner: h.Owner, Home: homeName(h.Home), HomeKnown: known(h.Home),
		Created: timeOf(h.Created), Changed: timeOf(h.StoredAt), Change: uint64(h.Position), ETag: h.ETag(),
		Conflicts: h.Conflicts, Deleted: !h.Live,
	}
}

func zoneOf(z control.Zone, known func(home string) bool) api.ZoneDetail {
	v := z.View
	count := 0
	for _, set := range v.RRsets {
		count += len(set.Data)
	}
	return api.ZoneDetail{
		Zone: api.Zone{
			Name: v.Zone.Text(), Serial: v.Serial, Count: count, Owner: v.Owner, Home: homeName(v.Home), HomeKnown: known(v.Home),
			Created: timeOf(v.Created), Changed: timeOf(z.Head.StoredAt), Change: uint64(z.Position), ETag: z.ETag, Conflicts: z.Conflicts,
		},
		Records: recordsOf(v.RRsets...),
		Meta:    v.Meta,
	}
}

func resultOf(r control.Result) api.WriteResult {
	return api.WriteResult{
		Zone: zoneText(r.Zone), Change: uint64(r.Position), Changed: r.Changed, Serial: r.Serial, ETag: r.ETag,
		Warnings: r.Warnings, Findings: findingsOf(r.Zone, r.Findings),
	}
}

func findingsOf(z zone.Name, list []zone.Finding) []api.Finding {
	out := make([]api.Finding, 0, len(list))
	for _, f := range list {
		a := api.Finding{Severity: f.Severity.String(), Zone: zoneText(z), File: f.File, Line: f.Line, Message: f.Message}
		if f.Owner != "" {
			a.Name = f.Owner.String()
		}
		if f.Type != 0 {
			a.Type = f.Type.String()
		}
		out = append(out, a)
	}
	return out
}

func differencesOf(list []control.Difference) []api.RRsetDelta {
	out := make([]api.RRsetDelta, 0, len(list))
	for _, d := range list {
		a := api.RRsetDelta{Before: oneSet(d.Before), After: oneSet(d.After), Meta: d.Meta, BeforeMeta: d.BeforeMeta, AfterMeta: d.AfterMeta}
		if d.Meta == "" {
			a.Name, a.Type = d.Owner.String(), d.Type.String()
		}
		out = append(out, a)
	}
	return out
}

func changeOf(c control.Change) api.Change {
	a := api.Change{
		ID: uint64(c.Position), Zone: zoneText(c.Zone), Time: timeOf(c.Time), Author: c.Author, Kind: c.Kind,
		Reason: c.Reason, Source: c.Source, ETag: c.ETag, Keys: c.Keys, Set: c.Set,
	}
	if c.Differences != nil {
		a.RRsets = differencesOf(c.Differences)
	}
	return a
}

func conflictOf(c control.Conflict) api.Conflict {
	a := api.Conflict{ID: c.ID, Kind: string(c.Kind), Zone: c.Zone.Text(), Meta: c.Meta, Hidden: sideOf(c.Hidden)}
	if c.Owner != "" {
		a.Name, a.Type = c.Owner.String(), c.Type.String()
	}
	if c.Served != nil {
		side := sideOf(*c.Served)
		a.Served = &side
	}
	return a
}

func sideOf(s control.Side) api.Side {
	a := api.Side{Author: s.Author, Time: timeOf(s.Time), Deleted: s.Absent, Meta: s.Meta}
	if s.RRset != nil {
		a.Records = recordsOf(*s.RRset)
	}
	if s.Life != nil {
		a.Life = &api.Life{Owner: s.Life.Owner, Home: homeName(s.Life.Home), Created: timeOf(s.Life.Created), Count: s.Life.Records}
		a.Records = recordsOf(s.RRsets...)
	}
	return a
}
