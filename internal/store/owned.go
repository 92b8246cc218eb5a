package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// The rows of tableOwned repeat those of tableListing in the order of owners, so that what one account has is read without
// a look at the zones of all others; those of tableHomed do so in the order of homes. The row of the counters says that they are complete: an older release writes that row
// without saying so, and whatever it changed is indexed anew at the next start.

func ownedKey(owner, text string) []byte { return tableKey(tableOwned, owner, "\x00", text) }

// indexes says which of the rows that lists are read from are complete.
type indexes struct{ owners, homes bool }

// index makes the rows where they are not complete. Where they cannot be written, lists are filtered instead.
func (s *Store) index() error {
	if err := s.indexOwners(); err != nil {
		return err
	}
	return s.indexHomes()
}

func (s *Store) indexOwners() error {
	if !s.counters.indexed.owners {
		err := s.reindex(tableOwned, tableListing, func(k, content []byte) ([]byte, []byte, error) {
			d := decoder{b: content}
			d.bool()
			return ownedKey(d.string(), string(k[2:])), append(value(), content...), d.err
		})
		if err != nil {
			return fmt.Errorf("index zones by owner: %w", err)
		}
	}
	s.counters.indexed.owners, s.indexed.owners = true, true
	return nil
}

// reindex makes all rows of a table anew, one of each row of another.
func (s *Store) reindex(table, from byte, row func(key, content []byte) (k, v []byte, err error)) error {
	b := s.db.NewBatch()
	defer func() { b.Close() }()
	if err := b.DeleteRange(tableKey(table), tableKey(table+1), nil); err != nil {
		return err
	}
	err := scan(s.db, tableKey(from), tableKey(from+1), func(key, content []byte) error {
		k, v, err := row(key, content)
		if err != nil {
			return err
		}
		if err := b.Set(k, v, nil); err != nil || b.Len() < groupBytes {
			return err
		}
		if err := s.applyIndex(b); err != nil {
			return err
		}
		b.Close()
		b = s.db.NewBatch()
		return nil
	})
	if err != nil {
		return err
	}
	return s.applyIndex(b)
}

func (s *Store) applyIndex(b *pebble.Batch) error {
	if err := s.room(); err != nil {
		return err
	}
	return s.apply(b)
}

// putListed keeps the lists in step with a head that has changed.
func (tx *Tx) putListed(old, h Head) {
	text := h.Zone.Text()
	row := listing{h.Live, h.Owner, h.Zone}.value()
	tx.set(listingKey(text), row)
	if tx.counters.indexed.owners {
		if old.Position != 0 && old.Owner != h.Owner {
			tx.delete(ownedKey(old.Owner, text))
		}
		tx.set(ownedKey(h.Owner, text), row)
	}
	if tx.counters.indexed.homes {
		if old.Position != 0 && homeName(old.Home) != homeName(h.Home) {
			tx.delete(homedKey(old.Home, text))
		}
		tx.set(homedKey(h.Home, text), homedRow(h, row))
	}
}

// eachOwned calls f with the listing rows of the owners, owner by owner, of each those whose text is after the given one.
// f ends it with errStop.
func eachOwned(v *view, owners []string, from string, f func(text, content []byte) error) error {
	stopped := false
	for _, owner := range slices.Compact(slices.Sorted(slices.Values(owners))) {
		prefix := ownedKey(owner, "")
		err := scan(v, append(ownedKey(owner, from), 0), after(prefix), func(k, content []byte) error {
			d := decoder{b: content}
			d.bool()
			if !bytes.Equal(d.take(d.uint()), []byte(owner)) {
				return d.err // of an owner whose name goes on after a zero octet
			}
			err := f(k[len(prefix):], content)
			stopped = errors.Is(err, errStop)
			return err
		})
		if err != nil || stopped {
			return err
		}
	}
	return nil
}

// ZonesOf returns the names of the zones of these owners, deleted ones too.
func (s *Store) ZonesOf(owners []string) (zones []zone.Name, err error) {
	err = s.published.read(func(v *view) error {
		if !s.indexed.owners {
			return scan(v, listingKey(""), tableKey(tableListing+1), func(_, content []byte) error {
				d := decoder{b: content}
				d.bool()
				if slices.Contains(owners, d.string()) {
					zones = append(zones, listedZone(content))
				}
				return d.err
			})
		}
		return eachOwned(v, owners, "", func(_, content []byte) error {
			zones = append(zones, listedZone(content))
			return nil
		})
	})
	return zones, err
}

// CountOf is Count for the zones of these owners, nil is all.
func (s *Store) CountOf(owners []string) (live, deleted int, err error) {
	if owners == nil {
		return s.Count()
	}
	err = s.published.read(func(v *view) error {
		return s.anyRow(v, Query{Owners: owners, IncludeDeleted: true}, func(_, content []byte) error {
			d := decoder{b: content}
			if d.bool() {
				live++
			} else {
				deleted++
			}
			return nil
		})
	})
	return live, deleted, err
}
