package zone

import "slices"

// KeyChange is what a commit did to one key.
type KeyChange struct {
	Key           Key
	Before, After []Version
}

// Undo returns the writes that put back exactly what a commit replaced, for keys that still are as it left them. Keys
// edited since are left alone and returned. Undoing a creation ends the life, if nothing in it was edited since; undoing
// a deletion starts a new life with the content, if the zone was not made anew meanwhile. o is for such a new life. The
// state must be whole where the commit created or ended lives.
func (s *State) Undo(changed []KeyChange, o CreateOptions) (writes []Write, left []Key) {
	u := undoing{state: s, options: o, created: map[Dot]bool{}, known: map[Key][]Version{}}
	var edits []KeyChange
	for _, kc := range changed {
		u.known[kc.Key] = kc.After
		switch {
		case kc.Key.Meta == MetaCreated && allAbsent(kc.Before) && !allAbsent(kc.After):
			u.created[kc.Key.Life] = true
		case kc.Key.Meta == MetaEnd && len(kc.Before) == 0 && len(kc.After) > 0:
			u.ended = append(u.ended, kc)
		case kc.Key.Meta != MetaEnd && kc.Key.Meta != MetaTouched:
			edits = append(edits, kc)
		}
	}
	edits = slices.DeleteFunc(edits, func(kc KeyChange) bool { return u.created[kc.Key.Life] })
	before := u.servedBefore(edits)
	for _, kc := range edits {
		served, had := before[kc.Key]
		u.putBack(kc, served, had)
	}
	for life := range u.created {
		u.endCreated(life)
	}
	// An edit that also ended lives ended those of equal content; what they served comes back with the edited keys.
	if len(edits) == 0 && len(u.created) == 0 && len(u.ended) > 0 {
		u.revive()
	}
	sortWrites(u.writes)
	slices.SortFunc(u.left, Key.Compare)
	return u.writes, u.left
}

type undoing struct {
	state   *State
	options CreateOptions
	created map[Dot]bool      // lives that the commit created
	ended   []KeyChange       // ends that it wrote
	known   map[Key][]Version // every key as it left it
	writes  []Write
	left    []Key
}

// asLeft says that a key is as the commit left it. Lone absents are nothing: they may have been dropped.
func asLeft(now, after []Version) bool {
	return allAbsent(now) && allAbsent(after) || sameVersions(now, after)
}

// servedBefore reads the edited keys as they were. What the CNAME rule hid then is left out: put back together with what
// hid it, under one time, it would come out on top.
func (u *undoing) servedBefore(edits []KeyChange) map[Key]cell {
	then := u.state.Clone()
	sets := map[Dot][]RRset{}
	before := map[Key]cell{}
	for _, kc := range edits {
		then.put(kc.Key, kc.Before)
		if !kc.Key.isMeta() {
			sets[kc.Key.Life] = append(sets[kc.Key.Life], RRset{Owner: kc.Key.Owner})
		} else if c, ok := cellOf(kc.Key, kc.Before); ok {
			before[kc.Key] = c
		}
	}
	for life, owners := range sets {
		for k, c := range then.cellsOf(life, owners) {
			if !c.ruled {
				before[k] = c
			}
		}
	}
	return before
}

func (u *undoing) putBack(kc KeyChange, before cell, had bool) {
	now := u.state.Keys[kc.Key]
	_, over := u.state.Keys[Key{Life: kc.Key.Life, Meta: MetaEnd}]
	if over || !asLeft(now, kc.After) {
		u.left = append(u.left, kc.Key)
		return
	}
	current, has := cellOf(kc.Key, now)
	switch {
	case had && (!has || string(before.value) != string(current.value) || len(current.hidden) > 0):
		u.writes = append(u.writes, Write{Key: kc.Key, Value: before.value})
	case !had && has:
		u.writes = append(u.writes, Write{Key: kc.Key, Absent: true})
	}
}

// endCreated ends a life as a whole or not at all.
func (u *undoing) endCreated(life Dot) {
	end := Key{Life: life, Meta: MetaEnd}
	if len(u.state.Keys[end]) > 0 {
		return
	}
	var edited []Key
	for k, versions := range u.state.Keys {
		if k.Life == life && k.Meta != MetaTouched && !asLeft(versions, u.known[k]) {
			edited = append(edited, k)
		}
	}
	for k, after := range u.known {
		if k.Life == life && len(u.state.Keys[k]) == 0 && !allAbsent(after) {
			edited = append(edited, k)
		}
	}
	if len(edited) > 0 {
		u.left = append(u.left, edited...)
		return
	}
	u.writes = append(u.writes, u.state.End(life)...)
}

// revive starts a new life for the one that would answer if the ended ones had not ended. A change starts at most one
// life; the others are left.
func (u *undoing) revive() {
	lives, candidates := u.livesBefore()
	var a answer
	if len(candidates) > 0 {
		a = u.state.choose(lives)
	}
	revived := false
	for _, l := range append([]LifeInfo{a.life}, a.apart...) {
		if !candidates[l.Life] {
			continue
		}
		v, ok := u.state.LifeView(l.Life)
		if revived || !ok || len(v.RRsets) == 0 {
			u.left = append(u.left, Key{Life: l.Life, Meta: MetaEnd})
			continue
		}
		revived = true
		u.writes = append(u.writes, lifeWrites(v.RRsets, v.options(u.options))...)
		if u.state.editedAfterEnd(l.Life) {
			u.writes = append(u.writes, u.state.End(l.Life)...)
		}
	}
	if revived && !candidates[a.life.Life] {
		// The life that goes on must stay the newest of its owner's.
		u.writes = append(u.writes, Write{Key: Key{Life: a.life.Life, Meta: MetaTouched}, Value: []byte{}})
	}
}

// livesBefore returns the lives that lived before the commit, and which of them it ended. None if the zone was made anew
// since: the end had not seen that life, and bringing back the old one would hide it.
func (u *undoing) livesBefore() (lives []LifeInfo, candidates map[Dot]bool) {
	candidates = map[Dot]bool{}
	saw := Vector{}
	for _, kc := range u.ended {
		candidates[kc.Key.Life] = true
		saw.Merge(endVector(kc.After))
	}
	for _, l := range u.state.Lives() {
		if !l.Ended && !saw.Covers(l.Life) {
			for _, kc := range u.ended {
				u.left = append(u.left, kc.Key)
			}
			return nil, nil
		}
		if !l.Ended || candidates[l.Life] {
			lives = append(lives, l)
		}
	}
	return lives, candidates
}
