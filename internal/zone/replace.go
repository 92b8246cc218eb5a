package zone

import "slices"

// Push is a delta that a write-only link brought, with what the receiver must know to give the sender its way.
type Push struct {
	Delta Delta
	// Sender are the node ids under which the sender itself writes or wrote.
	Sender map[NodeID]bool
	// Before is the receiver's vector before it joined the delta.
	Before Vector
	// Every is for the first synchronization and an explicit overwrite: all that the sender serves counts, once,
	// whoever wrote it and whenever; with a whole delta, what the sender does not serve is deleted.
	Every bool
}

// Overwritten is a version that the sender's value took the place of: listed, and can be put back.
type Overwritten struct {
	Key     Key
	Version Version
}

// Replace returns what the receiver writes, under its own dot and marked Replace, after it joined a write-only
// sender's delta, and what lost by it. For each key whose version served by the sender
//   - was written at the sender itself,
//   - not by a replace,
//   - under a dot that the receiver's vector did not cover, and
//   - is not all that the receiver has at that owner and type after the join,
//
// it writes the sender's value into the life that answers here. Everything else is only joined. So one person's write
// makes at most one copy per link, and every circle of links ends. A zone that the sender ended is ended here. A zone that
// was deleted here stays deleted; what the sender wrote is then listed as a conflict.
func (s *State) Replace(p Push) (writes []Write, lost []Overwritten) {
	life, ok := s.Life()
	if !ok {
		return nil, nil
	}
	r := replacing{state: s, push: p, life: life.Life, mine: s.cells(life.Life)}
	r.theirs, r.written = map[Key]cell{}, map[Key]bool{}
	sender := s.senderState(p.Delta)
	serving, ok := sender.Life()
	if !ok {
		return r.end(sender)
	}
	for k, c := range sender.cells(serving.Life) {
		r.theirs[k.of(r.life)] = c
	}
	for k, versions := range sender.Keys {
		if k.Life == serving.Life && !k.isMeta() && r.counts(k, versions) {
			r.take(k.of(r.life))
		}
	}
	if p.Every && p.Delta.Whole {
		for k := range r.mine {
			if !r.serves(k) {
				r.write(k, Write{Key: k, Absent: true}, nil)
			}
		}
	}
	sortWrites(r.writes)
	slices.SortFunc(r.lost, func(a, b Overwritten) int {
		if c := a.Key.Compare(b.Key); c != 0 {
			return c
		}
		return a.Version.Compare(b.Version)
	})
	return r.writes, r.lost
}

// senderState is the sender's state as far as it is known: the delta, and for keys that it does not name, which did not
// change there, what of them is here.
func (s *State) senderState(d Delta) *State {
	sender := &State{Zone: s.Zone, Vector: d.Vector, Base: d.Base, Keys: map[Key][]Version{}}
	if !d.Whole {
		for k, versions := range s.Keys {
			sender.put(k, slices.DeleteFunc(slices.Clone(versions), func(v Version) bool { return !d.Vector.Covers(v.Dot) }))
		}
	}
	for _, kv := range d.Keys {
		sender.put(kv.Key, kv.Versions)
	}
	return sender
}

type replacing struct {
	state   *State
	push    Push
	life    Dot          // the life that answers here
	mine    map[Key]cell // what is here after the join
	theirs  map[Key]cell // what the sender serves, under the keys of that life
	written map[Key]bool
	writes  []Write
	lost    []Overwritten
}

// counts says that what the sender serves of these versions is its own new write; a deletion, where none has a value.
func (r *replacing) counts(k Key, versions []Version) bool {
	c, ok := cellOf(k, versions)
	if !ok {
		c.shown = versions
	}
	return slices.ContainsFunc(c.shown, r.isNewOwn)
}

func (r *replacing) isNewOwn(v Version) bool {
	if r.push.Every {
		return true
	}
	return r.push.Sender[v.Dot.Node] && !v.Replace && !r.push.Before.Covers(v.Dot)
}

// take gives one of the sender's keys its way here.
func (r *replacing) take(k Key) {
	mine, have := r.mine[k]
	theirs, has := r.theirs[k]
	switch {
	case has && theirs.ruled:
		return // not served there either
	case !has && have:
		r.write(k, Write{Key: k, Absent: true}, nil)
	case has:
		if !have || mine.ruled || len(mine.hidden) > 0 || string(mine.value) != string(theirs.value) {
			r.write(k, Write{Key: k, Value: theirs.value}, theirs.shown)
		}
		r.makeRoom(k)
	}
}

// makeRoom deletes what cannot be served beside the sender's RRset: the CNAME rule would hide one of them.
func (r *replacing) makeRoom(k Key) {
	for other := range r.mine {
		clash := other.Owner == k.Owner && (other.Type == TypeCNAME) != (k.Type == TypeCNAME)
		if clash && !r.serves(other) {
			r.write(other, Write{Key: other, Absent: true}, nil)
		}
	}
}

// serves says that the sender serves the owner and type of k.
func (r *replacing) serves(k Key) bool {
	c, ok := r.theirs[k]
	return ok && !c.ruled
}

// write adds a write and lists what it replaces, apart from the sender's own.
func (r *replacing) write(k Key, w Write, own []Version) {
	if r.written[k] {
		return
	}
	r.written[k] = true
	w.Replace = true
	r.writes = append(r.writes, w)
	becomes := Version{Absent: w.Absent, Value: w.Value}
	for _, v := range r.state.Keys[k] {
		if !v.equal(becomes) && !contains(own, v) {
			r.lost = append(r.lost, Overwritten{Key: k, Version: v})
		}
	}
}

// end ends the zone here if the sender newly ended it.
func (r *replacing) end(sender *State) ([]Write, []Overwritten) {
	for k, versions := range sender.Keys {
		if k.Meta == MetaEnd && slices.ContainsFunc(versions, r.isNewOwn) {
			for _, l := range r.state.live() {
				w := r.state.End(l.Life)[0]
				w.Replace = true
				r.writes = append(r.writes, w)
				created := Key{Life: l.Life, Meta: MetaCreated}
				if v, ok := newestValue(r.state.Keys[created]); ok {
					r.lost = append(r.lost, Overwritten{Key: created, Version: v})
				}
			}
			return r.writes, r.lost
		}
	}
	return nil, nil
}
