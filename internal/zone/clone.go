package zone

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// clones compares, per dot over all keys, the changes that two sides have under the dots that both cover. Where they
// have different ones, covering the dot does not mean having seen the other's change, and the plain rule would make both
// vanish. It works as long as both sides still hold a version of their change; what is gone cannot be compared.
type clones struct {
	mine, theirs map[Dot][]uint32 // hashes
	twisted      map[Dot]bool     // another content came under a dot and a hash that are here
}

// clones looks only for dots that d has and this state covers. New dots, the usual case, cost nothing.
func (s *State) clones(d Delta) clones {
	c := clones{mine: map[Dot][]uint32{}, theirs: map[Dot][]uint32{}, twisted: map[Dot]bool{}}
	for _, kv := range d.Keys {
		for _, v := range kv.Versions {
			if s.Vector.Covers(v.Dot) {
				note(c.theirs, v)
			}
		}
	}
	if len(c.theirs) == 0 {
		return c
	}
	for _, versions := range s.Keys {
		for _, v := range versions {
			if _, ok := c.theirs[v.Dot]; ok {
				note(c.mine, v)
			}
		}
	}
	return c
}

func note(hashes map[Dot][]uint32, v Version) {
	if !slices.Contains(hashes[v.Dot], v.Hash) {
		hashes[v.Dot] = append(hashes[v.Dot], v.Hash)
	}
}

// unknownToThem says that they cover v's dot by another change.
func (c clones) unknownToThem(v Version) bool { return onlyOther(c.theirs[v.Dot], v.Hash) }

// unknownToMe says that this state covers v's dot by another change.
func (c clones) unknownToMe(v Version) bool { return onlyOther(c.mine[v.Dot], v.Hash) }

func onlyOther(hashes []uint32, hash uint32) bool {
	return len(hashes) > 0 && !slices.Contains(hashes, hash)
}

func (c clones) twist(dot Dot) { c.twisted[dot] = true }

// found returns the dots under which they have a change that this state has another one for.
func (c clones) found() []Dot {
	var dots []Dot
	for dot, theirs := range c.theirs {
		other := func(hash uint32) bool { return onlyOther(c.mine[dot], hash) }
		if c.twisted[dot] || slices.ContainsFunc(theirs, other) {
			dots = append(dots, dot)
		}
	}
	slices.SortFunc(dots, Dot.Compare)
	return dots
}

// cloned returns the dots of the state that have two contents.
func (s *State) cloned() map[Dot]bool {
	first := map[Dot]uint32{}
	cloned := map[Dot]bool{}
	for _, versions := range s.Keys {
		for _, v := range versions {
			if hash, ok := first[v.Dot]; ok && hash != v.Hash {
				cloned[v.Dot] = true
			}
			first[v.Dot] = v.Hash
		}
	}
	return cloned
}

// twisted says that versions have v's change of this key with another content, under its hash. No node writes that; a
// server may send it, since nobody can check the hash of a change that is not whole any more.
func twisted(versions []Version, v Version) bool {
	return slices.ContainsFunc(versions, func(w Version) bool { return v.Dot == w.Dot && v.Hash == w.Hash && !v.same(w) })
}

// untwist makes clones of what is twisted: the smallest content keeps the hash, each other one has a hash that is made of the
// hash and the content. So all are kept, as a conflict, at all nodes the same, whatever came first.
func untwist(versions []Version) []Version {
	slices.SortFunc(versions, Version.order)
	var kept []Version
	for _, v := range versions {
		if twisted(kept, v) {
			sum := sha256.Sum256(appendVersion(nil, v))
			v.Hash = binary.BigEndian.Uint32(sum[:])
		}
		if !contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}
