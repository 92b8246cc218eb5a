package zone

import (
	"errors"
	"math"
	"testing"
)

func TestOneChangeHasOneDotHoweverManyKeys(t *testing.T) {
	a := sharing(t, []string{"a"})[0]
	before := a.state.Serial()
	dot := a.set(rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"), rr("ftp", TypeA, "192.0.2.3"))
	if dot != (Dot{Node: a.id, Counter: 2}) || a.state.Serial() != before+1 {
		t.Errorf("dot %s, serial %d after %d", dot, a.state.Serial(), before)
	}
	for _, kc := range a.last {
		if len(kc.After) != 1 || kc.After[0].Dot != dot || kc.After[0].Hash != a.last[0].After[0].Hash {
			t.Errorf("%s: %+v", keyText(kc.Key), kc.After)
		}
	}
}

// A reader who compares times must never see an effect before its cause.
func TestAClockThatIsBehindDoesNotPutAChangeBeforeWhatItReplaces(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	a.now += 1 << 30
	a.set(rr("www", TypeA, "192.0.2.2"))
	b.join(a)
	b.set(rr("www", TypeA, "192.0.2.3"))
	if got := b.last[0].After[0].Time; got != a.now+1 {
		t.Errorf("time %d, want %d", got, a.now+1)
	}
	meet(n...)
	a.serves("www A 192.0.2.3")
	a.conflicts()
}

func TestATimeAtTheEndOfTimeDoesNotOverflow(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	a.now = math.MaxInt64 - 1000
	a.set(rr("www", TypeA, "192.0.2.2"))
	a.now = startTime
	a.set(rr("www", TypeA, "192.0.2.3"))
	if got := a.last[0].After[0].Time; got != math.MaxInt64 {
		t.Errorf("time %d", got)
	}
	a.serves("www A 192.0.2.3")
}

func TestAChangeReplacesOnlyWhatItsWriterSaw(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	saw := a.state.Vector.Clone()
	b.set(rr("www", TypeA, "192.0.2.2"))
	a.join(b)
	c := a.state.Change(a.tick(), "a", a.state.Set(rr("www", TypeA, "192.0.2.3"))...)
	c.Saw = saw
	a.apply(c)
	a.serves("www A 192.0.2.3")
	a.conflicts("value www A: 192.0.2.2 of b, served 192.0.2.3")
}

func TestInvalidChangesAreRefusedAndChangeNothing(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	life, _ := a.state.Life()
	www := wwwKey(a)
	good := storedValue(rr("www", TypeA, "192.0.2.2"))
	change := func(writes ...Write) Change {
		return Change{Zone: exampleOrg, Time: a.now, Saw: a.state.Vector, Writes: writes}
	}
	other := change(Write{Key: www, Value: good})
	other.Zone = "\x03net\x00"
	foresight := change(Write{Key: www, Value: good})
	foresight.Saw = Vector{a.id: 9}
	for name, c := range map[string]Change{
		"another zone":               other,
		"a writer who saw more":      foresight,
		"nothing":                    change(),
		"a key twice":                change(Write{Key: www, Value: good}, Write{Key: www, Absent: true}),
		"a life not known":           change(Write{Key: www.of(Dot{a.id, 7}), Value: good}),
		"a life without creation":    change(Write{Key: www.of(Dot{}), Value: good}),
		"absent with a value":        change(Write{Key: www, Absent: true, Value: good}),
		"a value that is no set":     change(Write{Key: www, Value: []byte{0}}),
		"an owner outside the zone":  change(Write{Key: Key{Life: life.Life, Owner: "\x03net\x00", Type: TypeA}, Value: good}),
		"a type of questions":        change(Write{Key: Key{Life: life.Life, Owner: www.Owner, Type: TypeAXFR}, Value: good}),
		"an end that saw nothing":    change(Write{Key: Key{Life: life.Life, Meta: MetaEnd}, Value: []byte("?")}),
		"a creation time of letters": change(Write{Key: Key{Life: life.Life, Meta: MetaCreated}, Value: []byte("x")}),
	} {
		before := a.state.Clone()
		if _, _, err := a.state.Apply(a.id, c); !errors.Is(err, ErrInvalidChange) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := differ(before, a.state); diff != "" {
			t.Errorf("%s: the state changed:\n%s", name, diff)
		}
	}
	if _, _, err := a.state.Apply(NodeID{}, change(Write{Key: www, Value: good})); err == nil {
		t.Error("a change without a node id was applied")
	}
}

func TestStaleEdit(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"))
	a := n[0]
	read := a.state.Vector.Clone()
	keys := []Key{{Owner: rr("www", TypeA).Owner, Type: TypeA}, {Owner: rr("mail", TypeA).Owner, Type: TypeA}}
	if got := a.state.ChangedSince(read, keys); len(got) != 0 {
		t.Errorf("nothing changed, and %v is stale", got)
	}
	a.set(rr("www", TypeA, "192.0.2.9"))
	if got := a.state.ChangedSince(read, keys); len(got) != 1 || got[0] != keys[0] {
		t.Errorf("www changed, and %v is stale", got)
	}
	read = a.state.Vector.Clone()
	a.write(append(a.state.Set(rr("mail", TypeCNAME, "www")), a.state.Set(RRset{Owner: keys[1].Owner, Type: TypeA})...)...)
	txt := Key{Owner: keys[1].Owner, Type: TypeTXT}
	if got := a.state.ChangedSince(read, []Key{txt}); len(got) != 1 {
		t.Error("a record set beside a CNAME that came meanwhile is not stale")
	}
	cname := Key{Owner: keys[0].Owner, Type: TypeCNAME}
	read = a.state.Vector.Clone()
	a.set(rr("www", TypeTXT, "x"))
	if got := a.state.ChangedSince(read, []Key{cname}); len(got) != 1 {
		t.Error("a CNAME set over a record that came meanwhile is not stale")
	}
	read = a.state.Vector.Clone()
	a.end()
	a.create()
	if got := a.state.ChangedSince(read, keys); len(got) != 2 {
		t.Errorf("the zone was made anew, and only %v is stale", got)
	}
}
