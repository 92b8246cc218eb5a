package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Entry is one change in the history.
type Entry struct {
	Zone     zone.Name
	Position Position
	Time     zone.Millis
	Author   string // user@node
	Reason   string // what a person gave as reason
	Source   string // the door or member by which it came
	Kind     string // create, edit, import, delete, restore, undo, join, choose, replace, day
	Whole    bool   // it came from a whole state, and travels on as one
	Dot      zone.Dot
	Before   zone.Vector
	After    zone.Vector
	Base     uint64 // after, 0 in what the first release wrote
	ETag     string // after
	Set      uint64 // the act on many zones that it is part of, a number of this node's; 0: of none
	Keys     []EntryKey
}

// EntryKey is a key that an entry touched, with its versions before and after.
type EntryKey struct {
	Key           zone.Key
	Before, After []zone.Version
}

// History returns the zone's entries before the position (0: all), newest first, at most limit.
func (s *Store) History(z zone.Name, before Position, limit int) (entries []Entry, err error) {
	err = s.published.read(func(v *view) error {
		return scanBack(v, historyKey(z, 0), historyKey(z, upTo(before)), func(k, content []byte) error {
			if len(entries) >= limit {
				return errStop
			}
			e, err := parseEntry(z, Position(keyNumber(k)), bytes.Clone(content))
			entries = append(entries, e)
			return err
		})
	})
	return entries, err
}

// Changes returns the entries of all zones before the position (0: all), newest first, at most limit.
func (s *Store) Changes(before Position, limit int) (entries []Entry, err error) {
	err = s.published.read(func(v *view) error {
		return scanBack(v, positionKey(0), positionKey(upTo(before)), func(k, z []byte) error {
			if len(entries) >= limit {
				return errStop
			}
			e, err := loadEntry(v, zone.Name(z), Position(keyNumber(k)))
			entries = append(entries, e)
			return err
		})
	})
	return entries, err
}

// Entry returns the entry at the position, ErrNotFound if there is none or it is no longer kept.
func (s *Store) Entry(p Position) (e Entry, err error) {
	err = s.published.read(func(v *view) error {
		z, err := get(v, positionKey(p))
		if err != nil {
			return err
		}
		if z == nil {
			return ErrNotFound
		}
		e, err = loadEntry(v, zone.Name(z), p)
		return err
	})
	return e, err
}

// upTo is the bound of a page that ends before the position.
func upTo(before Position) Position {
	if before == 0 {
		return math.MaxUint64
	}
	return before
}

func loadEntry(r pebble.Reader, z zone.Name, p Position) (Entry, error) {
	v, err := get(r, historyKey(z, p))
	if err != nil {
		return Entry{}, err
	}
	if v == nil {
		return Entry{}, fmt.Errorf("%w: entry %d is missing", ErrCorrupt, p)
	}
	return parseEntry(z, p, v)
}

func (e Entry) value() []byte {
	b := binary.AppendVarint(value(), int64(e.Time))
	b = appendString(b, e.Author)
	b = appendString(b, e.Reason)
	b = appendString(b, e.Source)
	b = appendString(b, e.Kind)
	b = appendBool(b, e.Whole)
	b = appendDot(b, e.Dot)
	b = zone.AppendVector(b, e.Before)
	b = zone.AppendVector(b, e.After)
	// An ETag is a hash, and so the part that nothing packs: it is reckoned again from what it is made of.
	reckoned := e.ETag == zone.ETag(e.After, e.Base)
	if reckoned {
		b = appendString(b, "")
	} else {
		b = appendString(b, e.ETag)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Keys)))
	for _, k := range e.Keys {
		b = zone.AppendKey(b, k.Key)
		b = zone.AppendVersions(b, k.Before)
		b = zone.AppendVersions(b, k.After)
	}
	if reckoned { // an older release stops reading before it
		b = binary.AppendUvarint(b, e.Base)
		if e.Set != 0 {
			b = binary.AppendUvarint(b, e.Set)
		}
	}
	return b
}

// parseEntry returns an entry whose values are slices of v.
func parseEntry(z zone.Name, p Position, v []byte) (Entry, error) {
	d := decoder{b: v}
	e := Entry{Zone: z, Position: p}
	e.Time = d.millis()
	e.Author = d.string()
	e.Reason = d.string()
	e.Source = d.string()
	e.Kind = d.string()
	e.Whole = d.bool()
	e.Dot = d.dot()
	e.Before = d.vector()
	e.After = d.vector()
	e.ETag = d.string()
	for n := d.uint(); n > 0 && d.err == nil; n-- {
		e.Keys = append(e.Keys, EntryKey{Key: d.key(), Before: d.versions(), After: d.versions()})
	}
	if d.err == nil && len(d.b) > 0 {
		e.Base = d.uint()
		e.ETag = zone.ETag(e.After, e.Base)
	}
	if d.err == nil && len(d.b) > 0 {
		e.Set = d.uint()
	}
	if d.err != nil {
		return Entry{}, fmt.Errorf("history row %d: %w", p, d.err)
	}
	return e, nil
}
