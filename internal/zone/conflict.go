package zone

import (
	"cmp"
	"slices"
	"strings"
)

// Conflicts lists what no view serves although no write that saw it replaced it, in the order of a zone, metadata first:
// within each life not ended, versions beside others and what the CNAME rule hides; lives that are not served, one entry
// for the whole life, under the key of its creation; values written to an ended life that its end had not seen; and all
// versions of a dot with two contents.
func (s *State) Conflicts() []Conflict {
	var found []Conflict
	if a, ok := s.answering(); ok {
		for _, l := range append([]LifeInfo{a.life}, a.equal...) {
			found = s.conflictsIn(found, l.Life)
		}
		for _, l := range a.apart {
			found = append(s.conflictsIn(found, l.Life), s.lifeConflict(l, a.life))
		}
	}
	found = s.deletedConflicts(found)
	found = s.cloneConflicts(found)
	slices.SortFunc(found, func(a, b Conflict) int {
		return cmp.Or(a.Key.Owner.Compare(b.Key.Owner), a.Key.Compare(b.Key), strings.Compare(string(a.Kind), string(b.Kind)),
			b.Hidden.Compare(a.Hidden))
	})
	return found
}

// conflictsIn lists the conflicts between the versions of one life.
func (s *State) conflictsIn(found []Conflict, life Dot) []Conflict {
	cells := s.cells(life)
	for k, versions := range s.Keys {
		if k.Life != life || !k.isMeta() || k.Meta == MetaEnd || k.Meta == MetaTouched {
			continue
		}
		if c, ok := cellOf(k, versions); ok {
			cells[k] = c
		}
	}
	for k, c := range cells {
		conflict := Conflict{Kind: ConflictValue, Zone: s.Zone, Key: k}
		conflict.ServedKey, conflict.Served = servedBeside(k, c, cells)
		for _, conflict.Hidden = range c.hidden {
			found = append(found, conflict)
		}
		if c.ruled {
			conflict.Kind = ConflictCNAME
			for _, conflict.Hidden = range c.shown {
				found = append(found, conflict)
			}
		}
	}
	return found
}

// servedBeside returns the newest version of what is served at k; where the CNAME rule hides k, of what it serves there.
func servedBeside(k Key, c cell, cells map[Key]cell) (Key, *Version) {
	if !c.ruled {
		served := c.newest()
		return k, &served
	}
	var at Key
	var best *Version
	for other, oc := range cells {
		if other.Owner != k.Owner || other.isMeta() || oc.ruled {
			continue
		}
		v := oc.newest()
		// One change writes several types under one dot; the smallest type is as good as any, on every node.
		if best == nil || cmp.Or(v.Compare(*best), at.Compare(other)) > 0 {
			at, best = other, &v
		}
	}
	return at, best
}

// lifeConflict lists a life as a whole: keep one, or merge record by record (LifeView has its content).
func (s *State) lifeConflict(hidden, served LifeInfo) Conflict {
	c := Conflict{Kind: ConflictLife, Zone: s.Zone, Key: Key{Life: hidden.Life, Meta: MetaCreated}}
	c.Hidden, _ = newestValue(s.Keys[c.Key])
	c.ServedKey, c.Served = s.standingAt(Key{Life: served.Life, Meta: MetaCreated})
	return c
}

// deletedConflicts lists deleted here, edited there. Only versions with a value: a deletion in a deleted zone has what
// it wanted.
func (s *State) deletedConflicts(found []Conflict) []Conflict {
	ends := s.ends()
	if len(ends) == 0 {
		return found
	}
	life, _ := s.Life()
	for k, versions := range s.Keys {
		end, ended := ends[k.Life]
		if !ended || k.Meta == MetaEnd || k.Meta == MetaTouched {
			continue
		}
		for _, v := range versions {
			if v.Absent || end.Covers(v.Dot) {
				continue
			}
			c := Conflict{Kind: ConflictDeleted, Zone: s.Zone, Key: k, Hidden: v}
			c.ServedKey, c.Served = s.standingAt(k.of(life.Life)) // a life that took its place
			found = append(found, c)
		}
	}
	return found
}

// cloneConflicts lists every version of a dot that has two contents, each with what is served at its key.
func (s *State) cloneConflicts(found []Conflict) []Conflict {
	cloned := s.cloned()
	if len(cloned) == 0 {
		return found
	}
	for k, versions := range s.Keys {
		for _, v := range versions {
			if !cloned[v.Dot] {
				continue
			}
			c := Conflict{Kind: ConflictClone, Zone: s.Zone, Key: k, Hidden: v}
			c.ServedKey, c.Served = s.standingAt(k)
			found = append(found, c)
		}
	}
	return found
}

// standingAt returns the newest version with a value.
func (s *State) standingAt(k Key) (Key, *Version) {
	if v, ok := newestValue(s.Keys[k]); ok {
		return k, &v
	}
	return Key{}, nil
}

// of is the key in another life.
func (k Key) of(life Dot) Key {
	k.Life = life
	return k
}
