package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func everything(digest.Group) bool { return true }

func treeOf(t *testing.T, s *Store) (total digest.Total) {
	t.Helper()
	err := s.Digests(testContext(t), func(tree *digest.Tree) { total = tree.Total(digest.Branch{}, digest.State, everything) })
	if err != nil {
		t.Fatal(err)
	}
	return total
}

func TestZonesOfAnOlderReleaseAreReckonedOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	s, stop := openStore(t, dir, Options{})
	before := must(s.Head(numbered(1)))(t)
	if before.reckoned {
		t.Fatal("the golden folder has sums: it is no folder of an older release")
	}
	if total := treeOf(t, s); total.Zones != 1 {
		t.Fatalf("%d zones in the tree", total.Zones)
	}
	after := must(s.Head(numbered(1)))(t)
	if !after.reckoned || after.Position != before.Position || s.Synced() != before.Position {
		t.Errorf("head was %+v, is %+v", before, after)
	}
	checkWhole(t, s)
	stop()
	s, _ = openStore(t, dir, Options{})
	if h := must(s.Head(numbered(1)))(t); !h.reckoned {
		t.Error("what was reckoned is gone after a restart")
	}
}

// A zone of an older release that is edited before anybody compares gets sums of all of it, not of the edit.
func TestAnEditOfAZoneOfAnOlderReleaseReckonsTheWholeZone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	s, _ := openStore(t, dir, Options{})
	z := numbered(1)
	must(edit(testContext(t), s, z, ownerIn(z, 1), 9))(t)
	st, _, err := s.State(z)
	if err != nil {
		t.Fatal(err)
	}
	h := must(s.Head(z))(t)
	if _, want := derivedFrom(st, h.facts); h.sums != want {
		t.Errorf("sums are %+v, want %+v", h.sums, want)
	}
}

func TestTheTreeFollowsEditsAndDeletions(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx := testContext(t)
	if total := treeOf(t, s); total != (digest.Total{}) {
		t.Fatalf("an empty store has %+v", total)
	}
	for n := range 20 {
		must(create(ctx, s, numbered(n), 3))(t)
	}
	all := treeOf(t, s)
	z := numbered(7)
	must(edit(ctx, s, z, ownerIn(z, 0), 1))(t)
	if edited := treeOf(t, s); edited == all || edited.Zones != 20 {
		t.Errorf("after an edit the tree says %+v, before it %+v", edited, all)
	}
	checkWhole(t, s)
	var listed []zone.Name
	bucket := digest.Place(z, digest.Group{Home: must(s.Head(z))(t).Home, Owner: "root"})[0]
	err := s.ListDigests(ctx, []digest.Branch{bucket}, func(b digest.Branch, e digest.Entry) {
		if b != bucket {
			t.Errorf("%s is listed below %+v", e.Zone, b)
		}
		listed = append(listed, e.Zone)
	})
	if err != nil {
		t.Fatal(err)
	}
	var want []zone.Name
	for n := range 20 {
		if digest.BucketOf(numbered(n)) == bucket.Bucket {
			want = append(want, numbered(n))
		}
	}
	if d := cmp.Diff(want, listed); d != "" {
		t.Error(d)
	}
}
