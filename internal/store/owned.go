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
// a look at the zones of all others. The row of the counters says that they are complete: an older release writes that row
// without saying so, and whatever it changed is indexed anew at the next start.

func ownedKey(owner, text string) []byte { return tableKey(tableOwned, owner, "\x00", text) }

// indexOwners makes the rows where they are not complete. Where they cannot be written, lists are filtered instead.
func (s *Store) indexOwners() error {
	if s.counters.owned {
		s.indexed = true
		return nil
	}
	b := s.db.NewBatch()
	defer func() { b.Close() }()
	if err := b.DeleteRange(tableKey(tableOwned), tableKey(tableOwned+1), nil); err != nil {
		return err
	}
	err := scan(s.db, listingKey(""), tableKey(tableListing+1), func(k, content []byte) error {
		d := decoder{b: content}
		d.bool()
		owner := d.string()
		if d.err != nil {
			return d.err
		}
		if err := b.Set(ownedKey(owner, string(k[2:])), append(value(), content...), nil); err != nil || b.Len() < groupBytes {
			return err
		}
		if err := s.applyIndex(b); err != nil {
			return err
		}
		b.Close()
		b = s.db.NewBatch()
		return nil
	})
	if err == nil {
		err = s.applyIndex(b)
	}
	if err != nil {
		return fmt.Errorf("index zones by owner: %w", err)
	}
	s.counters.owned, s.indexed = true, true
	return nil
}

func (s *Store) applyIndex(b *pebble.Batch) error {
	if err := s.room(); err != nil {
		return err
	}
	return s.apply(b)
}

// putListed keeps both lists in step with a head that has changed.
func (tx *Tx) putListed(old, h Head) {
	text := h.Zone.Text()
	row := listing{h.Live, h.Owner, h.Zone}.value()
	tx.set(listingKey(text), row)
	if !tx.counters.owned {
		return
	}
	if old.Position != 0 && old.Owner != h.Owner {
		tx.delete(ownedKey(old.Owner, text))
	}
	tx.set(ownedKey(h.Owner, text), row)
}

// eachRow calls f with the listing rows whose text is after the given one, in the order of the texts: those of some owners,
// or, with nil, all. f ends it with errStop and must not keep text or content.
func (s *Store) eachRow(v *view, owners []string, after string, f func(text, content []byte) error) error {
	if owners == nil || !s.indexed {
		return scan(v, append(listingKey(after), 0), tableKey(tableListing+1), func(k, content []byte) error { return f(k[2:], content) })
	}
	var rows []op
	err := eachOwned(v, owners, func(text, content []byte) error {
		if string(text) > after {
			rows = append(rows, op{bytes.Clone(text), bytes.Clone(content)})
		}
		return nil
	})
	slices.SortFunc(rows, func(a, b op) int { return bytes.Compare(a.key, b.key) })
	for _, r := range rows {
		if err == nil {
			err = f(r.key, r.value)
		}
	}
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// eachOwned calls f with the listing rows of the owners, owner by owner.
func eachOwned(v *view, owners []string, f func(text, content []byte) error) error {
	for _, owner := range slices.Compact(slices.Sorted(slices.Values(owners))) {
		prefix := ownedKey(owner, "")
		err := scan(v, prefix, after(prefix), func(k, content []byte) error {
			d := decoder{b: content}
			d.bool()
			if !bytes.Equal(d.take(d.uint()), []byte(owner)) {
				return d.err // of an owner whose name goes on after a zero octet
			}
			return f(k[len(prefix):], content)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ZonesOf returns the names of the zones of these owners, deleted ones too.
func (s *Store) ZonesOf(owners []string) (zones []zone.Name, err error) {
	err = s.published.read(func(v *view) error {
		if !s.indexed {
			return scan(v, listingKey(""), tableKey(tableListing+1), func(_, content []byte) error {
				d := decoder{b: content}
				d.bool()
				if slices.Contains(owners, d.string()) {
					zones = append(zones, listedZone(content))
				}
				return d.err
			})
		}
		return eachOwned(v, owners, func(_, content []byte) error {
			zones = append(zones, listedZone(content))
			return nil
		})
	})
	return zones, err
}
