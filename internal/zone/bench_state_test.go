package zone

import (
	"fmt"
	"testing"
)

// bigZone is a node with a zone of n RRsets.
func bigZone(t tester, n int) *testNode {
	sets := make([]RRset, n)
	for i := range sets {
		sets[i] = rr(fmt.Sprintf("host%d", i), TypeA, fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255))
	}
	return sharing(t, []string{"a"}, sets...)[0]
}

func BenchmarkViewOf10000RRsets(b *testing.B) {
	n := bigZone(b, 10_000)
	for b.Loop() {
		n.state.View()
	}
}

func BenchmarkConflictsOf10000RRsets(b *testing.B) {
	n := bigZone(b, 10_000)
	for b.Loop() {
		n.state.Conflicts()
	}
}

func BenchmarkJoinOfWhole10000RRsets(b *testing.B) {
	d := bigZone(b, 10_000).state.Whole()
	for b.Loop() {
		if _, err := NewState(exampleOrg).Join(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCodecOfWhole10000RRsets(b *testing.B) {
	d := bigZone(b, 10_000).state.Whole()
	for b.Loop() {
		encoded := AppendDelta(nil, d)
		b.SetBytes(int64(len(encoded)))
		if _, _, err := DecodeDelta(encoded); err != nil {
			b.Fatal(err)
		}
	}
}
