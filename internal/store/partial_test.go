package store

import (
	"bytes"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// watchedReader notes which ranges are read.
type watchedReader struct {
	pebble.Reader
	ranges [][]byte
}

func (w *watchedReader) NewIter(o *pebble.IterOptions) (*pebble.Iterator, error) {
	w.ranges = append(w.ranges, bytes.Clone(o.LowerBound))
	return w.Reader.NewIter(o)
}

// An edit of one owner name of a huge zone reads the metadata and that owner, and writes one row of the zone.
func TestAnEditOfAHugeZoneCostsTheEdit(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	z := numbered(1)
	must(create(testContext(t), s, z, 20_000))(t)
	owner := ownerIn(z, 777)
	err := s.published.read(func(v *view) error {
		w := &watchedReader{Reader: v}
		tx := &Tx{zone: z, reader: w, counters: s.counters}
		st, err := tx.Partial(owner)
		if err != nil {
			return err
		}
		touched := write(st, nodeA, 2000, map[zone.Key][]byte{aKey(z, owner): nil})
		if err := tx.tryPut(st, touched, Entry{}); err != nil {
			return err
		}
		if len(w.ranges) != 2 || !bytes.Equal(w.ranges[0], metaPrefix(z)) || !bytes.Equal(w.ranges[1], ownerPrefix(z, owner)) {
			t.Errorf("it read the ranges %x", w.ranges)
		}
		size := 0
		for _, o := range tx.ops {
			size += len(o.key) + len(o.value)
			if bytes.Equal(o.key, headKey(z)) {
				h, err := parseHead(z, o.value[1:])
				if err != nil || h.Records != 19_999 {
					t.Errorf("%d records are left, error %v", h.Records, err)
				}
			}
		}
		if len(tx.ops) > 8 || size > 1000 {
			t.Errorf("it wrote %d rows of %d octets", len(tx.ops), size)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
