package zone

import (
	"bytes"
	"slices"
)

// RRsetDiff is the difference of one RRset. One of Before and After may be nil.
type RRsetDiff struct {
	Owner  Name
	Type   Type
	Before *RRset
	After  *RRset
}

// Diff returns what differs between two contents, in the order of a view. The SOA's serial is ignored: it says how often
// a zone changed, not what it holds.
func Diff(before, after []RRset) []RRsetDiff {
	had := map[Key]*RRset{}
	for i := range before {
		had[setKeyOf(before[i])] = &before[i]
	}
	var diffs []RRsetDiff
	for i := range after {
		set := &after[i]
		old := had[setKeyOf(*set)]
		delete(had, setKeyOf(*set))
		if old == nil || !bytes.Equal(storedValue(*old), storedValue(*set)) {
			diffs = append(diffs, RRsetDiff{Owner: set.Owner, Type: set.Type, Before: old, After: set})
		}
	}
	for _, old := range had {
		diffs = append(diffs, RRsetDiff{Owner: old.Owner, Type: old.Type, Before: old})
	}
	slices.SortFunc(diffs, func(a, b RRsetDiff) int {
		return compareRRsets(RRset{Owner: a.Owner, Type: a.Type}, RRset{Owner: b.Owner, Type: b.Type})
	})
	return diffs
}

func setKeyOf(set RRset) Key { return Key{Owner: set.Owner, Type: set.Type} }
