package zone

import "testing"

// Two ACME clients add a challenge each at the same time. Both must be answered, or both validations race.
func TestTwoACMEChallengesAtOnce(t *testing.T) {
	n := sharing(t, []string{"a", "b", "c"})
	a, b, c := n[0], n[1], n[2]
	a.add(rrTTL("_acme-challenge", TypeTXT, 120, "one"))
	b.add(rrTTL("_acme-challenge", TypeTXT, 60, "two"))
	meet(n...)
	for _, node := range n {
		node.serves(`_acme-challenge TXT "one", "two" ttl 60`)
		node.conflicts()
	}
	agree(t, n...)

	// The run goes on: the next additions, again at once, unite with it.
	c.add(rrTTL("_acme-challenge", TypeTXT, 60, "three"))
	a.add(rrTTL("_acme-challenge", TypeTXT, 60, "four"))
	meet(n...)
	b.serves(`_acme-challenge TXT "one", "two", "four", "three" ttl 60`)
	b.conflicts()
	agree(t, n...)
}

func TestAdditionsToASharedSetUnite(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].add(rr("www", TypeA, "192.0.2.2"))
	n[1].add(rr("www", TypeA, "192.0.2.3"))
	meet(n...)
	n[0].serves("www A 192.0.2.1, 192.0.2.2, 192.0.2.3")
	n[0].conflicts()
}

// A set that someone replaced in between must not come back by a union with what was added to the old one.
func TestAdditionsThatBeganApartAreNotUnited(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.7"))
	n[0].add(rr("www", TypeA, "192.0.2.8"))
	n[1].add(rr("www", TypeA, "192.0.2.2"))
	meet(n...)
	n[1].serves("www A 192.0.2.7, 192.0.2.8")
	n[1].conflicts("value www A: 192.0.2.1, 192.0.2.2 of b, served 192.0.2.7, 192.0.2.8")
}

// A record removed from a run is not brought back by a later addition that saw the removal.
func TestARemovalEndsARunOfAdditions(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	a, b := n[0], n[1]
	a.add(rr("x", TypeTXT, "one"))
	b.join(a)
	b.add(rr("x", TypeTXT, "two")) // on a's run
	a.delete("x", TypeTXT)
	a.add(rr("x", TypeTXT, "three"))
	meet(n...)
	a.serves(`x TXT "three"`)
	a.conflicts(`value x TXT: "one", "two" of b, served "three"`)
}

// A set or a file that happens to be larger is no addition.
func TestALargerSetIsNoAddition(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	n[0].set(rr("www", TypeA, "192.0.2.1", "192.0.2.2"))
	n[1].set(rr("www", TypeA, "192.0.2.1", "192.0.2.3"))
	meet(n...)
	n[0].serves("www A 192.0.2.1, 192.0.2.2")
	n[0].conflicts("value www A: 192.0.2.1, 192.0.2.3 of b, served 192.0.2.1, 192.0.2.2")
}

func TestBeginOfAnAddition(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	begin := func(set RRset) Dot {
		t.Helper()
		w := a.state.Add(set)
		if len(w) != 1 || !w[0].Addition {
			t.Fatalf("%+v is no addition", w)
		}
		return w[0].Begin
	}
	if got := begin(rr("new", TypeA, "192.0.2.2")); !got.IsZero() {
		t.Errorf("at a key without a version: %s, want none", got)
	}
	created := Dot{Node: a.id, Counter: 1}
	if got := begin(rr("www", TypeA, "192.0.2.2")); got != created {
		t.Errorf("at a set: %s, want its dot, %s", got, created)
	}
	a.add(rr("www", TypeA, "192.0.2.2"))
	if got := begin(rr("www", TypeA, "192.0.2.3")); got != created {
		t.Errorf("at an addition: %s, want its begin, %s", got, created)
	}
	deleted := a.delete("www", TypeA)
	if got := begin(rr("www", TypeA, "192.0.2.3")); got != deleted {
		t.Errorf("at an absent: %s, want its dot, %s", got, deleted)
	}
}

func TestSingletonsAndMetadataAreNeverUnited(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	for i, target := range []string{"one", "two"} {
		w := n[i].state.Add(rr("c", TypeCNAME, target), rr("d", TypeDNAME, target), rr("@", TypeSOA, target+" host 1 2 3 4 5"))
		for j := range w {
			if w[j].Addition {
				t.Errorf("%s is written as an addition", keyText(w[j].Key))
			}
			w[j].Addition = j < 2 // as a foreign node might
		}
		w[2] = n[i].state.Set(rr("@", TypeSOA, target+" host 1 2 3 4 5"))[0]
		w[2].Addition = true
		n[i].write(w...)
	}
	meet(n...)
	n[0].serves("c CNAME one.example.org.", "d DNAME one.example.org.")
	if got := len(n[0].state.Conflicts()); got != 3 {
		t.Errorf("%d conflicts, want 3", got)
	}
}

func TestCNAMEAndOtherDataAtOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		cnameLater Millis
		serves     string
		conflict   string
	}{
		"the CNAME is later":      {5000, "www CNAME target.example.org.", "cname www A: 192.0.2.1 of a, served target.example.org."},
		"the CNAME is earlier":    {-5000, "www A 192.0.2.1", "cname www CNAME: target.example.org. of b, served 192.0.2.1"},
		"both at one millisecond": {0, "www A 192.0.2.1", "cname www CNAME: target.example.org. of b, served 192.0.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			n := sharing(t, []string{"a", "b"})
			a, b := n[0], n[1]
			b.now = a.now + tc.cnameLater
			a.set(rr("www", TypeA, "192.0.2.1"))
			b.set(rr("www", TypeCNAME, "target"))
			meet(n...)
			a.serves(tc.serves)
			a.conflicts(tc.conflict)
			agree(t, n...)

			chosen := a.state.Clone()
			a.keep(a.conflict())
			a.serves(tc.serves)
			a.conflicts()
			a.state = chosen
			before := a.served()
			a.choose(a.conflict())
			a.conflicts()
			if got := a.served(); len(got) != 1 || got[0] == before[0] {
				t.Errorf("chosen: %q, before: %q", got, before)
			}
		})
	}
}

// A CNAME that is later than one of the other types but not than all is not served.
func TestCNAMEMustBeLaterThanEveryOtherType(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	a, b := n[0], n[1]
	a.set(rr("www", TypeA, "192.0.2.1"))
	b.now = a.now
	b.set(rr("www", TypeCNAME, "target"))
	a.now += 5000
	a.set(rr("www", TypeTXT, "x"))
	meet(n...)
	a.serves("www A 192.0.2.1", `www TXT "x"`)
}

// A type that is absent by now does not count, however late it was deleted: its absent may be forgotten at any time, and
// what is served must not change by that.
func TestAbsentsDoNotCountInTheCNAMERule(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	b.set(rr("www", TypeA), rr("www", TypeCNAME, "target"))
	a.now += 50_000
	a.delete("www", TypeA)
	meet(n...)
	a.serves("www CNAME target.example.org.")
	a.conflicts()
	a.state.DropAbsents(a.now + 1)
	a.serves("www CNAME target.example.org.")
	agree(t, n...)
}

// The apex has the SOA, so a CNAME there would make the whole zone unservable.
func TestCNAMEAtTheApexIsNeverServed(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	b.now += 1 << 30
	b.write(b.state.Set(rr("@", TypeCNAME, "target"))...)
	meet(n...)
	a.serves("www A 192.0.2.1")
	a.conflicts("cname @ CNAME: target.example.org. of b, served ns1.example.net.")
	if _, err := a.state.Choose(a.conflict(), a.options()); err == nil {
		t.Error("a CNAME at the apex was chosen")
	}
	a.set(rr("@", TypeTXT, "x")) // a write at the apex replaces it
	a.conflicts()
}

// What the CNAME rule hides would otherwise come back by itself when the CNAME is deleted one day.
func TestAWriteAtAnOwnerNameReplacesWhatIsHiddenThere(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	a, b := n[0], n[1]
	a.set(rr("www", TypeA, "192.0.2.1"))
	b.now += 5000
	b.set(rr("www", TypeCNAME, "target"))
	meet(n...)
	a.delete("www", TypeCNAME)
	a.serves()
	a.conflicts()
	meet(n...)
	agree(t, n...)
}

// Whoever chooses the A record against the CNAME gets back all that the CNAME hid: nothing of it conflicts with the A.
func TestChoosingAgainstACNAMEBringsBackAllThatItHid(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	a, b := n[0], n[1]
	a.set(rr("www", TypeA, "192.0.2.1"), rr("www", TypeTXT, "x"))
	b.now += 5000
	b.set(rr("www", TypeCNAME, "target"))
	a.join(b)
	a.serves("www CNAME target.example.org.")
	for _, c := range a.state.Conflicts() {
		if c.Key.Type == TypeA {
			a.choose(c)
		}
	}
	a.serves("www A 192.0.2.1", `www TXT "x"`)
	a.conflicts()
}

func TestSOAIsComparedWithoutItsSerial(t *testing.T) {
	a := sharing(t, []string{"a"})[0]
	if w := a.state.Set(rr("@", TypeSOA, "ns1 host 99 3600 600 86400 300")); w != nil {
		t.Errorf("another serial alone is written: %+v", w)
	}
	view, _ := a.state.View()
	if got := SOASerial(view.RRsets[1].Data[0]); view.RRsets[1].Type != TypeSOA || got != view.Serial || got != a.state.Serial() {
		t.Errorf("the SOA has serial %d, the view %d", got, view.Serial)
	}
}

// Metadata of one life: the greatest (time, dot) counts, the other is a conflict until the next write.
func TestConcurrentMetadata(t *testing.T) {
	n := sharing(t, []string{"a", "b"})
	n[0].write(n[0].state.SetMeta(MetaHome, "one")...)
	n[1].now += 5000
	n[1].write(n[1].state.SetMeta(MetaHome, "two")...)
	meet(n...)
	view, _ := n[0].state.View()
	if view.Home != "two" {
		t.Errorf("home is %q", view.Home)
	}
	n[0].conflicts(`value home: "one" of a, served "two"`)
	n[0].write(n[0].state.SetMeta(MetaHome, "two")...)
	n[0].conflicts()
}
