package zone

import "slices"

// Beside returns keys that c would leave standing, or writes, although the CNAME rule would hide them or what c writes
// (RFC 1034 section 3.6.2) and its writer saw both. Such an edit makes a conflict with itself: it is to be refused, or to
// delete one side. A CNAME and other data written by two who did not see each other are a conflict and no mistake.
func (s *State) Beside(c Change) []Key {
	types := map[Key]map[Type]bool{} // per life and owner written to, the types with a value that the writer knows
	for _, w := range c.Writes {
		if !w.Key.isMeta() {
			types[Key{Life: w.Key.Life, Owner: w.Key.Owner}] = map[Type]bool{}
		}
	}
	for k, versions := range s.Keys {
		if known := types[Key{Life: k.Life, Owner: k.Owner}]; known != nil {
			known[k.Type] = slices.ContainsFunc(versions, func(v Version) bool { return !v.Absent && c.Saw.Covers(v.Dot) })
		}
	}
	for _, w := range c.Writes {
		if known := types[Key{Life: w.Key.Life, Owner: w.Key.Owner}]; known != nil && !w.Key.isMeta() {
			known[w.Key.Type] = !w.Absent
		}
	}
	var beside []Key
	for at, known := range types {
		others := 0
		for t, has := range known {
			if has && t != TypeCNAME {
				others++
			}
		}
		if !known[TypeCNAME] || others == 0 && at.Owner != s.Zone {
			continue
		}
		for t, has := range known {
			if has {
				beside = append(beside, Key{Life: at.Life, Owner: at.Owner, Type: t})
			}
		}
	}
	slices.SortFunc(beside, Key.Compare)
	return beside
}
