package zone

import "testing"

// fileOf is a file with SOA and NS.
func fileOf(sets ...RRset) []RRset { return append(soaAndNS(), sets...) }

func (n *testNode) importFile(base *SourceBase, sets ...RRset) bool {
	n.t.Helper()
	c := n.state.Import(n.tick(), "file", fileOf(sets...), base)
	if len(c.Writes) == 0 {
		return false
	}
	n.apply(c)
	return true
}

func TestAPersonsImportReplacesWhatIsServed(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"), rr("old", TypeA, "192.0.2.2"), rr("same", TypeA, "192.0.2.3"))[0]
	a.importFile(a.state.CurrentBase(), rr("www", TypeA, "192.0.2.9"), rr("new", TypeA, "192.0.2.4"), rr("same", TypeA, "192.0.2.3"))
	a.serves("new A 192.0.2.4", "same A 192.0.2.3", "www A 192.0.2.9")
	a.conflicts()
	if len(a.last) != 3 {
		t.Errorf("%d keys written, want www, old and new", len(a.last))
	}
}

func TestAnImportWithoutDifferenceIsNoChange(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	if a.importFile(a.state.CurrentBase(), rr("www", TypeA, "192.0.2.1")) || a.importFile(nil, rr("www", TypeA, "192.0.2.1")) {
		t.Error("the same content was committed")
	}
}

// The source last sent www .1. Since then www was edited here. A file that still says .1 does not take the edit back; one
// that changed other records changes those alone.
func TestASourceDoesNotTakeBackWhatItDidNotChange(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"), rr("old", TypeA, "192.0.2.3"))[0]
	base := a.state.CurrentBase()
	a.set(rr("www", TypeA, "192.0.2.9"), rr("here", TypeA, "192.0.2.5"))
	a.importFile(base, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.8"))
	a.serves("here A 192.0.2.5", "mail A 192.0.2.8", "www A 192.0.2.9")
	a.conflicts()
}

func TestASourceAndWeBothChanged(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"), rr("gone", TypeA, "192.0.2.2"), rr("mail", TypeA, "192.0.2.3"))[0]
	base := a.state.CurrentBase()
	a.set(rr("www", TypeA, "192.0.2.9"), rr("gone", TypeA, "192.0.2.8"))
	a.delete("mail", TypeA)
	a.importFile(base, rr("www", TypeA, "192.0.2.7"), rr("mail", TypeA, "192.0.2.6"))
	a.serves("gone A 192.0.2.8", "mail A 192.0.2.6", "www A 192.0.2.7")
	a.conflicts(
		"value gone A: absent of file, served 192.0.2.8",
		"value mail A: absent of a, served 192.0.2.6",
		"value www A: 192.0.2.9 of a, served 192.0.2.7")
}

func TestBothSidesMadeTheSameChange(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"), rr("old", TypeA, "192.0.2.2"))[0]
	base := a.state.CurrentBase()
	a.set(rr("www", TypeA, "192.0.2.9"))
	a.delete("old", TypeA)
	if a.importFile(base, rr("www", TypeA, "192.0.2.9")) {
		t.Error("what both did was committed again")
	}
}

// Who never got anything from us cannot mean to delete by leaving out.
func TestASourceWithoutABaseDeletesNothing(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"), rr("here", TypeA, "192.0.2.2"))[0]
	a.importFile(nil, rr("www", TypeA, "192.0.2.9"), rr("new", TypeA, "192.0.2.3"))
	a.serves("here A 192.0.2.2", "new A 192.0.2.3", "www A 192.0.2.9")
	a.conflicts("value www A: 192.0.2.1 of a, served 192.0.2.9")
}

// It carries the file's own time: an old file does not win over a newer edit.
func TestAnOldFileStandsBesideANewerEdit(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1"))[0]
	c := a.state.Import(a.now-1<<36, "file", fileOf(rr("www", TypeA, "192.0.2.9")), nil)
	a.apply(c)
	a.serves("www A 192.0.2.1")
	a.conflicts("value www A: 192.0.2.9 of file, served 192.0.2.1")
}

// Writing to equal lives ends one of them by what the state contains now, not by what the source had seen.
func TestAnImportToEqualLivesLosesNothing(t *testing.T) {
	n := newNodes(t, "a", "b")
	a, b := n[0], n[1]
	a.create(rr("www", TypeA, "192.0.2.1"))
	base := a.state.CurrentBase()
	b.create(rr("www", TypeA, "192.0.2.1"))
	a.join(b)
	a.importFile(base, rr("www", TypeA, "192.0.2.2"))
	a.serves("www A 192.0.2.2")
	a.conflicts()
}

func TestDiffIgnoresTheSerial(t *testing.T) {
	before := []RRset{rr("@", TypeSOA, "ns1 host 1 2 3 4 5"), rr("a", TypeA, "192.0.2.1"), rr("b", TypeA, "192.0.2.1")}
	after := []RRset{rr("@", TypeSOA, "ns1 host 9 2 3 4 5"), rr("b", TypeA, "192.0.2.2"), rr("c", TypeA, "192.0.2.1")}
	var got []string
	for _, d := range Diff(before, after) {
		kind := map[[2]bool]string{{true, true}: "changed", {true, false}: "deleted", {false, true}: "new"}
		got = append(got, kind[[2]bool{d.Before != nil, d.After != nil}]+" "+keyText(Key{Owner: d.Owner, Type: d.Type}))
	}
	if diff := differ([]string{"deleted a A", "changed b A", "new c A"}, got); diff != "" {
		t.Error(diff)
	}
}
