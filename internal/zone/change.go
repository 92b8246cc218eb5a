package zone

import "slices"

// Change makes one Change of writes, by a writer who has seen the whole state. If several write one key, the last counts.
// It completes them: what the CNAME rule hides at a written owner name is replaced too, and lives of equal content are
// ended but for the one written; so a conflict is over with the next write. Where a life of other content stands beside,
// the one written stays the newest. No writes give a Change that Apply refuses.
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
	// A deletion may take away the newest version. Apply puts this one's time above what is replaced.
	if slices.ContainsFunc(a.apart, func(l LifeInfo) bool { return l.Owner == a.life.Owner }) {
		add(Write{Key: Key{Life: a.life.Life, Meta: MetaTouched}, Value: []byte{}})
	}
	sortWrites(c.Writes)
}

func coversAll(saw Vector, versions []Version) bool {
	return !slices.ContainsFunc(versions, func(v Version) bool { return !saw.Covers(v.Dot) })
}
