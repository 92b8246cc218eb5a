package zone

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEditsOfDifferentRRsetsBothSurvive(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("mail", TypeA, "192.0.2.2"))
	n[1].set(rr("www", TypeA, "192.0.2.3"))
	meet(n...)
	n[0].serves("mail A 192.0.2.2", "www A 192.0.2.3")
	n[0].conflicts()
	agree(t, n...)
}

func TestEditsOfOneRRsetServeTheLaterAndListTheOther(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.2"))
	n[1].now += 5000
	n[1].set(rr("www", TypeA, "192.0.2.3"))
	meet(n...)
	n[2].serves("www A 192.0.2.3")
	n[2].conflicts("value www A: 192.0.2.2 of a, served 192.0.2.3")
	agree(t, n...)

	// The next write of that key has seen both and ends the conflict.
	n[2].set(rr("www", TypeA, "192.0.2.4"))
	meet(n...)
	n[0].serves("www A 192.0.2.4")
	n[0].conflicts()
	agree(t, n...)
}

func TestEqualValuesOfTwoWritersAreOne(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.2"))
	n[1].set(rr("www", TypeA, "192.0.2.2"))
	meet(n...)
	n[0].serves("www A 192.0.2.2")
	n[0].conflicts()
}

// If the join kept only the greatest of concurrent versions, the third node's deletion of the winner would leave
// nothing there, or the loser, depending on who met whom first.
func TestJoinNeverPrunesConcurrentVersions(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"}, rr("www", TypeA, "192.0.2.1"))
	a, b, c := n[0], n[1], n[2]
	a.set(rr("www", TypeA, "192.0.2.2"))
	b.now += 5000
	b.set(rr("www", TypeA, "192.0.2.3")) // the winner
	c.join(b)
	c.delete("www", TypeA) // saw and deleted the winner, never saw a's

	left := &testNode{t: t, name: "(a+b)+c", state: a.state.Clone()}
	left.join(b, c)
	right := &testNode{t: t, name: "a+(b+c)", state: b.state.Clone()}
	right.join(c, a)
	left.serves("www A 192.0.2.2")
	left.conflicts("value www A: absent of c, served 192.0.2.2")
	agree(t, left, right)
}

func TestJoinIsIdempotentAndSaysThatNothingChanged(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.2"))
	if !n[1].joinDelta(n[0].state.Whole()).Changed {
		t.Error("the first join changed nothing")
	}
	for _, d := range []Delta{n[0].state.Whole(), n[1].state.Whole()} {
		if result := n[1].joinDelta(d); result.Changed || result.Touched != nil {
			t.Errorf("joining again: %+v", result)
		}
	}
}

func TestDeltaNeedsWhatCameBefore(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	first := n[0].state.Vector.Clone()
	n[0].set(rr("www", TypeA, "192.0.2.2"))
	second := n[0].state.Vector.Clone()
	n[0].set(rr("www", TypeA, "192.0.2.3"))
	www := wwwKey(n[0])

	before := n[1].state.Clone()
	if _, err := n[1].state.Join(n[0].state.deltaOf(second, []Key{www})); !errors.Is(err, ErrNeed) {
		t.Errorf("a delta with a gap: %v, want ErrNeed", err)
	}
	if diff := cmp.Diff(before, n[1].state); diff != "" {
		t.Errorf("a refused delta was joined in part:\n%s", diff)
	}
	n[1].joinDelta(n[0].state.deltaOf(first, []Key{www}))
	agree(t, n...)
}

func wwwKey(n *testNode) Key {
	life, _ := n.state.Life()
	return Key{Life: life.Life, Owner: rr("www", TypeA).Owner, Type: TypeA}
}

// The absent of a deletion may be gone when the delta is made. A delta that named only keys with versions would leave
// the record alive at the receiver, whose vector then says that it has seen the deletion.
func TestDeltaNamesAKeyWithNoVersionLeft(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	since := n[0].state.Vector.Clone()
	www := wwwKey(n[0])
	n[0].delete("www", TypeA)
	n[0].state.DropAbsents(n[0].now + 1)

	d := n[0].state.deltaOf(since, []Key{www})
	if len(d.Keys) != 1 || len(d.Keys[0].Versions) != 0 {
		t.Fatalf("the delta names %+v", d.Keys)
	}
	n[1].joinDelta(d)
	n[1].serves()
	agree(t, n...)
}

// The key that a delta names may be unknown here before and after the join and still live at a third node.
func TestJoinTouchesEveryKeyThatADeltaNames(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"})
	a, b, c := n[0], n[1], n[2]
	since := b.state.Vector.Clone()
	a.set(rr("www", TypeA, "192.0.2.1"))
	www := wwwKey(a)
	c.join(a) // c serves www, b never heard of it
	a.delete("www", TypeA)
	a.state.DropAbsents(a.now + 1)

	result := b.joinDelta(a.state.deltaOf(since, []Key{www}))
	if !slices.Contains(result.Touched, www) {
		t.Fatalf("touched %v, want %v in it", result.Touched, www)
	}
	c.joinDelta(b.state.deltaOf(since, result.Touched))
	c.serves()
	agree(t, a, b, c)
}

// b learns of the deletion by a whole state that says nothing of the key any more. Passed on as a delta it would say
// nothing either, and c would keep the record for ever while its vector covers the deletion.
func TestWholeStateIsPassedOnAsWhole(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"})
	a, b, c := n[0], n[1], n[2]
	since := b.state.Vector.Clone()
	a.set(rr("www", TypeA, "192.0.2.1"))
	c.join(a)
	a.delete("www", TypeA)
	a.state.DropAbsents(a.now + 1)
	result := b.joinDelta(a.state.Whole())

	wrong := &testNode{t: t, name: "c by delta", state: c.state.Clone()}
	wrong.joinDelta(b.state.deltaOf(since, result.Touched))
	wrong.serves("www A 192.0.2.1") // why the rule is there

	c.joinDelta(b.state.Whole())
	c.serves()
	agree(t, a, b, c)
}

func TestAWholeStateTouchesTheKeysThatItLacks(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	www := wwwKey(n[0])
	n[0].delete("www", TypeA)
	n[0].state.DropAbsents(n[0].now + 1)
	result := n[1].joinDelta(n[0].state.Whole())
	if diff := cmp.Diff([]Key{www}, result.Touched); diff != "" {
		t.Error(diff)
	}
}

func TestLoneAbsentsCountNowhere(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].delete("www", TypeA)
	n[1].join(n[0])
	if dropped := n[0].state.DropAbsents(n[0].now); len(dropped) != 0 {
		t.Errorf("dropped %v before its time", dropped)
	}
	if dropped := n[0].state.DropAbsents(n[0].now + 1); len(dropped) != 1 {
		t.Errorf("dropped %v, want one key", dropped)
	}
	agree(t, n...) // digest included
	if n[1].joinDelta(n[0].state.Whole()).Changed {
		t.Error("forgetting a lone absent is passed on as a change")
	}
}

// An absent beside a value is a conflict: dropping it would lose the deletion silently.
func TestAnAbsentBesideAValueIsKept(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].delete("www", TypeA)
	n[1].set(rr("www", TypeA, "192.0.2.2"))
	n[0].join(n[1])
	if dropped := n[0].state.DropAbsents(n[0].now + 1<<40); len(dropped) != 0 {
		t.Errorf("dropped %v", dropped)
	}
	n[0].serves("www A 192.0.2.2")
	n[0].conflicts("value www A: absent of a, served 192.0.2.2")
}

// The one exception: the opponent of a deletion that comes after the deletion was forgotten is served and not listed.
// The nodes still come to agree.
func TestOpponentOfAForgottenDeletionIsServed(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"}, rr("www", TypeA, "192.0.2.1"))
	a, b, c := n[0], n[1], n[2]
	a.delete("www", TypeA)
	b.join(a)
	c.set(rr("www", TypeA, "192.0.2.2"))
	a.state.DropAbsents(a.now + 1)
	a.join(c)
	b.join(c)
	a.serves("www A 192.0.2.2")
	a.conflicts()
	b.serves("www A 192.0.2.2")
	b.conflicts("value www A: absent of a, served 192.0.2.2")
	if !b.joinDelta(a.state.Whole()).Changed {
		t.Error("the digests differed, and the join that made them equal changed nothing")
	}
	agree(t, a, b)
}

func TestDeletedRecordDoesNotComeBackFromANodeThatWasAway(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].delete("www", TypeA)
	n[0].state.DropAbsents(n[0].now + 1)
	n[1].now += 1 << 33
	n[1].set(rr("mail", TypeA, "192.0.2.9"))
	meet(n...)
	n[0].serves("mail A 192.0.2.9")
	agree(t, n...)
}

func TestJoinOfAnotherZoneIsRefused(t *testing.T) {
	n := sharing(t, []string{"a"})
	other := NewState("\x03net\x00")
	if _, err := other.Join(n[0].state.Whole()); err == nil {
		t.Error("joined the state of another zone")
	}
}

func TestDeltaCheckRefusesWhatNoStateHolds(t *testing.T) {
	n := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	life, _ := n.state.Life()
	dot := Dot{Node: n.id, Counter: 1}
	future := Vector{n.id: 9}
	good := Version{Dot: dot, Value: storedValue(rr("www", TypeA, "192.0.2.1"))}
	www := wwwKey(n)
	for name, kv := range map[string]KeyVersions{
		"version outside its vector":  {www, []Version{{Dot: Dot{n.id, 2}, Value: good.Value}}},
		"version without a dot":       {www, []Version{{Value: good.Value}}},
		"life outside its vector":     {Key{Life: Dot{n.id, 2}, Owner: www.Owner, Type: TypeA}, []Version{good}},
		"owner outside the zone":      {Key{Life: life.Life, Owner: "\x03net\x00", Type: TypeA}, []Version{good}},
		"broken rdata":                {www, []Version{{Dot: dot, Value: EncodeRRset(1, [][]byte{{1, 2, 3}})}}},
		"broken set":                  {www, []Version{{Dot: dot, Value: []byte{1}}}},
		"type of a question":          {Key{Life: life.Life, Owner: www.Owner, Type: TypeANY}, []Version{good}},
		"absent end":                  {Key{Life: life.Life, Meta: MetaEnd}, []Version{{Dot: dot, Absent: true}}},
		"end that saw the future":     {Key{Life: life.Life, Meta: MetaEnd}, []Version{{Dot: dot, Value: AppendVector(nil, future)}}},
		"creation time not a number":  {Key{Life: life.Life, Meta: MetaCreated}, []Version{{Dot: dot, Value: []byte("soon")}}},
		"stored SOA with a serial":    {Key{Life: life.Life, Owner: exampleOrg, Type: TypeSOA}, []Version{{Dot: dot, Value: soaWithSerial()}}},
		"addition of metadata":        {Key{Life: life.Life, Meta: MetaHome}, []Version{{Dot: dot, Addition: true, Value: []byte("x")}}},
		"metadata with an owner name": {Key{Life: life.Life, Owner: exampleOrg, Meta: MetaHome}, []Version{{Dot: dot, Value: []byte("x")}}},
	} {
		d := Delta{Zone: exampleOrg, Whole: true, Vector: n.state.Vector, Keys: []KeyVersions{kv}}
		if err := d.Check(); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
}

func soaWithSerial() []byte {
	set := rr("@", TypeSOA, "ns1 host 7 3600 600 86400 300")
	return EncodeRRset(set.TTL, set.Data)
}
