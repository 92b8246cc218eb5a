package serve

import (
	"hash/maphash"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Table holds the zones that are answered. Readers take no lock: they see each zone as it was before a Swap or after it,
// never a mixture. All methods may be called concurrently.
type Table struct {
	seed maphash.Seed // of every hash in the table, so that nobody outside can make names collide
	dir  atomic.Pointer[directory]

	mu   sync.Mutex // writers of dir and what follows
	used int        // slots that were ever given a name, also those removed since
	live int
}

// directory is an open-addressed hash table with linear probing, at most half full. A slot keeps its hash until the whole
// directory is replaced by another, so a reader may stop at the first slot without one.
type directory struct {
	slots []slot
	mask  uint64
}

type slot struct {
	hash atomic.Uint64 // 0: never used
	zone atomic.Pointer[content]
}

const firstSlots = 16

// NewTable returns an empty table.
func NewTable() *Table {
	t := &Table{seed: maphash.MakeSeed()}
	t.dir.Store(newDirectory(firstSlots))
	return t
}

func newDirectory(size int) *directory {
	return &directory{slots: make([]slot, size), mask: uint64(size - 1)}
}

// Swap makes v the answered content of its zone. When it returns, every later question is answered from v.
// It keeps nothing of v.
func (t *Table) Swap(v *zone.View) {
	c := build(t.seed, v) // outside the lock: the price of a large zone is not paid by the others
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.dir.Load().place(slotHash(c.hash), c.name())
	if s.zone.Load() == nil {
		t.live++
	}
	s.zone.Store(c)
	if s.hash.Load() == 0 {
		s.hash.Store(slotHash(c.hash)) // after the zone: a reader that finds the hash finds the zone
		t.used++
		t.maybeGrow()
	}
}

// Remove stops answering z. An unknown zone is no error.
func (t *Table) Remove(z zone.Name) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.dir.Load().place(slotHash(maphash.String(t.seed, string(z))), []byte(z))
	if s.zone.Swap(nil) != nil {
		t.live--
	}
}

// Len returns the number of zones.
func (t *Table) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}

// Serial returns the serial that is answered for z, false if z is not here.
func (t *Table) Serial(z zone.Name) (uint32, bool) {
	c := t.find(maphash.String(t.seed, string(z)), []byte(z))
	if c == nil {
		return 0, false
	}
	return c.serial, true
}

// find returns the zone of exactly this name, nil if there is none.
func (t *Table) find(h uint64, name []byte) *content {
	d := t.dir.Load()
	h = slotHash(h)
	for i := h & d.mask; ; i = (i + 1) & d.mask {
		s := &d.slots[i]
		switch s.hash.Load() {
		case 0:
			return nil
		case h:
			if c := s.zone.Load(); c != nil && string(c.name()) == string(name) {
				return c
			}
		}
	}
}

// place returns the slot of name: where it is, else one given up by a name of the same hash, else an unused one.
func (d *directory) place(h uint64, name []byte) *slot {
	var free *slot
	for i := h & d.mask; ; i = (i + 1) & d.mask {
		s := &d.slots[i]
		switch s.hash.Load() {
		case 0:
			if free == nil {
				free = s
			}
			return free
		case h:
			c := s.zone.Load()
			if c == nil && free == nil {
				free = s
			}
			if c != nil && string(c.name()) == string(name) {
				return s
			}
		}
	}
}

// maybeGrow replaces a directory that is half full by one of four slots per living zone: O(1) per insertion in the long run.
func (t *Table) maybeGrow() {
	old := t.dir.Load()
	if 2*t.used < len(old.slots) {
		return
	}
	d := newDirectory(max(firstSlots, 1<<bits.Len(uint(4*t.live-1))))
	for i := range old.slots {
		if c := old.slots[i].zone.Load(); c != nil {
			h := slotHash(c.hash)
			s := d.place(h, c.name())
			s.zone.Store(c)
			s.hash.Store(h)
		}
	}
	t.used = t.live
	t.dir.Store(d)
}

// slotHash keeps 0 for the unused slot.
func slotHash(h uint64) uint64 { return h | 1<<63 }
