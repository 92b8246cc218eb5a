package control

import (
	"context"
	"errors"
	"slices"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Choice says how to settle a conflict.
type Choice string

// Choices.
const (
	ChooseHidden Choice = "hidden" // serve the version listed as hidden
	ChooseServed Choice = "served" // keep what is served, drop the other from the list
	ChooseMerge  Choice = "merge"  // records of both
)

// ChooseRequest settles one conflict.
type ChooseRequest struct {
	ID     string
	Choice Choice // default ChooseHidden
	Reason string
}

// ChooseConflict settles a conflict by a new change, which travels like any other.
func (c *Control) ChooseConflict(ctx context.Context, p acl.Principal, r ChooseRequest) (Result, error) {
	_, found, err := c.findConflict(p, acl.WriteZone, r.ID)
	if err != nil {
		return Result{}, err
	}
	w, err := c.write(ctx, p, zoneWrite{
		zone: found.Zone, kind: "choose", reason: r.Reason, check: true,
		build: func(s *zone.State) (zone.Change, error) {
			writes, err := c.settle(p, s, found, r.Choice)
			if errors.Is(err, zone.ErrNoConflict) {
				return zone.Change{}, noConflict(r.ID)
			}
			if err != nil || len(writes) == 0 {
				return zone.Change{}, err
			}
			return s.Change(c.Now(), c.author(p), writes...), nil
		},
	})
	return w.Result, err
}

func (c *Control) settle(p acl.Principal, s *zone.State, f zone.Conflict, choice Choice) ([]zone.Write, error) {
	switch choice {
	case "", ChooseHidden:
		writes, err := s.Choose(f, c.options(p))
		if err != nil && !errors.Is(err, zone.ErrNoConflict) {
			err = fail(CodeRefused, textOf(f.Zone), "%v", err).because(err)
		}
		return writes, err
	case ChooseServed:
		return s.Keep(f)
	case ChooseMerge:
		return merge(s, f)
	}
	return nil, fail(CodeInvalid, "choice", "%q is not known (hidden, served, merge)", choice)
}

// merge serves the records of both sides. Of a life it takes over every RRset, and ends it.
func merge(s *zone.State, f zone.Conflict) ([]zone.Write, error) {
	if _, err := s.Keep(f); err != nil { // the conflict still stands
		return nil, err
	}
	switch f.Kind {
	case zone.ConflictLife:
		return mergeLife(s, f.Key.Life), nil
	case zone.ConflictValue, zone.ConflictDeleted:
		if set := valueOf(f.Key, []zone.Version{f.Hidden}); set != nil && several(f.Key) {
			writes := s.Set(union(s, *set))
			if f.Kind == zone.ConflictDeleted {
				writes = append(writes, zone.Write{Key: f.Key, Absent: true})
			}
			return writes, nil
		}
	}
	return nil, fail(CodeInvalid, f.Key.Owner.Text(), "the two cannot be merged").hint("choose one of them")
}

// several says that an RRset of this type may have more than one record.
func several(k zone.Key) bool {
	return !slices.Contains([]zone.Type{zone.TypeCNAME, zone.TypeDNAME, zone.TypeSOA}, k.Type)
}

// union is what is served at an RRset's key and the RRset, with the smaller TTL.
func union(s *zone.State, set zone.RRset) zone.RRset {
	have, ok := s.Served(set.Owner, set.Type)
	if !ok {
		return set
	}
	return zone.NewRRset(set.Owner, set.Type, min(have.TTL, set.TTL), append(slices.Clone(have.Data), set.Data...))
}

// mergeLife takes the records of a hidden life over: where both have an RRset that holds several records, both; where
// it holds one, what is served stays.
func mergeLife(s *zone.State, life zone.Dot) []zone.Write {
	var writes []zone.Write
	for _, set := range lifeContent(s, life) {
		if _, served := s.Served(set.Owner, set.Type); served && !several(zone.Key{Type: set.Type}) {
			continue
		}
		if clashes(s, set) {
			continue
		}
		writes = append(writes, s.Set(union(s, set))...)
	}
	return append(writes, s.End(life)...)
}

// clashes says that the CNAME rule (RFC 1034 section 3.6.2) forbids an RRset beside what is served.
func clashes(s *zone.State, set zone.RRset) bool {
	if set.Type == zone.TypeCNAME {
		return slices.ContainsFunc(typesAt(s, set.Owner), func(t zone.Type) bool { return t != zone.TypeCNAME })
	}
	_, alias := s.Served(set.Owner, zone.TypeCNAME)
	return alias
}
