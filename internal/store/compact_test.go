package store

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// What is measured in docs/benchmarks.md for whole servers: after compaction an edit leaves at most twice the octets of
// its record's text, "www.z000000.example. 300 IN A 10.1.2.3".
func TestAnEditLeavesLittleBehind(t *testing.T) {
	const zones, edits, text = 400, 9, 38
	for _, writers := range []int{1, 3} {
		ctx := testContext(t)
		s, _ := openStore(t, t.TempDir(), Options{})
		for i := range zones {
			must(create(ctx, s, numbered(i), 8))(t)
		}
		nodes := make([]zone.NodeID, writers)
		for i := range nodes {
			for j := range nodes[i] {
				nodes[i][j] = byte(rand.Uint32())
			}
		}
		before := compactedSize(t, s)
		for n := range edits {
			for i := range zones {
				must(webEdit(ctx, s, numbered(i), nodes[n%writers], n*zones+i))(t)
			}
		}
		each := (compactedSize(t, s) - before) / (zones * edits)
		t.Logf("%d writers: %d octets", writers, each)
		if each > 2*text {
			t.Errorf("an edit at one of %d servers leaves %d octets behind", writers, each)
		}
	}
}

// webEdit is an edit as the API makes it.
func webEdit(ctx context.Context, s *Store, z zone.Name, node zone.NodeID, n int) (Position, error) {
	owner := ownerIn(z, 0)
	return s.Commit(ctx, z, func(tx *Tx) error {
		st, err := tx.Partial(owner)
		if err != nil {
			return err
		}
		st.Vector[node]++
		k := aKey(z, owner)
		at := zone.Millis(1_700_000_000_000 + 150*n)
		st.Keys[k] = []zone.Version{{
			Dot: zone.Dot{Node: node, Counter: st.Vector[node]}, Time: at, Hash: rand.Uint32(), Value: address(n), Author: "root@web1.example.net",
		}}
		tx.Put(st, []zone.Key{k}, Entry{
			Time: at, Author: "root@web1.example.net", Source: "token root at 192.0.2.1", Kind: "edit", Dot: st.Keys[k][0].Dot,
		})
		return nil
	})
}

// compactedSize is what the rows take after compaction. The files themselves go a moment later.
func compactedSize(t *testing.T, s *Store) int {
	t.Helper()
	if err := s.Compact(testContext(t)); err != nil {
		t.Fatal(err)
	}
	n, err := s.db.EstimateDiskUsage([]byte{0}, []byte{0xff})
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
