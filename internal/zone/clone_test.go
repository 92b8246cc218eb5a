package zone

import (
	"slices"
	"testing"
)

// cloned makes two nodes with one node id, as after copying a data folder.
func cloned(t *testing.T, sets ...RRset) (*testNode, *testNode) {
	n := sharing(t, []string{"a", "b"}, sets...)
	n[1].id = n[0].id
	return n[0], n[1]
}

// The plain rule would let both vanish: each vector covers the dot that the other side lacks.
func TestTwoChangesUnderOneDotBothStay(t *testing.T) {
	for name, other := range map[string]string{"at one key": "www", "at different keys": "mail"} {
		t.Run(name, func(t *testing.T) {
			a, b := cloned(t, rr("www", TypeA, "192.0.2.1"))
			dot := a.set(rr("www", TypeA, "192.0.2.2"))
			b.now += 5000
			if same := b.set(rr(other, TypeA, "192.0.2.3")); same != dot {
				t.Fatalf("dots %s and %s", dot, same)
			}
			whole := a.state.Whole()
			result := a.joinDelta(b.state.Whole())
			if len(result.Clones) != 1 || result.Clones[0] != dot || !result.Changed {
				t.Errorf("a: %+v, want an alarm for %s", result, dot)
			}
			if result := b.joinDelta(whole); len(result.Clones) != 1 {
				t.Errorf("b: %+v, want an alarm for %s", result, dot)
			}
			agree(t, a, b)
			kinds := map[ConflictKind]int{}
			for _, c := range a.state.Conflicts() {
				kinds[c.Kind]++
			}
			if kinds[ConflictClone] != 2 {
				t.Errorf("conflicts %v, want both versions of the clone", kinds)
			}
			if result := a.joinDelta(b.state.Whole()); result.Changed || result.Clones != nil {
				t.Errorf("joining again: %+v", result)
			}
		})
	}
}

// The hash is of the whole change: nothing else tells two clones apart that write at the same time.
func TestChangesThatDifferInAnythingHaveOtherHashes(t *testing.T) {
	base := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0].state
	node := NodeID{7}
	c := base.Change(startTime, "me", base.Set(rr("www", TypeA, "192.0.2.2"), rr("mail", TypeA, "192.0.2.2"))...)
	hashes := map[uint32]string{}
	for name, change := range map[string]func(*Change){
		"as it is":       func(*Change) {},
		"another time":   func(c *Change) { c.Time += 1 << 30 },
		"another author": func(c *Change) { c.Author = "you" },
		"another base":   func(c *Change) { c.Base = 1 << 40 },
		"another value":  func(c *Change) { c.Writes[0].Value = storedValue(rr("www", TypeA, "192.0.2.3")) },
		"an absent":      func(c *Change) { c.Writes[0].Absent, c.Writes[0].Value = true, nil },
		"an addition":    func(c *Change) { c.Writes[0].Addition = true },
		"another begin":  func(c *Change) { c.Writes[0].Addition, c.Writes[0].Begin.Counter = true, 1 },
		"a replace":      func(c *Change) { c.Writes[0].Replace = true },
		"fewer keys":     func(c *Change) { c.Writes = c.Writes[:1] },
	} {
		other := c
		other.Writes = slices.Clone(c.Writes)
		change(&other)
		s := base.Clone()
		dot, keys, err := s.Apply(node, other)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range s.Keys[keys[0]] {
			if v.Dot == dot {
				if first, ok := hashes[v.Hash]; ok {
					t.Errorf("%q and %q have one hash", name, first)
				}
				hashes[v.Hash] = name
			}
		}
	}
}

// Settling writes every key that holds one of the two changes. Would it leave one, its hash would go on saying that this
// node never saw the other change, and the conflict would come back from b for ever.
func TestAClonesConflictIsSettledForGood(t *testing.T) {
	a, b := cloned(t, rr("www", TypeA, "192.0.2.1"))
	a.set(rr("www", TypeA, "192.0.2.2"))
	b.set(rr("www", TypeA, "192.0.2.3"), rr("mail", TypeA, "192.0.2.4"))
	meet(a, b)
	a.id = newNodes(t, "fresh")[0].id
	for _, c := range a.state.Conflicts() {
		if c.Kind == ConflictClone && valueText(c.Key, c.Hidden) == "192.0.2.2" {
			a.choose(c)
			break
		}
	}
	a.serves("mail A 192.0.2.4", "www A 192.0.2.2")
	a.conflicts()
	meet(a, b)
	b.serves("mail A 192.0.2.4", "www A 192.0.2.2")
	b.conflicts()
	agree(t, a, b)
}

// A clone's change that the other side has already replaced is not distinguishable from one that it saw. Fresh node ids
// at start are there to keep this from happening.
func TestANewDotIsNoClone(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.2"))
	if result := n[1].joinDelta(n[0].state.Whole()); result.Clones != nil {
		t.Errorf("clones %v", result.Clones)
	}
}

// Nobody can check a version's hash, which is of a change that is not whole any more: a server may send another value under the
// same dot and hash. In whatever order states with the two meet, all end with both, as a conflict, and with an alarm.
func TestAnotherValueUnderTheSameHashIsAConflictWhateverCameFirst(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"}, rr("www", TypeA, "192.0.2.1"))
	dot := n[0].set(rr("www", TypeA, "192.0.2.2"))
	before, made, forged := n[1].state.Clone(), n[0].state.Whole(), n[0].state.Whole()
	for i, kv := range forged.Keys {
		if kv.Key.Type != TypeA {
			continue
		}
		v := kv.Versions[0]
		v.Value = storedValue(rr("www", TypeA, "192.0.2.66"))
		forged.Keys[i].Versions = []Version{v}
	}
	var digests [][32]byte
	for i, order := range [][]Delta{{made, forged}, {forged, made}, {forged, forged, made, made}} {
		s := n[i]
		s.state = before.Clone()
		alarms := 0
		for _, d := range order {
			alarms += len(s.joinDelta(d).Clones)
		}
		if alarms == 0 {
			t.Errorf("order %d: no alarm for %s", i, dot)
		}
		kinds := map[ConflictKind]int{}
		for _, c := range s.state.Conflicts() {
			kinds[c.Kind]++
		}
		if kinds[ConflictClone] != 2 {
			t.Errorf("order %d: conflicts %v, want both", i, kinds)
		}
		digests = append(digests, s.state.Digest())
	}
	if digests[0] != digests[1] || digests[0] != digests[2] {
		t.Error("the states differ by the order")
	}
	agree(t, n...)
	fresh := newNodes(t, "fresh")[0].id
	n[0].id = fresh
	for _, c := range n[0].state.Conflicts() {
		if c.Kind == ConflictClone && valueText(c.Key, c.Hidden) == "192.0.2.2" {
			n[0].choose(c)
			break
		}
	}
	meet(n[0], n[1])
	meet(n[0], n[2])
	for _, s := range n {
		s.serves("www A 192.0.2.2")
		s.conflicts()
	}
}
