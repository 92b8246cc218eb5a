package zone

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// whatCounts is everything of a state that servers must agree on, as text: written from what is said of it, not from the
// code that counts.
func whatCounts(s *State) string {
	ended := map[Dot]Vector{}
	for k, versions := range s.Keys {
		if k.Meta != MetaEnd {
			continue
		}
		ended[k.Life] = Vector{}
		for _, v := range versions {
			seen, _, err := DecodeVector(v.Value)
			if err != nil {
				panic(err)
			}
			ended[k.Life].Merge(seen)
		}
	}
	lines := []string{fmt.Sprint(s.Zone, s.Base)}
	for _, node := range slices.SortedFunc(maps.Keys(s.Vector), func(a, b NodeID) int { return strings.Compare(string(a[:]), string(b[:])) }) {
		if s.Vector[node] > 0 {
			lines = append(lines, fmt.Sprint(node, s.Vector[node]))
		}
	}
	var cells []string
	for k, versions := range s.Keys {
		var left []string
		hasValue := false
		for _, v := range versions {
			if k.Meta != MetaEnd && v.Dot.Counter <= ended[k.Life][v.Dot.Node] {
				continue // an end has seen it
			}
			hasValue = hasValue || !v.Absent
			left = append(left, fmt.Sprintf("%+v", v))
		}
		if hasValue { // otherwise a lone absent, or several
			cells = append(cells, fmt.Sprintf("%+v %v", k, left))
		}
	}
	slices.Sort(cells)
	return strings.Join(append(lines, cells...), "\n")
}

// Digests are equal exactly where what counts is, at any two moments of any two servers of a history.
func TestDigestsAreEqualExactlyWhereWhatCountsIs(t *testing.T) {
	equal := 0
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, true)
		digests, texts := map[[32]byte]string{}, map[string][32]byte{}
		for range rapid.IntRange(1, 8).Draw(t, "moments") {
			h.run(rapid.IntRange(1, 8).Draw(t, "steps"))
			for _, n := range h.nodes {
				text, digest := whatCounts(n.state), n.state.Digest()
				if other, known := digests[digest]; known && other != text {
					t.Fatalf("one digest of\n%s\nand of\n%s", other, text)
				}
				if other, known := texts[text]; known && other != digest {
					t.Fatalf("two digests of\n%s", text)
				} else if known {
					equal++
				}
				digests[digest], texts[text] = text, digest
			}
		}
	})
	if equal < 100 {
		t.Errorf("only %d equal states were met: the histories prove nothing", equal)
	}
}

func TestWhatIsServedHasEqualSumsWhateverTheStates(t *testing.T) {
	nodes := newNodes(t, "a", "b")
	a, b := nodes[0], nodes[1]
	a.create(rr("www", TypeA, "192.0.2.1"))
	b.create(rr("www", TypeA, "192.0.2.1"))
	sum := func(n *testNode) Sum {
		v, ok := n.state.View()
		if !ok {
			t.Fatal("no view")
		}
		return v.Sum()
	}
	if sum(a) != sum(b) || a.state.Digest() == b.state.Digest() {
		t.Error("two zones that serve the same differ in what they serve, or not in their states")
	}
	a.set(rr("www", TypeA, "192.0.2.2"))
	if sum(a) == sum(b) {
		t.Error("an edit does not show")
	}
	b.set(rr("www", TypeA, "192.0.2.2"))
	b.add(rr("mail", TypeA, "192.0.2.3"))
	b.delete("mail", TypeA)
	if a.state.Serial() == b.state.Serial() || sum(a) != sum(b) {
		t.Error("the serial shows in what is served")
	}
}

func TestSumsAddUpInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SliceOfN(rapid.Map(rapid.Uint64(), func(n uint64) Sum { return SumOf(fmt.Append(nil, n)) }), 1, 20).Draw(t, "set")
		var sum Sum
		for _, s := range set {
			sum = sum.Add(s)
		}
		for _, s := range rapid.Permutation(set).Draw(t, "order")[1:] {
			sum = sum.Sub(SumFrom(s.Bytes()))
		}
		if !slices.Contains(set, sum) {
			t.Fatalf("what is left is %v", sum)
		}
	})
}
