package control

import (
	"errors"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// A name may have had several lives, each of another account: who has it now does not see what the one before had. So
// history and conflicts go by the owner of the life, not of the zone.

// lifeSeer tells which lives somebody sees. It is for one request.
type lifeSeer struct {
	*Control
	sight  sight
	owners map[zone.Name]map[zone.Dot]string // of zones that had more than one life
}

func (c *Control) lifeSeer(p acl.Principal) (*lifeSeer, error) {
	s, err := c.sightOf(p)
	return &lifeSeer{Control: c, sight: s, owners: map[zone.Name]map[zone.Dot]string{}}, err
}

// entry reports whether all that a change touched is of lives that are seen.
func (s *lifeSeer) entry(e store.Entry) (bool, error) {
	if s.sight.all {
		return true, nil
	}
	h, err := s.Store.Head(e.Zone)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read zone %s: %w", textOf(e.Zone), err)
	}
	for _, k := range e.Keys {
		owner := h.Owner
		if k.Key.Life != h.Life {
			if owner, err = s.ownerOf(e.Zone, k.Key.Life); err != nil {
				return false, err
			}
		}
		if !s.sight.account(owner) {
			return false, nil
		}
	}
	return len(e.Keys) > 0 || s.sight.account(h.Owner), nil
}

// ownerOf is the account of a life; of one of which nothing is kept any more, nobody.
func (s *lifeSeer) ownerOf(z zone.Name, life zone.Dot) (string, error) {
	owners, known := s.owners[z]
	if !known {
		state, _, err := s.Store.State(z)
		if err != nil {
			return "", fmt.Errorf("read zone %s: %w", textOf(z), err)
		}
		owners = ownersIn(state)
		s.owners[z] = owners
	}
	return owners[life], nil
}

func ownersIn(s *zone.State) map[zone.Dot]string {
	owners := map[zone.Dot]string{}
	for _, l := range s.Lives() {
		owners[l.Life] = l.Owner
	}
	return owners
}

// conflicts leaves those of lives that are seen.
func (s *lifeSeer) conflicts(state *zone.State, all []zone.Conflict) []zone.Conflict {
	if s.sight.all {
		return all
	}
	owners := ownersIn(state)
	var seen []zone.Conflict
	for _, f := range all {
		if s.sight.account(owners[f.Key.Life]) {
			seen = append(seen, f)
		}
	}
	return seen
}

// zonesSeen are the names of all zones that somebody who is not root sees.
func (c *Control) zonesSeen(p acl.Principal) ([]zone.Name, error) {
	s, err := c.sightOf(p)
	if err != nil {
		return nil, err
	}
	var zones []zone.Name
	if s.all {
		err = c.Store.EachHead(func(h store.Head) error { zones = append(zones, h.Zone); return nil })
	} else {
		zones, err = c.Store.ZonesOf(s.owners)
	}
	if err != nil {
		return nil, fmt.Errorf("list zones: %w", err)
	}
	return zones, nil
}

// seenEntries reads until a page is full of what p sees, or nothing is left.
func (c *Control) seenEntries(p acl.Principal, before store.Position, limit int, read func(before store.Position, limit int) ([]store.Entry, error)) ([]store.Entry, error) {
	if p.Root {
		return read(before, limit)
	}
	seer, err := c.lifeSeer(p)
	if err != nil {
		return nil, err
	}
	var seen []store.Entry
	for {
		entries, err := read(before, limit)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			before = e.Position
			ok, err := seer.entry(e)
			if err != nil {
				return nil, err
			}
			if ok && len(seen) < limit {
				seen = append(seen, e)
			}
		}
		if len(entries) < limit || len(seen) == limit {
			return seen, nil
		}
	}
}
