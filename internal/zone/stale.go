package zone

import "slices"

// ChangedSince returns which of the keys an edit must not write that was made against a version with the given vector:
// RRsets written since then, and those at whose owner a CNAME came or went meanwhile, since a write there replaces what the CNAME
// rule hides. Only owner and type of the keys are read; they mean the life that answers. All are returned when that
// life is newer than the vector.
func (s *State) ChangedSince(since Vector, keys []Key) []Key {
	life, ok := s.Life()
	if !ok || !since.Covers(life.Life) {
		return keys
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k Key) bool {
		k.Life, k.Meta = life.Life, ""
		if !coversAll(since, s.Keys[k]) {
			return false
		}
		if k.Type != TypeCNAME {
			k.Type = TypeCNAME
			return coversAll(since, s.Keys[k])
		}
		for other, versions := range s.Keys {
			if other.Life == k.Life && other.Owner == k.Owner && !other.isMeta() && !coversAll(since, versions) {
				return false
			}
		}
		return true
	})
}
