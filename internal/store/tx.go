package store

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Tx is one request inside the committer. It reads everything committed before, also earlier in the same batch, but
// not what it put itself. It is valid only while the function that got it runs.
type Tx struct {
	zone     zone.Name
	reader   pebble.Reader
	known    *Head // what before gave
	counters counters
	ops      []op
	moved    []move
	put      bool
	parts    map[*zone.State]part
	err      error // the first error of a method that returns none
}

// op is one row to write, or to delete when value is nil.
type op struct{ key, value []byte }

func (o op) applyTo(b *pebble.Batch) error {
	if o.value == nil {
		return b.Delete(o.key, nil)
	}
	return b.Set(o.key, o.value, nil)
}

func (tx *Tx) set(key, value []byte) { tx.ops = append(tx.ops, op{key, value}) }

func (tx *Tx) delete(key []byte) { tx.ops = append(tx.ops, op{key: key}) }

func (tx *Tx) fail(err error) {
	if tx.err == nil {
		tx.err = err
	}
}

// part remembers what Partial loaded, so that Put can tell what an edit changed.
type part struct {
	owners map[zone.Name]bool
	before *zone.State
}

// Head returns the zone's head row, ErrNotFound if the zone was never heard of.
func (tx *Tx) Head() (Head, error) {
	h, err := tx.before()
	if err == nil && h.Position == 0 {
		return Head{}, ErrNotFound
	}
	return h, err
}

// before returns the head that the request finds; of a zone never heard of, an empty one.
func (tx *Tx) before() (Head, error) {
	if tx.known == nil {
		h, err := loadHead(tx.reader, tx.zone)
		if isNotFound(err) {
			h, err = Head{Zone: tx.zone}, nil
		}
		if err != nil {
			return Head{}, err
		}
		tx.known = &h
	}
	return *tx.known, nil
}

// State returns the zone's whole state; of a zone never heard of, a new one. It is the caller's to change.
func (tx *Tx) State() (*zone.State, error) {
	h, err := tx.before()
	if err != nil {
		return nil, err
	}
	return loadState(tx.reader, h)
}

// Partial returns the zone's vector and base, all metadata, and the RRsets at the given owners, so that a small edit
// of a huge zone costs the edit. When more than one life answers for the zone, what it serves depends on every key,
// and the whole state is returned.
func (tx *Tx) Partial(owners ...zone.Name) (*zone.State, error) {
	h, err := tx.before()
	if err != nil {
		return nil, err
	}
	s, err := loadPart(tx.reader, h, owners)
	if err != nil {
		return nil, err
	}
	if s.NeedsWhole() {
		return tx.State()
	}
	p := part{owners: map[zone.Name]bool{}, before: s.Clone()}
	for _, o := range owners {
		p.owners[o] = true
	}
	if tx.parts == nil {
		tx.parts = map[*zone.State]part{}
	}
	tx.parts[s] = p
	return s, nil
}

// Put writes the touched keys of s, the head, the feed entry (the zone's older one goes) and the history entry. s is
// the state that State or Partial returned, changed. Put fills Zone, Position, Before, After, Base, ETag and Keys of
// the entry. A request puts at most once.
func (tx *Tx) Put(s *zone.State, touched []zone.Key, e Entry) {
	if err := tx.tryPut(s, touched, e); err != nil {
		tx.fail(fmt.Errorf("put zone: %w", err))
	}
}

func (tx *Tx) tryPut(s *zone.State, touched []zone.Key, e Entry) error {
	if tx.put || tx.zone == "" || s.Zone != tx.zone {
		panic("store: a request puts one state of its own zone")
	}
	tx.put = true
	old, err := tx.before()
	if err != nil {
		return err
	}
	facts, sums, err := tx.derive(old, s, touched)
	if err != nil {
		return err
	}
	tx.counters.position++
	h := Head{
		Zone: s.Zone, Position: tx.counters.position, Vector: s.Vector, Base: s.Base,
		facts: facts, sums: sums, StoredAt: e.Time, trimmed: old.trimmed,
	}
	e.Zone, e.Position = s.Zone, h.Position
	e.Before, e.After, e.Base, e.ETag = old.Vector, s.Vector, s.Base, s.ETag()
	if e.Keys, err = tx.putCells(s, touched, old.Position != 0); err != nil {
		return err
	}
	tx.putHead(old, h)
	tx.putFeed(old.Position, h.Position, e.Time)
	tx.set(historyKey(s.Zone, h.Position), e.value())
	tx.set(positionKey(h.Position), append(value(), s.Zone...))
	return nil
}

// putCells writes the touched rows and returns what was there, if the zone is known, and what is now.
func (tx *Tx) putCells(s *zone.State, touched []zone.Key, known bool) ([]EntryKey, error) {
	keys := make([]EntryKey, 0, len(touched))
	seen := make(map[zone.Key]bool, len(touched))
	for _, k := range touched {
		if seen[k] {
			continue
		}
		seen[k] = true
		row := cellKey(s.Zone, k)
		var before []zone.Version
		if known {
			var err error
			if before, err = loadCell(tx.reader, row); err != nil {
				return nil, err
			}
		}
		now := s.Keys[k]
		keys = append(keys, EntryKey{Key: k, Before: before, After: now})
		switch {
		case len(now) > 0:
			tx.set(row, zone.AppendVersions(value(), now))
		case len(before) > 0:
			tx.delete(row)
		}
	}
	return keys, nil
}

// Drop deletes the rows of keys that zone.State's DropAbsents or DropEnded took out of the state. Each node does it for
// itself: it has no position and nobody hears of it.
func (tx *Tx) Drop(keys []zone.Key) {
	for _, k := range keys {
		tx.delete(cellKey(tx.zone, k))
	}
}

func (tx *Tx) putFeed(old, now Position, at zone.Millis) {
	if old != 0 {
		tx.delete(feedKey(old))
	}
	tx.set(feedKey(now), append(binary.AppendVarint(value(), int64(at)), tx.zone...))
}

// Record is Store.Record, seeing what was committed before in the same batch.
func (tx *Tx) Record(kind, id string) ([]byte, error) { return loadRecord(tx.reader, kind, id) }

// PutRecord writes a configuration row (a member, a token, a setting). The kind has no zero octet. The caller seals
// what is secret.
func (tx *Tx) PutRecord(kind, id string, content []byte) {
	tx.set(recordKey(kind, id), append(value(), bytes.Clone(content)...))
}

// DeleteRecord deletes a configuration row, if it is there.
func (tx *Tx) DeleteRecord(kind, id string) { tx.delete(recordKey(kind, id)) }
