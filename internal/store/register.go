package store

import (
	"bytes"
	"sync"
	"time"
)

// registerInterval is how long a register may be newer than the disk.
const registerInterval = time.Second

// registers holds the registers that are newer than the disk. Losing one only repeats a delivery, so they need no
// commit of their own: the committer writes them once per interval. There are as many as there are keys.
type registers struct {
	mu    sync.Mutex
	round uint64 // raised when the committer takes what is dirty
	dirty map[string]registerValue
}

type registerValue struct {
	content []byte // nil: deleted
	round   uint64
}

func newRegisters() *registers { return &registers{dirty: map[string]registerValue{}} }

func (r *registers) set(key string, content []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirty[key] = registerValue{content, r.round}
}

// SetRegister sets a register. It is seen at once and is on the disk within a second; a crash may lose it.
func (s *Store) SetRegister(key string, content []byte) {
	s.registers.set(key, append([]byte{}, content...))
}

// DeleteRegister deletes a register, as durably as SetRegister sets one.
func (s *Store) DeleteRegister(key string) { s.registers.set(key, nil) }

// Register returns a register and whether there is one.
func (s *Store) Register(key string) (content []byte, ok bool) {
	s.registers.mu.Lock()
	v, dirty := s.registers.dirty[key]
	s.registers.mu.Unlock()
	if dirty {
		return bytes.Clone(v.content), v.content != nil
	}
	err := s.published.read(func(v *view) (err error) {
		content, err = get(v, tableKey(tableRegister, key))
		return err
	})
	return content, err == nil && content != nil
}

// writeRegisters is called by the committer. Registers that cannot be written stay dirty.
func (s *Store) writeRegisters() {
	g := &group{batch: s.db.NewIndexedBatch(), counters: s.counters}
	defer g.batch.Close()
	round := s.registers.take(g)
	if s.write(g) == nil {
		s.registers.written(round)
	}
}

func (r *registers) take(g *group) (round uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, v := range r.dirty {
		o := op{key: tableKey(tableRegister, k)}
		if v.content != nil {
			o.value = append(value(), v.content...)
		}
		_ = o.applyTo(g.batch) // a batch in memory takes everything; what it did not would stay unwritten, not wrong
	}
	r.round++
	return r.round - 1
}

// written forgets what is on the disk now, apart from what was set again meanwhile.
func (r *registers) written(round uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k, v := range r.dirty {
		if v.round <= round {
			delete(r.dirty, k)
		}
	}
}
