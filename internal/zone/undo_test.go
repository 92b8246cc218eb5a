package zone

import "testing"

func TestUndoPutsBackWhatTheChangeReplaced(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"), rr("old", TypeA, "192.0.2.2"))
	a := n[0]
	a.write(append(a.state.Set(rr("www", TypeA, "192.0.2.9"), rr("new", TypeA, "192.0.2.3")), a.state.Set(rr("old", TypeA))...)...)
	change := a.last
	left := a.undo(change)
	a.serves("old A 192.0.2.2", "www A 192.0.2.1")
	if left != nil {
		t.Errorf("left: %v", left)
	}
	a.undo(a.last) // the undo is a change like any other
	a.serves("new A 192.0.2.3", "www A 192.0.2.9")
	// Undone and redone, the values are not the ones that the change wrote; the deletion is a deletion.
	if diff := differ([]string{"new A", "www A"}, a.undo(change)); diff != "" {
		t.Errorf("left:\n%s", diff)
	}
}

func TestUndoLeavesWhatWasEditedSince(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"))
	a, b := n[0], n[1]
	a.set(rr("www", TypeA, "192.0.2.8"), rr("mail", TypeA, "192.0.2.9"))
	change := a.last
	b.join(a)
	b.set(rr("www", TypeA, "192.0.2.7"))
	a.join(b)
	if diff := differ([]string{"www A"}, a.undo(change)); diff != "" {
		t.Errorf("left:\n%s", diff)
	}
	a.serves("mail A 192.0.2.2", "www A 192.0.2.7")
}

// A deletion whose absent was forgotten since is still as the change left it.
func TestUndoOfAForgottenDeletion(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	a.delete("www", TypeA)
	change := a.last
	a.state.DropAbsents(a.now + 1)
	a.undo(change)
	a.serves("www A 192.0.2.1")
}

func TestUndoOfACreationEndsTheLife(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	change := a.last
	a.undo(change)
	b.join(a)
	b.serves("nothing")
	b.conflicts()
}

func TestUndoOfACreationIsRefusedWhenTheZoneWasEditedSince(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	change := a.last
	a.set(rr("new", TypeA, "192.0.2.2"))
	if diff := differ([]string{"new A"}, a.undo(change)); diff != "" {
		t.Errorf("left:\n%s", diff)
	}
	a.serves("new A 192.0.2.2", "www A 192.0.2.1")
}

func TestUndoOfADeletionStartsANewLife(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	first, _ := a.state.Life()
	a.end()
	a.undo(a.last)
	b.join(a)
	b.serves("www A 192.0.2.1")
	b.conflicts()
	life, _ := b.state.Life()
	if life.Life == first.Life || life.Owner != first.Owner {
		t.Errorf("life %+v after %+v", life, first)
	}
	if left := b.undo(a.last); left != nil {
		t.Errorf("left: %v", left)
	}
	b.serves("nothing")
}

// What was edited elsewhere while the zone was deleted comes back with it and is no conflict any more.
func TestUndoOfADeletionTakesInWhatWasEditedMeanwhile(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	a.end()
	change := a.last
	b.set(rr("www", TypeA, "192.0.2.2"))
	a.join(b)
	a.undo(change)
	a.serves("www A 192.0.2.2")
	a.conflicts()
}

func TestUndoOfADeletionDoesNotHideAZoneMadeAnew(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	a.end()
	change := a.last
	a.create(rr("www", TypeA, "192.0.2.9"))
	if left := a.undo(change); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	a.serves("www A 192.0.2.9")
}

// The life of equal content that an edit ended on its way does not come back as a second zone.
func TestUndoOfAnEditThatEndedAnEqualLife(t *testing.T) {
	n := newNodes(t, "a", "b")
	a, b := n[0], n[1]
	a.create(rr("www", TypeA, "192.0.2.1"))
	b.create(rr("www", TypeA, "192.0.2.1"))
	a.join(b)
	a.set(rr("www", TypeA, "192.0.2.2"))
	if left := a.undo(a.last); left != nil {
		t.Errorf("left: %v", left)
	}
	a.serves("www A 192.0.2.1")
	a.conflicts()
	if live := a.state.live(); len(live) != 1 {
		t.Errorf("%d lives", len(live))
	}
}

func TestUndoOfChoosingALife(t *testing.T) {
	for name, sameOwner := range map[string]bool{"of two owners": false, "of one owner": true} {
		t.Run(name, func(t *testing.T) {
			n := newNodes(t, "a", "b")
			a, b := n[0], n[1]
			a.createAs("alice", rr("www", TypeA, "192.0.2.1"))
			owner := "bob"
			if sameOwner {
				owner = "alice"
			}
			b.now += 5000
			b.createAs(owner, rr("www", TypeA, "192.0.2.2"))
			a.join(b)
			before := a.served()
			a.keep(a.conflict())
			a.conflicts()
			a.now += 60_000
			a.undo(a.last)
			a.serves(before...)
			if c := a.conflict(); c.Kind != ConflictLife {
				t.Errorf("conflict %s", conflictText(c))
			}
		})
	}
}

func TestUndoOfSettlingAConflictServesWhatWasServed(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.2"))
	n[1].now += 5000
	n[1].set(rr("www", TypeA, "192.0.2.3"))
	n[0].join(n[1])
	n[0].choose(n[0].conflict())
	n[0].serves("www A 192.0.2.2")
	n[0].undo(n[0].last)
	n[0].serves("www A 192.0.2.3")
}

func TestUndoInALifeThatHasEnded(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	a.set(rr("www", TypeA, "192.0.2.2"))
	change := a.last
	a.end()
	if left := a.undo(change); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	a.serves("nothing")
}

// Put back together under one time, the A record would win over the CNAME that hid it before the change.
func TestUndoServesTheCNAMEThatWasServed(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	a, b := n[0], n[1]
	a.set(rr("www", TypeA, "192.0.2.1"))
	b.now += 5000
	b.set(rr("www", TypeCNAME, "target"))
	a.join(b)
	a.delete("www", TypeCNAME)
	a.serves()
	a.undo(a.last)
	a.serves("www CNAME target.example.org.")
}
