package zone

import "slices"

// DropAbsents forgets absents that stand alone and are older than before. Each node does it for itself; nobody is told,
// since a lone absent counts nowhere. It returns the keys that have no version left. The price: the opponent of a deletion
// that arrives only after that is served, and the deletion is not listed.
func (s *State) DropAbsents(before Millis) []Key {
	return s.drop(func(k Key, versions []Version) bool {
		return allAbsent(versions) && versions[len(versions)-1].Time < before
	})
}

// DropEnded forgets the content of lives that ended before the given time, as far as their ends have seen it; it counts
// nowhere. What stays for good is the vector, each end, and whose life it was: no ghosts, however long a member was
// away. It returns the keys that have no version left.
func (s *State) DropEnded(before Millis) []Key {
	old := map[Dot]Vector{}
	for k, versions := range s.Keys {
		if k.Meta == MetaEnd && versions[len(versions)-1].Time < before {
			old[k.Life] = endVector(versions)
		}
	}
	return s.drop(func(k Key, versions []Version) bool {
		end, ended := old[k.Life]
		if !ended || k.Meta == MetaEnd || k.Meta == MetaOwner || k.Meta == MetaCreated {
			return false
		}
		return !slices.ContainsFunc(versions, func(v Version) bool { return !end.Covers(v.Dot) })
	})
}

func (s *State) drop(which func(Key, []Version) bool) []Key {
	var dropped []Key
	for k, versions := range s.Keys {
		if which(k, versions) {
			delete(s.Keys, k)
			dropped = append(dropped, k)
		}
	}
	slices.SortFunc(dropped, Key.Compare)
	return dropped
}
