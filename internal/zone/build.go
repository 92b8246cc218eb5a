package zone

import (
	"bytes"
	"math"
	"slices"
	"strconv"
)

// CreateOptions is what creating a life needs beside its content.
type CreateOptions struct {
	Owner  string // account, "root" if empty
	Home   string // MetaHome
	Author string
	Now    Millis
	// Serial is the wished first serial, adopted if it is ahead (RFC 1982).
	Serial    uint32
	HasSerial bool
	Meta      map[string]string // further metadata
}

// Create is the Change that creates a zone never heard of here.
func Create(z Name, sets []RRset, o CreateOptions) Change { return NewState(z).Create(sets, o) }

// Create is the Change that starts a new life of the zone, whatever was before. Its serial is the wished one, else
// today's YYYYMMDD00, else, where neither is ahead, the next.
func (s *State) Create(sets []RRset, o CreateOptions) Change {
	c := Change{Zone: s.Zone, Time: o.Now, Author: o.Author, Saw: s.Vector.Clone(), Writes: lifeWrites(sets, o)}
	if o.HasSerial {
		if base, ok := BaseFor(o.Serial, s, 1); ok {
			c.Base = base
			return c
		}
	}
	c.Base, _ = BaseFor(DateSerial(o.Now), s, 1)
	return c
}

// lifeWrites are the writes that make up a new life.
func lifeWrites(sets []RRset, o CreateOptions) []Write {
	owner := o.Owner
	if owner == "" {
		owner = "root"
	}
	writes := []Write{
		{Key: Key{Meta: MetaCreated}, Value: strconv.AppendInt(nil, int64(o.Now), 10)},
		{Key: Key{Meta: MetaOwner}, Value: []byte(owner)},
		{Key: Key{Meta: MetaHome}, Value: []byte(o.Home)},
	}
	for name, value := range o.Meta {
		writes = append(writes, Write{Key: Key{Meta: name}, Value: []byte(value)})
	}
	for _, set := range sets {
		writes = append(writes, Write{Key: Key{Owner: set.Owner, Type: set.Type}, Value: storedValue(set)})
	}
	sortWrites(writes)
	return writes
}

func sortWrites(writes []Write) {
	slices.SortFunc(writes, func(a, b Write) int { return a.Key.Compare(b.Key) })
}

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

// Remove takes single records out of RRsets and leaves the TTL.
func (s *State) Remove(sets ...RRset) []Write {
	return s.edit(sets, func(at rrsetAt, set RRset) (Write, bool) {
		if !at.served {
			return Write{}, false
		}
		left := at.rrset()
		left.Data = slices.DeleteFunc(slices.Clone(left.Data), func(have []byte) bool {
			return slices.ContainsFunc(set.Data, func(d []byte) bool { return CompareData(set.Type, have, d) == 0 })
		})
		if len(left.Data) == 0 {
			return at.absent()
		}
		return at.value(storedValue(left))
	})
}

// Delete deletes whole RRsets.
func (s *State) Delete(owner Name, types ...Type) []Write {
	sets := make([]RRset, len(types))
	for i, t := range types {
		sets[i] = RRset{Owner: owner, Type: t}
	}
	return s.Set(sets...)
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

// End ends lives, all that live if none is named. What the end has not seen, because it was written elsewhere meanwhile,
// becomes a conflict.
func (s *State) End(lives ...Dot) []Write {
	if len(lives) == 0 {
		for _, l := range s.live() {
			lives = append(lives, l.Life)
		}
	}
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

// Change makes one Change of writes, by a writer who has seen the whole state. If several write one key, the last counts.
// It completes them:
// what the CNAME rule hides at a written owner name is replaced too, and lives of equal content are ended but for the
// one written; so a conflict is over with the next write. Where a life of other content stands beside, the one written
// stays the newest. No writes give a Change that Apply refuses.
func (s *State) Change(now Millis, author string, writes ...Write) Change {
	c := Change{Zone: s.Zone, Time: now, Author: author, Saw: s.Vector.Clone(), Writes: lastOfEach(writes)}
	s.complete(&c)
	return c
}

func lastOfEach(writes []Write) []Write {
	last := make(map[Key]int, len(writes))
	for i, w := range writes {
		last[w.Key] = i
	}
	var kept []Write
	for i, w := range writes {
		if last[w.Key] == i {
			kept = append(kept, w)
		}
	}
	sortWrites(kept)
	return kept
}

// complete adds what a write to the answering life brings with it.
func (s *State) complete(c *Change) {
	a, ok := s.answering()
	if !ok {
		return
	}
	var sets []RRset
	written := map[Key]bool{}
	touches := false
	for _, w := range c.Writes {
		written[w.Key] = true
		if w.Key.Life == a.life.Life && w.Key.Meta != MetaEnd {
			touches = true
			if !w.Key.isMeta() {
				sets = append(sets, RRset{Owner: w.Key.Owner, Type: w.Key.Type})
			}
		}
	}
	if !touches || written[Key{Life: a.life.Life, Meta: MetaEnd}] {
		return
	}
	add := func(w Write) {
		if !written[w.Key] {
			c.Writes = append(c.Writes, w)
		}
	}
	for k, cell := range s.cellsOf(a.life.Life, sets) {
		if cell.ruled && coversAll(c.Saw, s.Keys[k]) {
			add(Write{Key: k, Absent: true})
		}
	}
	for _, l := range a.equal {
		add(s.End(l.Life)[0])
	}
	if slices.ContainsFunc(a.apart, func(l LifeInfo) bool { return l.Owner == a.life.Owner }) {
		add(Write{Key: Key{Life: a.life.Life, Meta: MetaTouched}, Value: []byte{}})
		if t := a.life.Newest.Time; t < math.MaxInt64 {
			c.Time = max(c.Time, t+1)
		}
	}
	sortWrites(c.Writes)
}

func coversAll(saw Vector, versions []Version) bool {
	return !slices.ContainsFunc(versions, func(v Version) bool { return !saw.Covers(v.Dot) })
}
