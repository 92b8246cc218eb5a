package zone

import (
	"errors"
	"fmt"
	"slices"
)

// ErrNoConflict says that the conflict is over: another write came first.
var ErrNoConflict = errors.New("no such conflict any more")

// Choose returns the writes that serve the hidden side of a conflict. o is for the new life that a deleted zone gets
// back with. Change completes the writes.
func (s *State) Choose(c Conflict, o CreateOptions) ([]Write, error) {
	if !s.stands(c) {
		return nil, fmt.Errorf("choose in zone %s: %w", s.Zone.Text(), ErrNoConflict)
	}
	switch c.Kind {
	case ConflictCNAME:
		return s.chooseRuled(c)
	case ConflictLife:
		return s.endOthers(c.Key.Life), nil
	case ConflictDeleted:
		return s.chooseDeleted(c, o)
	case ConflictClone:
		return s.settleClone(c.Hidden.Dot, c.Key, c.Hidden), nil
	}
	return []Write{{Key: s.answeringKey(c.Key), Absent: c.Hidden.Absent, Value: c.Hidden.Value}}, nil
}

// Keep returns the writes that settle a conflict on what is served.
func (s *State) Keep(c Conflict) ([]Write, error) {
	if !s.stands(c) {
		return nil, fmt.Errorf("choose in zone %s: %w", s.Zone.Text(), ErrNoConflict)
	}
	switch c.Kind {
	case ConflictCNAME, ConflictDeleted:
		return []Write{{Key: c.Key, Absent: true}}, nil
	case ConflictLife:
		return s.End(c.Key.Life), nil
	case ConflictClone:
		return s.settleClone(c.Hidden.Dot, Key{}, Version{}), nil
	}
	k := s.answeringKey(c.Key)
	return []Write{s.asServed(k)}, nil
}

func (s *State) stands(c Conflict) bool {
	return slices.ContainsFunc(s.Conflicts(), func(now Conflict) bool {
		return now.Kind == c.Kind && now.Key == c.Key && now.Hidden.same(c.Hidden)
	})
}

// asServed writes again what the versions of a key serve.
func (s *State) asServed(k Key) Write {
	c, ok := cellOf(k, s.Keys[k])
	return Write{Key: k, Absent: !ok, Value: c.value}
}

// answeringKey is the key in the life that answers, if its own life has equal content; then that one ends with the write.
func (s *State) answeringKey(k Key) Key {
	a, _ := s.answering()
	if slices.ContainsFunc(a.equal, func(l LifeInfo) bool { return l.Life == k.Life }) {
		return k.of(a.life.Life)
	}
	return k
}

// chooseRuled serves what the CNAME rule hides. Against a CNAME all other types at the owner come back together.
func (s *State) chooseRuled(c Conflict) ([]Write, error) {
	if c.Key.Type == TypeCNAME && c.Key.Owner == s.Zone {
		return nil, errApexCNAME(s.Zone)
	}
	var writes []Write
	for k, cell := range s.cellsAt(c.Key.Life, c.Key.Owner) {
		k.Life = s.answeringKey(k).Life
		if cell.ruled {
			writes = append(writes, Write{Key: k, Value: cell.value})
		} else {
			writes = append(writes, Write{Key: k, Absent: true})
		}
	}
	sortWrites(writes)
	return writes, nil
}

func errApexCNAME(z Name) error {
	return fmt.Errorf("choose in zone %s: a CNAME cannot stand at the apex (RFC 1034 section 3.6.2)", z.Text())
}

func (s *State) endOthers(kept Dot) []Write {
	var others []Dot
	for _, l := range s.live() {
		if l.Life != kept {
			others = append(others, l.Life)
		}
	}
	return s.End(others...)
}

// chooseDeleted takes what was written to a deleted zone over into the life that took its place, or brings the zone
// back with it. What cannot stand beside it there goes, as in chooseRuled.
func (s *State) chooseDeleted(c Conflict, o CreateOptions) ([]Write, error) {
	life, ok := s.Life()
	if !ok {
		restored, err := s.Restore(c.Key.Life, o)
		return restored.Writes, err
	}
	if c.Key.Type == TypeCNAME && c.Key.Owner == s.Zone {
		return nil, errApexCNAME(s.Zone)
	}
	writes := []Write{{Key: c.Key.of(life.Life), Value: c.Hidden.Value}, {Key: c.Key, Absent: true}}
	if !c.Key.isMeta() {
		for k := range s.cellsAt(life.Life, c.Key.Owner) {
			if (k.Type == TypeCNAME) != (c.Key.Type == TypeCNAME) {
				writes = append(writes, Write{Key: k, Absent: true})
			}
		}
	}
	sortWrites(writes)
	return writes, nil
}

// settleClone writes again every key that holds a version of a dot with two contents. Were one left, its hash would go on
// to tell other nodes that this one never saw the other change.
func (s *State) settleClone(dot Dot, chosen Key, version Version) []Write {
	ends := s.ends()
	var writes []Write
	for k, versions := range s.Keys {
		if !slices.ContainsFunc(versions, func(v Version) bool { return v.Dot == dot }) {
			continue
		}
		w := s.asServed(k)
		if k == chosen {
			w = Write{Key: k, Absent: version.Absent, Value: version.Value}
		}
		if _, ended := ends[k.Life]; ended {
			w = Write{Key: k, Absent: true}
		}
		if k.Meta == MetaEnd {
			w = s.End(k.Life)[0]
		}
		writes = append(writes, w)
	}
	sortWrites(writes)
	return writes
}
