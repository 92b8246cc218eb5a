package zone

import "testing"

func TestVectorCoversAndIncludes(t *testing.T) {
	a, b := NodeID{1}, NodeID{2}
	v := Vector{a: 3}
	for dot, want := range map[Dot]bool{{a, 1}: true, {a, 3}: true, {a, 4}: false, {b, 1}: false, {}: true} {
		if v.Covers(dot) != want {
			t.Errorf("covers %s: %v", dot, !want)
		}
	}
	w := Vector{a: 2, b: 1}
	if v.Includes(w) || w.Includes(v) || v.Equal(w) {
		t.Error("vectors of concurrent states include each other")
	}
	joined := v.Clone()
	joined.Merge(w)
	if !joined.Equal(Vector{a: 3, b: 1}) || !joined.Includes(v) || joined.Sum() != 4 || !v.Equal(Vector{a: 3}) {
		t.Errorf("joined %v of %v and %v", joined, v, w)
	}
}
