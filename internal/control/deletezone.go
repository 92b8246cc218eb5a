package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// DeleteRequest deletes a zone.
type DeleteRequest struct {
	Zone    zone.Name
	IfMatch string // refuse unless the zone has this ETag
	// Meant says that a person was shown how many zones are to be deleted, and confirmed it. A stated version does not say
	// that: a program that deletes everything may well look at each zone before.
	Meant  bool
	Reason string
	Set    uint64 // the change set that it is part of
}

// DeleteZone ends every life of the zone that this node sees. Its content stays in the history, where RestoreZone finds
// it. What is written elsewhere at the same time becomes a conflict, never half a zone.
func (c *Control) DeleteZone(ctx context.Context, p acl.Principal, r DeleteRequest) (Result, error) {
	if err := c.allowZone(p, acl.DeleteZone, r.Zone); err != nil {
		return Result{}, err
	}
	if _, err := c.live(r.Zone); err != nil {
		return Result{}, err
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: r.Zone, kind: "delete", reason: r.Reason, meant: r.Meant, set: r.Set,
		owners: []zone.Name{}, // the lives are metadata, which is always loaded
		build: func(s *zone.State) (zone.Change, error) {
			if r.IfMatch != "" && r.IfMatch != s.ETag() {
				return zone.Change{}, fail(CodeStale, textOf(r.Zone), "the zone has changed since").
					hint("look at it again, then delete it")
			}
			ends := s.EndAll()
			if len(ends) == 0 {
				return zone.Change{}, fail(CodeNotFound, textOf(r.Zone), "the zone was deleted")
			}
			return s.Change(c.Now(), c.author(p), ends...), nil
		},
	})
	return w.Result, err
}
