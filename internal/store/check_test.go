package store

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// checkWhole reads every row and checks what holds between the tables after every commit, and so after every crash.
func checkWhole(t testing.TB, s *Store) {
	t.Helper()
	err := s.published.read(func(v *view) error {
		heads := map[zone.Name]Head{}
		err := scan(v, headKey(""), tableKey(tableHead+1), func(k, _ []byte) error {
			z := zone.Name(k[2:])
			h, err := loadHead(v, z)
			heads[z] = h
			return err
		})
		if err != nil {
			return err
		}
		for z, h := range heads {
			if err := checkZone(v, z, h); err != nil {
				t.Errorf("zone %q: %v", z, err)
			}
		}
		checkFeed(t, s, heads)
		checkTree(t, s, heads)
		return checkPositions(v)
	})
	if err != nil {
		t.Error(err)
	}
}

// checkZone: the cells, the head and the newest history entry say the same.
func checkZone(v *view, z zone.Name, h Head) error {
	st, err := loadState(v, h)
	if err != nil {
		return err
	}
	for k, versions := range st.Keys {
		for _, version := range versions {
			if version.Dot.Counter > h.Vector[version.Dot.Node] {
				return fmt.Errorf("key %v has a dot %v that the vector does not contain", k, version.Dot)
			}
		}
	}
	e, err := loadEntry(v, z, h.Position)
	if err != nil {
		return err
	}
	if at, err := get(v, positionKey(h.Position)); err != nil || zone.Name(at) != z {
		return fmt.Errorf("position %d is said to be of zone %q, error %v", h.Position, at, err)
	}
	if !maps.Equal(e.After, h.Vector) {
		return fmt.Errorf("the newest entry ends at %v, the head at %v", e.After, h.Vector)
	}
	for _, k := range e.Keys {
		if !bytes.Equal(zone.AppendVersions(nil, k.After), zone.AppendVersions(nil, st.Keys[k.Key])) {
			return fmt.Errorf("key %v: the newest entry says %v, its row %v", k.Key, k.After, st.Keys[k.Key])
		}
	}
	row, err := get(v, listingKey(z.Text()))
	if err != nil {
		return err
	}
	if want := (listing{h.Live, h.Owner, z}).value()[1:]; string(row) != string(want) {
		return fmt.Errorf("listing row is %x, want %x", row, want)
	}
	return nil
}

// checkTree: the tree that follows the commits is the one that the heads make.
func checkTree(t testing.TB, s *Store, heads map[zone.Name]Head) {
	t.Helper()
	s.digests.mu.Lock()
	defer s.digests.mu.Unlock()
	if s.digests.tree == nil {
		return
	}
	want := &digest.Tree{}
	for _, h := range heads {
		want.Add(h.entry())
	}
	if d := cmp.Diff(want, s.digests.tree, cmp.Exporter(func(reflect.Type) bool { return true }), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("tree (want, got): %s", d)
	}
}

// checkFeed: each zone has one position in the feed, its head's.
func checkFeed(t testing.TB, s *Store, heads map[zone.Name]Head) {
	t.Helper()
	items, err := s.feed(0, len(heads)+1)
	if err != nil || len(items) != len(heads) {
		t.Errorf("feed has %d items for %d zones, error %v", len(items), len(heads), err)
	}
	for _, i := range items {
		if heads[i.Zone].Position != i.Position {
			t.Errorf("feed has zone %q at %d, its head at %d", i.Zone, i.Position, heads[i.Zone].Position)
		}
	}
}

// checkPositions: the positions have no gap and end at the synced one, and each has its entry.
func checkPositions(v *view) error {
	next := Position(0)
	err := scan(v, positionKey(0), positionKey(1<<63), func(k, z []byte) error {
		p := Position(keyNumber(k))
		if next != 0 && p != next {
			return fmt.Errorf("position %d follows %d", p, next-1)
		}
		next = p + 1
		_, err := loadEntry(v, zone.Name(z), p)
		return err
	})
	if err == nil && next != 0 && next != v.synced+1 {
		err = fmt.Errorf("positions end at %d, synced is %d", next-1, v.synced)
	}
	return err
}
