package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Trashed is a deleted zone.
type Trashed struct {
	Zone    zone.Name
	Owner   string
	Deleted zone.Millis
	By      string
	Records int // that restore brings back; 0: its content is not kept any more
	// Until is when its content goes.
	Until zone.Millis
	// Edited is how many records were written elsewhere while it was deleted here: they are kept until someone decides.
	Edited int
}

// TrashPage is one page of deleted zones.
type TrashPage struct {
	Zones []Trashed
	Next  string
	Total int
}

// Trash lists deleted zones by name, with what restore would bring back and how long it can.
func (c *Control) Trash(_ context.Context, p acl.Principal, r ListRequest) (TrashPage, error) {
	if err := allowed(p, acl.ReadZone); err != nil {
		return TrashPage{}, err
	}
	sight, err := c.sightOf(p)
	if err != nil {
		return TrashPage{}, err
	}
	kept, err := c.retention()
	if err != nil {
		return TrashPage{}, err
	}
	found, err := c.Store.Page(store.PageQuery{Query: store.Query{Search: r.Search, After: r.After, Limit: page(r.Limit), Owners: sight.within(r.Owner), OnlyDeleted: true}})
	if err != nil {
		return TrashPage{}, fmt.Errorf("list deleted zones: %w", err)
	}
	out := TrashPage{Next: found.Next, Total: found.Total}
	for _, h := range found.Heads {
		s, _, err := c.Store.State(h.Zone)
		if err != nil {
			return TrashPage{}, fmt.Errorf("read zone %s: %w", textOf(h.Zone), err)
		}
		t := trashed(s, h)
		t.Until = t.Deleted + zone.Millis(kept.Trash.Milliseconds())
		out.Zones = append(out.Zones, t)
	}
	return out, nil
}

func trashed(s *zone.State, h store.Head) Trashed {
	t := Trashed{Zone: h.Zone, Owner: h.Owner, Deleted: h.StoredAt}
	if ends := s.Keys[zone.Key{Life: h.Life, Meta: zone.MetaEnd}]; len(ends) > 0 {
		last := slices.MaxFunc(ends, zone.Version.Compare)
		t.Deleted, t.By = last.Time, last.Author
	}
	if v, ok := s.LifeView(h.Life); ok {
		t.Records = countRecords(v.RRsets)
	}
	for _, f := range s.Conflicts() {
		if f.Kind == zone.ConflictDeleted {
			t.Edited++
		}
	}
	return t
}
