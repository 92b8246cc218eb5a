package zone

import (
	"bytes"
	"slices"
)

// The builders below make writes to the life that answers; none where the zone does not live or where nothing would
// change. Each looks at the state alone, so two that write one key do not add up. Change completes what they return.

// Set makes each RRset what is served at its owner and type. Empty data deletes.
func (s *State) Set(sets ...RRset) []Write {
	return s.edit(sets, func(at rrsetAt, set RRset) (Write, bool) {
		if len(set.Data) == 0 {
			return at.absent()
		}
		return at.value(storedValue(set))
	})
}

// Add adds records to RRsets. Only this makes an addition, so that what two writers add at once is served together; an
// RRset or a file that happens to be larger never does.
func (s *State) Add(sets ...RRset) []Write {
	return s.edit(sets, func(at rrsetAt, set RRset) (Write, bool) {
		return at.addition(set)
	})
}

// SetMeta writes a metadata value of the life.
func (s *State) SetMeta(name, value string) []Write {
	life, ok := s.Life()
	if !ok {
		return nil
	}
	k := Key{Life: life.Life, Meta: name}
	if c, ok := cellOf(k, s.Keys[k]); ok && string(c.value) == value && len(c.hidden) == 0 {
		return nil
	}
	return []Write{{Key: k, Value: []byte(value)}}
}

// EndAll deletes the zone: it ends every life.
func (s *State) EndAll() []Write {
	var lives []Dot
	for _, l := range s.live() {
		lives = append(lives, l.Life)
	}
	return s.End(lives...)
}

// End ends lives. What the end has not seen, because it was written elsewhere meanwhile, becomes a conflict.
func (s *State) End(lives ...Dot) []Write {
	saw := AppendVector(nil, s.Vector)
	writes := make([]Write, len(lives))
	for i, life := range lives {
		writes[i] = Write{Key: Key{Life: life, Meta: MetaEnd}, Value: saw}
	}
	return writes
}

// edit makes one write for each set.
func (s *State) edit(sets []RRset, write func(rrsetAt, RRset) (Write, bool)) []Write {
	life, ok := s.Life()
	if !ok {
		return nil
	}
	cells := s.cellsOf(life.Life, sets)
	var writes []Write
	for _, set := range sets {
		k := Key{Life: life.Life, Owner: set.Owner, Type: set.Type}
		at := rrsetAt{key: k, versions: s.Keys[k]}
		at.cell, at.has = cells[k]
		at.served = at.has && !at.cell.ruled
		if w, ok := write(at, set); ok {
			writes = append(writes, w)
		}
	}
	return writes
}

// cellsOf reads the RRsets of a life at the owner names of the sets.
func (s *State) cellsOf(life Dot, sets []RRset) map[Key]cell {
	owners := map[Name]bool{}
	for _, set := range sets {
		owners[set.Owner] = true
	}
	at := &State{Zone: s.Zone, Keys: map[Key][]Version{}}
	for k, versions := range s.Keys {
		if k.Life == life && owners[k.Owner] && !k.isMeta() {
			at.Keys[k] = versions
		}
	}
	return at.cells(life)
}

// rrsetAt is what a builder finds at the key that it writes.
type rrsetAt struct {
	key      Key
	versions []Version
	cell     cell
	has      bool // some version has a value
	served   bool // and the CNAME rule does not hide it
}

func (at rrsetAt) rrset() RRset {
	set, _ := readRRset(at.key, at.cell.value)
	return set
}

func (at rrsetAt) absent() (Write, bool) {
	return Write{Key: at.key, Absent: true}, at.has
}

func (at rrsetAt) value(value []byte) (Write, bool) {
	settled := at.served && len(at.cell.hidden) == 0 && bytes.Equal(at.cell.value, value)
	return Write{Key: at.key, Value: value}, !settled
}

// addition writes the served set and the new records. It carries the dot at which its run of additions began: none if
// the key had no version, the run's own if the served version is an addition, else the served version's; an absent
// counts as a version.
func (at rrsetAt) addition(set RRset) (Write, bool) {
	if len(set.Data) == 0 {
		return Write{}, false
	}
	var begin Dot
	switch {
	case at.served:
		begin = at.cell.begin()
		have := at.rrset()
		set = NewRRset(set.Owner, set.Type, set.TTL, append(slices.Clone(have.Data), set.Data...))
		if len(set.Data) == len(have.Data) && set.TTL == have.TTL && len(at.cell.hidden) == 0 {
			return Write{}, false
		}
	case at.has:
		begin = at.cell.newest().Dot // what the CNAME rule hid is not part of the new set
	case len(at.versions) > 0:
		begin = at.versions[len(at.versions)-1].Dot
	}
	w := Write{Key: at.key, Value: storedValue(set)}
	if additive(at.key) {
		w.Addition, w.Begin = true, begin
	}
	return w, true
}
