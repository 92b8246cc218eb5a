package zone

import "bytes"

// SourceBase is what a source of files last sent or was last given, in the source's own canonical form (what it cannot
// express is missing on both sides and so never looks deleted), with the vector of that time.
type SourceBase struct {
	RRsets []RRset
	Saw    Vector
}

// CurrentBase is the base of a person's import, who is shown what it changes: all that is served now.
func (s *State) CurrentBase() *SourceBase {
	base := &SourceBase{Saw: s.Vector.Clone()}
	if v, ok := s.View(); ok {
		base.RRsets = v.RRsets
	}
	return base
}

// Import turns content that arrives as a file into a Change of the life that answers, by its difference against base. It
// replaces only what the base's vector covers; what was written here since then stands beside as a conflict. A source
// without a base deletes nothing, and keys that differ stand beside ours. fileTime is the file's own time, never later
// than now. No difference gives a Change without writes: nothing is to be committed.
func (s *State) Import(fileTime Millis, author string, want []RRset, base *SourceBase) Change {
	if base == nil {
		base = &SourceBase{Saw: Vector{}}
	}
	var changed []RRset
	for _, d := range Diff(base.RRsets, want) {
		set := RRset{Owner: d.Owner, Type: d.Type}
		if d.After != nil {
			set = *d.After
		}
		changed = append(changed, set)
	}
	c := Change{Zone: s.Zone, Time: fileTime, Author: author, Saw: base.Saw.Clone()}
	c.Writes = s.edit(changed, func(at rrsetAt, set RRset) (Write, bool) {
		if len(set.Data) == 0 {
			return at.absent()
		}
		value := storedValue(set)
		return Write{Key: at.key, Value: value}, !at.served || !bytes.Equal(at.cell.value, value)
	})
	s.complete(&c)
	return c
}
