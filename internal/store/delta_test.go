package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestADeltaNamesEveryKeyTouchedSince(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx, z := testContext(t), numbered(1)
	p1 := must(create(ctx, s, z, 3))(t)
	must(create(ctx, s, numbered(2), 1))(t)
	must(edit(ctx, s, z, ownerIn(z, 0), 10))(t)
	p4 := must(edit(ctx, s, z, ownerIn(z, 2), 11))(t)
	// The key at h0 is dropped: a delta still names it.
	_, err := s.Commit(ctx, z, func(tx *Tx) error {
		tx.Drop([]zone.Key{aKey(z, ownerIn(z, 0))})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d, p, err := s.Delta(z, p1)
	if err != nil || p != p4 || d.Whole {
		t.Fatalf("delta %v at %d, error %v", d, p, err)
	}
	if diff := cmp.Diff(zone.Vector{nodeA: 1}, d.Since); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(zone.Vector{nodeA: 3}, d.Vector); diff != "" {
		t.Error(diff)
	}
	if len(d.Keys) != 2 || d.Keys[0].Key.Owner != ownerIn(z, 0) || len(d.Keys[0].Versions) != 0 ||
		d.Keys[1].Key.Owner != ownerIn(z, 2) || d.Keys[1].Versions[0].Dot.Counter != 3 {
		t.Errorf("delta names %v", d.Keys)
	}

	for _, since := range []Position{p4, p4 + 5} {
		if d, p, err := s.Delta(z, since); err != nil || p != p4 || d.Whole || len(d.Keys) != 0 || d.Since[nodeA] != 3 {
			t.Errorf("delta since %d is %v at %d, error %v", since, d, p, err)
		}
	}
	if d, p, err := s.Delta(z, 0); err != nil || p != p4 || !d.Whole || len(d.Keys) != 5 || len(d.Since) != 0 {
		t.Errorf("delta since 0 is %v at %d, error %v", d, p, err)
	}
}

func TestADeltaIsWholeWhenTheHistoryIsGone(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx, z := testContext(t), numbered(1)
	p1 := must(create(ctx, s, z, 1))(t)
	p2 := must(edit(ctx, s, z, ownerIn(z, 0), 0))(t)
	must(edit(ctx, s, z, ownerIn(z, 0), 1))(t)
	if n := must(s.Trim(ctx, z, Keep{Every: 2001, Daily: 2001}))(t); n != 2 {
		t.Fatalf("%d entries are gone", n)
	}
	for since, whole := range map[Position]bool{p1: true, p2: false} {
		if d, _, err := s.Delta(z, since); err != nil || d.Whole != whole {
			t.Errorf("delta since %d: whole %v, want %v, error %v", since, d.Whole, whole, err)
		}
	}
}

// Three nodes have a record. The second deletes it and, 30 days later, forgets the deletion; the first learns it by a
// whole state. If it passed on the touched keys only, the third would keep the record and give it back to all.
func TestWhatCameAsAWholeStateTravelsAsOne(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx, z := testContext(t), numbered(1)
	p1 := must(create(ctx, s, z, 2))(t)
	first, _, err := s.State(z)
	if err != nil {
		t.Fatal(err)
	}
	third, second := first.Clone(), first.Clone()
	key := aKey(z, ownerIn(z, 0))
	write(second, nodeB, 3000, map[zone.Key][]byte{key: nil})
	second.DropAbsents(1 << 40)

	_, err = s.Commit(ctx, z, func(tx *Tx) error {
		st, err := tx.State()
		if err != nil {
			return err
		}
		if _, err := st.Join(second.Whole()); err != nil {
			return err
		}
		// As a careless receiver would: no touched key, because none came.
		tx.Put(st, []zone.Key{key}, Entry{Kind: "join", Whole: true})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	must(edit(ctx, s, z, ownerIn(z, 1), 5))(t)
	d, _, err := s.Delta(z, p1)
	if err != nil || !d.Whole {
		t.Fatalf("the delta is whole: %v, error %v", d.Whole, err)
	}
	if _, err := third.Join(d); err != nil {
		t.Fatal(err)
	}
	if v := third.Keys[key]; len(v) != 0 {
		t.Errorf("the third node still has %v", v)
	}
}

func TestHistoryIsPagedNewestFirst(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx, a, b := testContext(t), numbered(1), numbered(2)
	must(create(ctx, s, a, 1))(t)
	must(create(ctx, s, b, 1))(t)
	for n := range 3 {
		must(edit(ctx, s, a, ownerIn(a, 0), n))(t)
	}
	positions := func(entries []Entry, err error) (p []Position) {
		if err != nil {
			t.Error(err)
		}
		for _, e := range entries {
			p = append(p, e.Position)
		}
		return p
	}
	for _, c := range []struct {
		what      string
		got, want []Position
	}{
		{"history of a", positions(s.History(a, 0, 10)), []Position{5, 4, 3, 1}},
		{"its first page", positions(s.History(a, 0, 2)), []Position{5, 4}},
		{"its second page", positions(s.History(a, 4, 2)), []Position{3, 1}},
		{"history of b", positions(s.History(b, 0, 10)), []Position{2}},
		{"history of nothing", positions(s.History(numbered(3), 0, 10)), nil},
		{"changes", positions(s.Changes(0, 3)), []Position{5, 4, 3}},
		{"their second page", positions(s.Changes(3, 3)), []Position{2, 1}},
	} {
		if d := cmp.Diff(c.want, c.got); d != "" {
			t.Errorf("%s: %s", c.what, d)
		}
	}
	e := must(s.Entry(4))(t)
	key := aKey(a, ownerIn(a, 0))
	if len(e.Keys) != 1 || e.Keys[0].Key != key || e.Keys[0].Before[0].Dot.Counter != 2 || e.Keys[0].After[0].Dot.Counter != 3 {
		t.Errorf("entry 4 touched %v", e.Keys)
	}
	if e.Before[nodeA] != 2 || e.After[nodeA] != 3 {
		t.Errorf("entry 4 goes from %v to %v", e.Before, e.After)
	}
}
