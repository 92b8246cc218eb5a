package zone

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ErrNeed says that a delta cannot be joined because the state does not contain all that came before it. The answer is
// the state's own vector, upon which the sender makes a larger delta or sends the whole state. Nothing was joined.
var ErrNeed = errors.New("earlier changes are needed first")

// JoinResult says what a join did.
type JoinResult struct {
	// Changed is false when nothing was learned: then nothing is to be committed or forwarded. (The state may still
	// have lost absents that stood alone; they count nowhere.)
	Changed bool
	// Touched are the keys to store and to name in deltas. It has every key that a delta named, also those that did not
	// change here: at a third node they may.
	Touched []Key
	// Clones are dots under which d had another change than this state: a node was copied, or lost a part of its past.
	Clones []Dot
}

// Join merges d: a version that both have stays; one that only one side has stays unless the other's vector covers its
// dot; vectors and base become the maximum. Concurrent versions are never pruned: with three nodes, one of which saw and
// deleted the winner, the order of joins would decide what is left. Join is commutative, associative and idempotent,
// and refuses nothing but a delta whose past is missing; whether the sender may write this is asked before.
//
// After joining a whole state its commit must be passed on as a whole state: keys that neither side has any more may
// still live at a third node, and only Whole tells it.
func (s *State) Join(d Delta) (JoinResult, error) {
	if d.Zone != s.Zone {
		return JoinResult{}, fmt.Errorf("join zone %s: the delta is of zone %s", s.Zone.Text(), d.Zone.Text())
	}
	if !d.Whole && !s.Vector.Includes(d.Since) {
		return JoinResult{}, fmt.Errorf("join zone %s: %w", s.Zone.Text(), ErrNeed)
	}
	j := joining{state: s, theirs: d.Vector, clones: s.clones(d)}
	named := make(map[Key]bool, len(d.Keys))
	for _, kv := range d.Keys {
		named[kv.Key] = true
		j.key(kv.Key, kv.Versions)
	}
	if d.Whole {
		for k := range s.Keys {
			if !named[k] {
				j.key(k, nil)
			}
		}
	}
	result := JoinResult{Clones: j.clones.found()}
	result.Changed = !s.Vector.Includes(d.Vector) || d.Base > s.Base || j.changedWhatCounts()
	s.Vector.Merge(d.Vector)
	s.Base = max(s.Base, d.Base)
	if result.Changed {
		result.Touched = j.touched(d, named)
	}
	return result, nil
}

// joining is one join on its way.
type joining struct {
	state  *State
	theirs Vector
	clones clones
	before []KeyVersions // the keys that changed, as they were
}

func (j *joining) key(k Key, theirs []Version) {
	mine := j.state.Keys[k]
	joined := make([]Version, 0, max(len(mine), len(theirs)))
	anyTwisted := false
	for _, v := range mine {
		if contains(theirs, v) || !j.theirs.Covers(v.Dot) || j.clones.unknownToThem(v) || twisted(theirs, v) {
			joined = append(joined, v)
		}
	}
	for _, v := range theirs {
		if contains(mine, v) {
			continue
		}
		isTwisted := twisted(mine, v)
		anyTwisted = anyTwisted || isTwisted
		if isTwisted || !j.state.Vector.Covers(v.Dot) || j.clones.unknownToMe(v) {
			joined = append(joined, v)
		}
		if isTwisted {
			j.clones.twist(v.Dot)
		}
	}
	if anyTwisted {
		joined = untwist(joined)
	}
	slices.SortFunc(joined, Version.Compare)
	if !sameVersions(mine, joined) {
		j.before = append(j.before, KeyVersions{Key: k, Versions: mine})
		j.state.put(k, joined)
	}
}

// changedWhatCounts says whether a changed key differs in more than what each node may drop for itself.
func (j *joining) changedWhatCounts() bool {
	if len(j.before) == 0 {
		return false
	}
	ends := j.state.ends()
	return slices.ContainsFunc(j.before, func(kv KeyVersions) bool {
		return !sameVersions(counting(kv, ends), counting(KeyVersions{kv.Key, j.state.Keys[kv.Key]}, ends))
	})
}

func (j *joining) touched(d Delta, named map[Key]bool) []Key {
	keys := make(map[Key]bool, len(j.before))
	for _, kv := range j.before {
		keys[kv.Key] = true
	}
	if !d.Whole {
		keys = named
	}
	return slices.SortedFunc(maps.Keys(keys), Key.Compare)
}

// counting returns the versions of a key that count in a digest: those with a value, and absents beside one; nothing
// that an end of the life has seen. All else each node may drop for itself.
func counting(kv KeyVersions, ends map[Dot]Vector) []Version {
	end, ended := ends[kv.Key.Life]
	counts := kv.Versions
	if ended && kv.Key.Meta != MetaEnd {
		counts = slices.DeleteFunc(slices.Clone(counts), func(v Version) bool { return end.Covers(v.Dot) })
	}
	if allAbsent(counts) {
		return nil
	}
	return counts
}
