package store

import (
	"bytes"
	"container/heap"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// seekAtMost is up to how many zones their histories are merged, a few microseconds each; with more of them their
// changes are not rare among all changes, and those are read instead.
const seekAtMost = 5000

// ChangesOf is Changes for some zones: their entries before the position (0: all), newest first, at most limit.
func (s *Store) ChangesOf(zones []zone.Name, before Position, limit int) (entries []Entry, err error) {
	err = s.published.read(func(v *view) (err error) {
		if len(zones) > seekAtMost {
			entries, err = pickChanges(v, zones, before, limit)
			return err
		}
		entries, err = mergeChanges(v, zones, before, limit)
		return err
	})
	return entries, err
}

func pickChanges(v *view, zones []zone.Name, before Position, limit int) (entries []Entry, err error) {
	wanted := make(map[zone.Name]bool, len(zones))
	for _, z := range zones {
		wanted[z] = true
	}
	err = scanBack(v, positionKey(0), positionKey(upTo(before)), func(k, z []byte) error {
		if len(entries) >= limit {
			return errStop
		}
		if !wanted[zone.Name(z)] {
			return nil
		}
		e, err := loadEntry(v, zone.Name(z), Position(keyNumber(k)))
		entries = append(entries, e)
		return err
	})
	return entries, err
}

// newest is a heap of the next entry of each zone, the newest on top.
type newest []Entry

func (n newest) Len() int           { return len(n) }
func (n newest) Less(i, j int) bool { return n[i].Position > n[j].Position }
func (n newest) Swap(i, j int)      { n[i], n[j] = n[j], n[i] }
func (n *newest) Push(x any)        { *n = append(*n, x.(Entry)) }
func (n *newest) Pop() any {
	last := (*n)[len(*n)-1]
	*n = (*n)[:len(*n)-1]
	return last
}

// mergeChanges keeps of each zone only where its next entry is.
func mergeChanges(v *view, zones []zone.Name, before Position, limit int) (entries []Entry, err error) {
	it, err := v.NewIter(&pebble.IterOptions{LowerBound: tableKey(tableHistory), UpperBound: tableKey(tableHistory + 1)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	next := func(z zone.Name, before Position) (Entry, bool) {
		if !it.SeekLT(historyKey(z, before)) || len(it.Key()) != 2+len(z)+8 || !bytes.HasPrefix(it.Key(), historyKey(z, 0)[:2+len(z)]) {
			return Entry{}, false
		}
		return Entry{Zone: z, Position: Position(keyNumber(it.Key()))}, true
	}
	var waiting newest
	for _, z := range zones {
		if e, ok := next(z, upTo(before)); ok {
			waiting = append(waiting, e)
		}
	}
	heap.Init(&waiting)
	for len(waiting) > 0 && len(entries) < limit {
		at := heap.Pop(&waiting).(Entry)
		e, err := loadEntry(v, at.Zone, at.Position)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
		if e, ok := next(at.Zone, at.Position); ok {
			heap.Push(&waiting, e)
		}
	}
	return entries, it.Error()
}
