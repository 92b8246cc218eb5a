package zone

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Compare orders keys: metadata before RRsets; metadata by life, length of the name and name; RRsets by owner (as bytes),
// life and type. It is the order of AppendKey's bytes, so that all metadata, and all keys at one owner name, lie together in a store.
func (k Key) Compare(l Key) int {
	if k.isMeta() != l.isMeta() {
		if k.isMeta() {
			return -1
		}
		return 1
	}
	return cmp.Or(strings.Compare(string(k.Owner), string(l.Owner)), k.Life.Compare(l.Life),
		cmp.Compare(k.Type, l.Type), cmp.Compare(len(k.Meta), len(l.Meta)), strings.Compare(k.Meta, l.Meta))
}

func (k Key) isMeta() bool { return k.Meta != "" }

// Compare orders versions by time, node id and counter: the greatest one with a value is served. The hash only makes
// the order total where one dot has two contents.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Time, w.Time), v.Dot.Compare(w.Dot), cmp.Compare(v.Hash, w.Hash))
}

// order is Compare, also where one hash has two contents (see twisted).
func (v Version) order(w Version) int {
	return cmp.Or(v.Compare(w), cmp.Compare(v.marks(), w.marks()), bytes.Compare(v.Value, w.Value), v.Begin.Compare(w.Begin),
		strings.Compare(v.Author, w.Author))
}

// marks are its signs as a number.
func (v Version) marks() (n int) {
	for i, set := range []bool{v.Absent, v.Addition, v.Replace} {
		if set {
			n |= 1 << i
		}
	}
	return n
}

// same is the identity of versions in a join: a dot alone would let two changes of a cloned node vanish on both sides. Dot
// and hash do not do either: the hash is of the whole change, of which a state has only what is left, so nobody can
// check it, and somebody may send another value under it.
func (v Version) same(w Version) bool { return v.Dot == w.Dot && v.order(w) == 0 }

// equal says that v and w mean the same to a reader.
func (v Version) equal(w Version) bool { return v.Absent == w.Absent && bytes.Equal(v.Value, w.Value) }

func contains(versions []Version, v Version) bool { return slices.ContainsFunc(versions, v.same) }

// sameVersions compares two sorted sets.
func sameVersions(a, b []Version) bool {
	return slices.EqualFunc(a, b, Version.same)
}

// allAbsent says that no version has a value; also of no version at all.
func allAbsent(versions []Version) bool {
	return !slices.ContainsFunc(versions, func(v Version) bool { return !v.Absent })
}
