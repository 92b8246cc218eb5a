package zone

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Two customers create one zone while apart. Neither ever answers for names of the other, and the older one goes on.
func TestLivesOfTwoOwnersAreNotMixed(t *testing.T) {
	n := newNodes(t, "a", "b")
	a, b := n[0], n[1]
	older := a.createAs("alice", rr("www", TypeA, "192.0.2.1"))
	b.now += 1 << 30
	younger := b.createAs("bob", rr("www", TypeA, "192.0.2.2"), rr("mail", TypeA, "192.0.2.3"))
	meet(n...)
	for _, node := range n {
		node.serves("www A 192.0.2.1")
		node.conflicts("life of b")
	}
	agree(t, n...)

	// A later edit of the younger one does not make it answer; bob's names are still not alice's.
	b.write(Write{Key: Key{Life: younger, Owner: rr("www", TypeA).Owner, Type: TypeA}, Value: storedValue(rr("www", TypeA, "192.0.2.9"))})
	meet(n...)
	a.serves("www A 192.0.2.1")
	hidden, ok := a.state.LifeView(younger)
	if !ok || hidden.Owner != "bob" || !slices.Contains(contentOf(hidden), "www A 192.0.2.9") {
		t.Errorf("the hidden life is shown as %+v", hidden)
	}

	// Keep one: the other ends.
	b.choose(b.conflict())
	meet(n...)
	a.serves("mail A 192.0.2.3", "www A 192.0.2.9")
	a.conflicts()
	for _, l := range a.state.Lives() {
		if l.Ended != (l.Life == older) {
			t.Errorf("life %s: ended is %v", l.Life, l.Ended)
		}
	}
}

// The creating clock decides, not a file's date, and not the node that was heard first.
func TestAnOldZoneDoesNotLoseToOneMadeNow(t *testing.T) {
	n := newNodes(t, "z", "a")
	n[0].createAs("alice", rr("www", TypeA, "192.0.2.1"))
	n[1].now += 1 << 36
	n[1].createAs("bob", rr("www", TypeA, "192.0.2.2"))
	n[1].join(n[0])
	n[1].serves("www A 192.0.2.1")
}

func TestLivesOfOneOwnerServeTheOneWrittenLast(t *testing.T) {
	n := newNodes(t, "a", "b")
	a, b := n[0], n[1]
	a.create(rr("www", TypeA, "192.0.2.1"))
	b.now += 5000
	b.create(rr("www", TypeA, "192.0.2.2"))
	meet(n...)
	a.serves("www A 192.0.2.2")
	a.conflicts("life of a")
	agree(t, n...)
}

// Of equal content, but not of one owner: a write to one must not end another customer's life.
func TestLivesOfTwoOwnersAreAConflictEvenWhenEqual(t *testing.T) {
	n := newNodes(t, "a", "b")
	a, b := n[0], n[1]
	a.createAs("alice", rr("www", TypeA, "192.0.2.1"))
	b.now += 5000
	b.createAs("bob", rr("www", TypeA, "192.0.2.1"))
	meet(n...)
	a.conflicts("life of b")
	a.set(rr("www", TypeA, "192.0.2.2"))
	if lives := a.state.live(); len(lives) != 2 {
		t.Errorf("%d lives are left", len(lives))
	}
	a.conflicts("life of b")
}

// An absent may be forgotten at any time, and which life answers must not change by that.
func TestAbsentsDoNotCountInTheChoiceOfALife(t *testing.T) {
	n := newNodes(t, "a", "b")
	a, b := n[0], n[1]
	a.create(rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.1"))
	b.now += 5000
	b.create(rr("www", TypeA, "192.0.2.2"))
	a.now += 50_000
	a.delete("mail", TypeA) // has not seen b's life
	meet(n...)
	a.serves("www A 192.0.2.2")
	a.state.DropAbsents(a.now + 1)
	a.serves("www A 192.0.2.2")
	agree(t, n...)
}

// A deletion must not make the life that was written the older one, and so serve another content all at once.
func TestADeletionDoesNotSwitchLives(t *testing.T) {
	n := newNodes(t, "a", "b")
	a, b := n[0], n[1]
	a.create(rr("www", TypeA, "192.0.2.1"))
	b.now += 5000
	b.create()
	a.now += 10_000
	a.set(rr("mail", TypeA, "192.0.2.5"))
	a.join(b)
	a.serves("mail A 192.0.2.5", "www A 192.0.2.1")
	a.now = startTime // nor with a clock that was set back
	a.delete("mail", TypeA)
	a.serves("www A 192.0.2.1")
	a.conflicts("life of b")
}

// Two nodes import the same file while apart. Were the newest of equal lives kept, each writer would end the other's
// life, and both edits would be lost in ended lives.
func TestWritersToEqualLivesKeepTheSameOne(t *testing.T) {
	n := newNodes(t, "a", "b", "c")
	a, b, c := n[0], n[1], n[2]
	content := rr("www", TypeA, "192.0.2.1")
	kept := a.create(content)
	b.now += 5000
	b.create(content)
	c.join(a, b)
	c.serves("www A 192.0.2.1")
	c.conflicts()

	a.join(b)
	b.join(a)
	a.set(rr("mail", TypeA, "192.0.2.2"))
	b.set(rr("ftp", TypeA, "192.0.2.3"))
	meet(n...)
	c.serves("ftp A 192.0.2.3", "mail A 192.0.2.2", "www A 192.0.2.1")
	c.conflicts()
	agree(t, n...)
	if life, _ := c.state.Life(); life.Life != kept {
		t.Errorf("life %s was kept, want the oldest, %s", life.Life, kept)
	}
}

// What only a life of equal content hides would be lost without a word when that life is ended.
func TestConflictsInsideALifeOfEqualContentAreListed(t *testing.T) {
	n := newNodes(t, "a", "b", "c")
	a, b, c := n[0], n[1], n[2]
	a.create(rr("www", TypeA, "192.0.2.1"))
	b.now += 5000
	b.create(rr("www", TypeA, "192.0.2.7"))
	c.join(b)
	c.set(rr("www", TypeA, "192.0.2.8"))
	b.now += 5000
	b.set(rr("www", TypeA, "192.0.2.1"))
	meet(n...)
	a.serves("www A 192.0.2.1")
	a.conflicts("value www A: 192.0.2.8 of c, served 192.0.2.1")
	a.choose(a.conflict())
	meet(n...)
	c.serves("www A 192.0.2.8")
	c.conflicts()
}

func TestDeletedHereEditedThere(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"))
	a, b, c := n[0], n[1], n[2]
	a.end()
	b.set(rr("www", TypeA, "192.0.2.9"))
	meet(n...)
	for _, node := range n {
		node.serves("nothing")
		node.conflicts("deleted www A: 192.0.2.9 of b, served nothing")
	}
	agree(t, n...)

	dismissed := a.state.Clone()
	a.keep(a.conflict())
	a.serves("nothing")
	a.conflicts()

	a.state = dismissed
	a.choose(a.conflict())
	meet(n...)
	c.serves("mail A 192.0.2.2", "www A 192.0.2.9")
	c.conflicts()
	agree(t, n...)
}

func TestConcurrentEndsUniteWhatTheySaw(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"}, rr("www", TypeA, "192.0.2.1"))
	a, b, c := n[0], n[1], n[2]
	a.set(rr("one", TypeA, "192.0.2.2"))
	b.set(rr("two", TypeA, "192.0.2.3"))
	a.end() // saw one
	b.end() // saw two
	meet(n...)
	c.serves("nothing")
	c.conflicts()
	if lives := c.state.Lives(); len(c.state.Keys[Key{Life: lives[0].Life, Meta: MetaEnd}]) != 2 {
		t.Error("there are not two ends")
	}
}

func TestAnEndedLifeNeverLivesAgain(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a := n[0]
	life, _ := a.state.Life()
	a.end()
	www := Key{Life: life.Life, Owner: rr("www", TypeA).Owner, Type: TypeA}
	for name, w := range map[string]Write{
		"a value in an ended life": {Key: www, Value: storedValue(rr("www", TypeA, "192.0.2.2"))},
		"an absent end":            {Key: Key{Life: life.Life, Meta: MetaEnd}, Absent: true},
	} {
		if _, _, err := a.state.Apply(a.id, a.state.Change(a.now, "a", w)); !errors.Is(err, ErrInvalidChange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRestoreStartsANewLife(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	old, _ := a.state.Life()
	serial := a.state.Serial()
	a.end()
	c, err := a.state.Restore(old.Life, a.options())
	if err != nil {
		t.Fatal(err)
	}
	dot := a.apply(c)
	meet(n...)
	b.serves("www A 192.0.2.1")
	if life, _ := b.state.Life(); life.Life != dot || life.Life == old.Life {
		t.Errorf("life %s answers, want the new one, %s", life.Life, dot)
	}
	if !ahead(b.state.Serial(), serial) {
		t.Errorf("serial %d after %d", b.state.Serial(), serial)
	}
	agree(t, n...)

	// An edit that a node makes to the old life meanwhile is a conflict and does not reach the new one.
	late := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	late[0].end()
	late[1].set(rr("www", TypeA, "192.0.2.3"))
	first, _ := late[1].state.Life()
	c, _ = late[0].state.Restore(first.Life, late[0].options())
	late[0].apply(c)
	meet(late...)
	late[0].serves("www A 192.0.2.1")
	late[0].conflicts("deleted www A: 192.0.2.3 of b, served 192.0.2.1")
	late[0].choose(late[0].conflict())
	late[0].serves("www A 192.0.2.3")
	late[0].conflicts()
}

// What was written to the deleted zone displaces what cannot stand beside it in the new one (RFC 1034 section 3.6.2).
func TestChoosingWhatWasWrittenToADeletedZoneObeysTheCNAMERule(t *testing.T) {
	for name, c := range map[string]struct {
		late, there []RRset
		want        []string
	}{
		"an alias where addresses are": {
			late: []RRset{rr("www", TypeCNAME, "target")}, there: []RRset{rr("www", TypeA, "192.0.2.1"), rr("www", TypeTXT, "x")},
			want: []string{"mail A 192.0.2.2", "www CNAME target.example.org."},
		},
		"an address where an alias is": {
			late: []RRset{rr("www", TypeA, "192.0.2.3")}, there: []RRset{rr("www", TypeCNAME, "target")},
			want: []string{"mail A 192.0.2.2", "www A 192.0.2.3"},
		},
		"an address beside a text": {
			late: []RRset{rr("www", TypeA, "192.0.2.3")}, there: []RRset{rr("www", TypeTXT, "x")},
			want: []string{"mail A 192.0.2.2", "www A 192.0.2.3", `www TXT "x"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := sharing(t, []string{"a", "b"}, rr("mail", TypeA, "192.0.2.2"))
			a, b := n[0], n[1]
			a.end()
			b.set(c.late...)
			a.create(append(c.there, rr("mail", TypeA, "192.0.2.2"))...)
			meet(n...)
			a.choose(a.conflict())
			a.serves(c.want...)
			a.conflicts()
			meet(n...)
			agree(t, n...)
		})
	}
}

func TestAnAliasAtTheApexOfADeletedZoneCannotBeChosen(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	a, b := n[0], n[1]
	life, _ := a.state.Life()
	a.end()
	alias := NewRRset(exampleOrg, TypeCNAME, 300, rr("www", TypeCNAME, "target").Data)
	b.write(Write{Key: Key{Life: life.Life, Owner: exampleOrg, Type: TypeCNAME}, Value: storedValue(alias)})
	a.create()
	meet(n...)
	if _, err := a.state.Choose(a.conflict(), a.options()); err == nil || !strings.Contains(err.Error(), "apex") {
		t.Errorf("got %v", err)
	}
}

func TestDeletingAZoneEndsEveryLifeThatTheWriterSaw(t *testing.T) {
	n := newNodes(t, "a", "b", "c")
	a, b, c := n[0], n[1], n[2]
	a.createAs("alice")
	b.createAs("bob")
	a.join(b)
	unseen := c.createAs("carol", rr("www", TypeA, "192.0.2.1"))
	a.end()
	a.serves("nothing")
	meet(n...)
	a.serves("www A 192.0.2.1")
	if life, _ := a.state.Life(); life.Life != unseen {
		t.Errorf("life %s answers, want %s, which the end had not seen", life.Life, unseen)
	}
}

// No ghosts, however long a member was away; and what is left is small.
func TestEndedContentIsForgottenAndStaysDeleted(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeTXT, "x"))
	a, b := n[0], n[1]
	a.end()
	digest := a.state.Digest()
	if dropped := a.state.DropEnded(a.now); len(dropped) != 0 {
		t.Errorf("dropped %d keys before their time", len(dropped))
	}
	dropped := a.state.DropEnded(a.now + 1)
	if len(dropped) != 5 || len(a.state.Keys) != 3 {
		t.Errorf("dropped %d keys, left %d; want home and 4 RRsets dropped, and end, owner and creation left", len(dropped), len(a.state.Keys))
	}
	if a.state.Digest() != digest {
		t.Error("what an end has seen counts in the digest")
	}
	b.set(rr("ftp", TypeA, "192.0.2.5"))
	meet(n...)
	a.serves("nothing")
	a.conflicts("deleted ftp A: 192.0.2.5 of b, served nothing")
	agree(t, n...)
	if _, err := a.state.Restore(a.state.Lives()[0].Life, a.options()); err != nil {
		t.Errorf("what is left cannot be restored: %v", err)
	}
}

func TestRestoreOfForgottenContentSaysSo(t *testing.T) {
	n := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))
	n[0].end()
	n[0].state.DropEnded(n[0].now + 1)
	if _, err := n[0].state.Restore(n[0].state.Lives()[0].Life, n[0].options()); !errors.Is(err, ErrNothingLeft) {
		t.Errorf("got %v", err)
	}
}

func TestPartialStateKnowsWhenItNeedsTheWhole(t *testing.T) {
	n := newNodes(t, "a", "b")
	n[0].create(rr("www", TypeA, "192.0.2.1"))
	if n[0].state.NeedsWhole() {
		t.Error("one life needs no more than its metadata")
	}
	n[1].create(rr("www", TypeA, "192.0.2.1"))
	n[0].join(n[1])
	if !n[0].state.NeedsWhole() {
		t.Error("which of two lives answers depends on all their keys")
	}
}
