package zone

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// push is a write-only link: the receiver joins, then gives the sender its way. It returns what lost.
func (n *testNode) push(to *testNode, every bool) (lost []string, copied bool) {
	n.t.Helper()
	p := Push{Delta: n.state.Whole(), Sender: map[NodeID]bool{n.id: true}, Before: to.state.Vector.Clone(), Every: every}
	to.joinDelta(p.Delta)
	writes, over := to.state.Replace(p)
	for _, o := range over {
		lost = append(lost, fmt.Sprintf("%s: %s of %s", keyText(o.Key), valueText(o.Key, o.Version), o.Version.Author))
	}
	if len(writes) > 0 {
		to.write(writes...)
	}
	return lost, len(writes) > 0
}

func (n *testNode) pushes(to *testNode, wantLost ...string) {
	n.t.Helper()
	lost, _ := n.push(to, false)
	if diff := differ(wantLost, lost); diff != "" {
		n.t.Errorf("lost (-want +got):\n%s", diff)
	}
}

func TestAWriteOnlySenderOverwrites(t *testing.T) {
	for name, later := range map[string]Millis{"an older value": -5000, "a newer value": 5000} {
		t.Run(name, func(t *testing.T) {
			n := sharing(t, []string{"s", "r"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"))
			s, r := n[0], n[1]
			r.now = s.now + later
			r.set(rr("www", TypeA, "192.0.2.8"), rr("here", TypeA, "192.0.2.9"))
			s.set(rr("www", TypeA, "192.0.2.3"))
			s.pushes(r, "www A: 192.0.2.8 of r")
			r.serves("here A 192.0.2.9", "mail A 192.0.2.2", "www A 192.0.2.3")
			r.conflicts()
			s.pushes(r) // nothing new: not again
		})
	}
}

func TestAWriteOnlySendersDeletionDeletes(t *testing.T) {
	n := sharing(t, []string{"s", "r"}, rr("www", TypeA, "192.0.2.1"))
	s, r := n[0], n[1]
	r.set(rr("www", TypeA, "192.0.2.8"))
	s.delete("www", TypeA)
	s.pushes(r, "www A: 192.0.2.8 of r")
	r.serves()
	r.conflicts()
}

// Also by a delta, which names only what changed: what it does not name did not change at the sender.
func TestAWriteOnlySenderOverwritesByADelta(t *testing.T) {
	n := sharing(t, []string{"s", "r"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"))
	s, r := n[0], n[1]
	since := s.state.Vector.Clone()
	s.set(rr("www", TypeA, "192.0.2.3"))
	r.now += 5000
	r.set(rr("www", TypeA, "192.0.2.8"), rr("mail", TypeA, "192.0.2.9"))
	p := Push{Delta: s.state.deltaOf(since, []Key{wwwKey(s)}), Sender: map[NodeID]bool{s.id: true}, Before: r.state.Vector.Clone()}
	r.joinDelta(p.Delta)
	writes, lost := r.state.Replace(p)
	r.write(writes...)
	r.serves("mail A 192.0.2.9", "www A 192.0.2.3")
	if len(lost) != 1 || !r.last[0].After[0].Replace {
		t.Errorf("lost %v, wrote %+v", lost, r.last)
	}
}

// What the receiver already has is only joined: no copy, so nothing to pass on.
func TestWhatTheSenderSawIsOnlyJoined(t *testing.T) {
	n := sharing(t, []string{"s", "r"}, rr("www", TypeA, "192.0.2.1"))
	s, r := n[0], n[1]
	s.set(rr("www", TypeA, "192.0.2.3"))
	if _, copied := s.push(r, false); copied {
		t.Error("a plain edit was copied")
	}
	r.serves("www A 192.0.2.3")
}

// What a third node wrote and what came to the sender by another replace are not the sender's to push through.
func TestOnlyTheSendersOwnWritesReplace(t *testing.T) {
	n := sharing(t, []string{"s", "r", "third"}, rr("www", TypeA, "192.0.2.1"))
	s, r, third := n[0], n[1], n[2]
	third.now += 5000
	third.set(rr("www", TypeA, "192.0.2.3"))
	s.join(third)
	r.set(rr("www", TypeA, "192.0.2.8"))
	if _, copied := s.push(r, false); copied {
		t.Error("another node's write was pushed through")
	}
	r.conflicts("value www A: 192.0.2.8 of r, served 192.0.2.3")
}

// A copy that a replace made is not a person's write, and is not copied again by the next link.
func TestAReplaceIsNotReplacedFurther(t *testing.T) {
	n := sharing(t, []string{"x", "s", "r"}, rr("www", TypeA, "192.0.2.1"))
	x, s, r := n[0], n[1], n[2]
	s.set(rr("www", TypeA, "192.0.2.3"))
	x.set(rr("www", TypeA, "192.0.2.2"))
	x.pushes(s, "www A: 192.0.2.3 of s")
	r.now += 60_000
	r.set(rr("www", TypeA, "192.0.2.8"))
	if _, copied := s.push(r, false); copied {
		t.Error("the copy at s was copied to r")
	}
	r.conflicts("value www A: 192.0.2.2 of s, served 192.0.2.8")
}

// Each write counts once: an edit at the receiver that came after it stays, however often the sender pushes.
func TestAnEditAtTheReceiverStaysWhenTheSenderHasNothingNew(t *testing.T) {
	n := sharing(t, []string{"s", "r"}, rr("www", TypeA, "192.0.2.1"))
	s, r := n[0], n[1]
	s.set(rr("www", TypeA, "192.0.2.3"))
	s.pushes(r)
	r.set(rr("www", TypeA, "192.0.2.8"))
	if _, copied := s.push(r, false); copied {
		t.Error("an old write of the sender replaced a newer edit")
	}
	r.serves("www A 192.0.2.8")
}

func TestCNAMEIsPushedThrough(t *testing.T) {
	n := sharing(t, []string{"s", "r"})
	s, r := n[0], n[1]
	r.now += 5000
	r.set(rr("www", TypeA, "192.0.2.8"), rr("web", TypeCNAME, "x"))
	s.set(rr("www", TypeCNAME, "target"), rr("web", TypeA, "192.0.2.3"))
	s.pushes(r, "web CNAME: x.example.org. of r", "www A: 192.0.2.8 of r")
	r.serves("web A 192.0.2.3", "www CNAME target.example.org.")
	r.conflicts()
}

// Both made the zone while apart: the sender's values go into the life that answers at the receiver.
func TestAWriteOnlySenderOfAnotherLife(t *testing.T) {
	n := newNodes(t, "s", "r")
	s, r := n[0], n[1]
	r.create(rr("www", TypeA, "192.0.2.8"), rr("here", TypeA, "192.0.2.9"))
	s.now += 5000
	s.createAs("alice", rr("www", TypeA, "192.0.2.3"))
	s.pushes(r, "www A: 192.0.2.8 of r")
	r.serves("here A 192.0.2.9", "www A 192.0.2.3")
	r.conflicts("life of s")
}

func TestOverwriteMakesTheZoneTheSendersOnce(t *testing.T) {
	n := sharing(t, []string{"s", "r", "third"}, rr("www", TypeA, "192.0.2.1"))
	s, r, third := n[0], n[1], n[2]
	third.set(rr("mail", TypeA, "192.0.2.5"))
	s.join(third)
	r.now += 5000
	r.set(rr("mail", TypeA, "192.0.2.8"), rr("here", TypeA, "192.0.2.9"))
	lost, _ := s.push(r, true)
	if diff := differ([]string{"here A: 192.0.2.9 of r", "mail A: 192.0.2.8 of r"}, lost); diff != "" {
		t.Errorf("lost:\n%s", diff)
	}
	r.serves("mail A 192.0.2.5", "www A 192.0.2.1")
	r.conflicts()
	if _, copied := s.push(r, true); copied {
		t.Error("an overwrite of what is already so made a change")
	}
}

func TestAWriteOnlySenderEndsTheZone(t *testing.T) {
	n := newNodes(t, "s", "r")
	s, r := n[0], n[1]
	r.create(rr("www", TypeA, "192.0.2.8"))
	s.now += 5000
	s.create(rr("www", TypeA, "192.0.2.3"))
	s.push(r, false)
	s.end()
	lost, _ := s.push(r, false)
	if len(lost) != 1 {
		t.Errorf("lost %v, want the receiver's life", lost)
	}
	r.serves("nothing")
}

func TestAZoneDeletedAtTheReceiverStaysDeleted(t *testing.T) {
	n := sharing(t, []string{"s", "r"}, rr("www", TypeA, "192.0.2.1"))
	s, r := n[0], n[1]
	r.end()
	s.set(rr("www", TypeA, "192.0.2.3"))
	s.pushes(r)
	r.serves("nothing")
	r.conflicts("deleted www A: 192.0.2.3 of s, served nothing")
}

// Three write-only links in a ring. Each write of a person makes at most one copy per link, and then it is quiet.
func TestARingOfThreeWriteOnlyLinksEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := sharing(t, []string{"a", "b", "c"}, rr("www", TypeA, "192.0.2.100"))
		writes, copies := 0, 0
		pass := func(i int) bool {
			before := n[(i+1)%3].state.ETag()
			if _, copied := n[i].push(n[(i+1)%3], false); copied {
				copies++
			}
			return before != n[(i+1)%3].state.ETag()
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			i := rapid.IntRange(0, 2).Draw(t, "node")
			n[i].now += Millis(rapid.IntRange(-3000, 3000).Draw(t, "clock"))
			if rapid.Bool().Draw(t, "push") {
				pass(i)
				continue
			}
			set := rr(rapid.SampledFrom([]string{"www", "mail"}).Draw(t, "owner"), TypeA, fmt.Sprintf("192.0.2.%d", rapid.IntRange(1, 3).Draw(t, "value")))
			if w := n[i].state.Set(set); len(w) > 0 {
				writes++
				n[i].write(w...)
			}
		}
		quiet := 0
		for i := 0; quiet < 3; i++ {
			if pass(i % 3) {
				quiet = 0
			} else {
				quiet++
			}
			if i > 100 {
				t.Fatal("the ring does not come to rest")
			}
		}
		if copies > 3*writes {
			t.Fatalf("%d writes made %d copies, want at most one per link", writes, copies)
		}
		agree(t, n...)
	})
}
