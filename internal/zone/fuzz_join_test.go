package zone

import (
	"bytes"
	"testing"
)

// FuzzJoin joins what three servers may send, in two orders and twice: the outcome is one state, of which everything
// that is made from it is the same, and which other servers take.
func FuzzJoin(f *testing.F) {
	s := richState(f)
	whole := AppendDelta(nil, s.Whole())
	f.Add(whole, AppendDelta(nil, NewState(exampleOrg).Whole()), whole)
	n := sharing(f, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.2"))
	n[1].delete("www", TypeA)
	f.Add(AppendDelta(nil, n[0].state.Whole()), AppendDelta(nil, n[1].state.Whole()), whole)
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var deltas []Delta
		for _, octets := range [][]byte{a, b, c} {
			d, _, err := DecodeDelta(octets)
			if err != nil || d.Check() != nil || d.Zone != exampleOrg || !d.Whole {
				return
			}
			deltas = append(deltas, d)
		}
		if !oneMeaning(deltas) {
			return
		}
		forth, back := joinOf(t, deltas[0], deltas[1], deltas[2]), joinOf(t, deltas[2], deltas[1], deltas[0], deltas[1])
		one, other := AppendDelta(nil, forth.Whole()), AppendDelta(nil, back.Whole())
		if !bytes.Equal(one, other) || forth.Digest() != back.Digest() || forth.ETag() != back.ETag() {
			t.Fatalf("in one order\n%x\nin the other\n%x", one, other)
		}
		if err := forth.Whole().Check(); err != nil {
			t.Fatalf("the joined state is not one that another server takes: %v", err)
		}
		view, live := forth.View()
		again, liveAgain := back.View()
		if live != liveAgain || live && differ(view.RRsets, again.RRsets) != "" {
			t.Fatalf("views differ:\n%s", differ(view, again))
		}
		if differ(forth.Conflicts(), back.Conflicts()) != "" {
			t.Fatalf("conflicts differ:\n%s", differ(forth.Conflicts(), back.Conflicts()))
		}
	})
}

// oneMeaning says that no change has two contents under one dot and one hash: no node writes that, and what a forged
// hash does is decided by who is joined first.
func oneMeaning(deltas []Delta) bool {
	type change struct {
		key  Key
		dot  Dot
		hash uint32
	}
	seen := map[change]Version{}
	for _, d := range deltas {
		for _, kv := range d.Keys {
			for _, v := range kv.Versions {
				c := change{kv.Key, v.Dot, v.Hash}
				if w, ok := seen[c]; ok && differ(w, v) != "" {
					return false
				}
				seen[c] = v
			}
		}
	}
	return true
}

func joinOf(t *testing.T, deltas ...Delta) *State {
	t.Helper()
	s := NewState(exampleOrg)
	for _, d := range deltas {
		if _, err := s.Join(d); err != nil {
			t.Fatalf("a join of a whole state refuses: %v", err)
		}
	}
	return s
}
