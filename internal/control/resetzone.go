package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// ResetRequest makes a zone what a template says.
type ResetRequest struct {
	Zone     zone.Name
	Template string // name; "standard" if empty
	Addresses
	IfMatch string // refuse unless the zone has this ETag
	DryRun  bool
	Reason  string
}

// ResetZone makes a zone anew from a template. Its TXT records are kept, as WHM's reset keeps them: who owns the domain has
// proved that with one. An address that is not given is the one that the zone has at its apex. What was there before stays in
// the history, and the reset is undone as any change.
func (c *Control) ResetZone(ctx context.Context, p acl.Principal, r ResetRequest) (EditResult, error) {
	if err := c.allowZone(p, acl.WriteZone, r.Zone); err != nil {
		return EditResult{}, err
	}
	h, err := c.live(r.Zone)
	if err != nil {
		return EditResult{}, err
	}
	var findings []zone.Finding
	w, err := c.write(ctx, p, zoneWrite{
		zone: r.Zone, kind: "reset", reason: r.Reason, check: true, dry: r.DryRun, meant: r.IfMatch != "",
		build: func(s *zone.State) (zone.Change, error) {
			if r.IfMatch != "" && r.IfMatch != s.ETag() {
				return zone.Change{}, fail(CodeStale, textOf(r.Zone), "the zone has changed since").hint("look at it again, then reset it")
			}
			before := contentOf(s)
			r.Addresses.takeFrom(before, r.Zone)
			text, err := c.expand(TemplateRequest{Template: r.Template, Zone: r.Zone, Owner: h.Owner, Addresses: r.Addresses})
			if err != nil {
				return zone.Change{}, err
			}
			f, err := parseZone(text, r.Zone)
			if err != nil {
				return zone.Change{}, err
			}
			findings = f.Findings
			writes := s.Set(zone.Reset(before, f.RRsets)...)
			if len(writes) == 0 {
				return zone.Change{}, nil
			}
			return s.Change(c.Now(), c.author(p), writes...), nil
		},
	})
	w.Findings = append(findings, w.Findings...)
	return EditResult{Result: w.Result, Differences: w.differences}, err
}

// takeFrom fills addresses that are not given from what the zone has at its apex.
func (a *Addresses) takeFrom(sets []zone.RRset, z zone.Name) {
	for _, set := range sets {
		if set.Owner != z || len(set.Data) == 0 {
			continue
		}
		switch {
		case set.Type == zone.TypeA && !a.IPv4.IsValid():
			a.IPv4 = zone.AddressOf(set.Data[0])
		case set.Type == zone.TypeAAAA && !a.IPv6.IsValid():
			a.IPv6 = zone.AddressOf(set.Data[0])
		}
	}
}
