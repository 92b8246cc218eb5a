package store

import (
	"bytes"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// State returns the zone's whole state and the position of its newest change, ErrNotFound if the zone was never heard
// of.
func (s *Store) State(z zone.Name) (st *zone.State, p Position, err error) {
	err = s.published.read(func(v *view) error {
		h, err := loadHead(v, z)
		if err != nil {
			return err
		}
		p = h.Position
		st, err = loadState(v, h)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return st, p, nil
}

// Partial returns what Tx.Partial does, to be read: the vector, the base, all metadata and the RRsets at the owners, or the
// whole state where more than one life answers for the zone.
func (s *Store) Partial(z zone.Name, owners ...zone.Name) (st *zone.State, err error) {
	err = s.published.read(func(v *view) error {
		h, err := loadHead(v, z)
		if err != nil {
			return err
		}
		if st, err = loadPart(v, h, owners); err == nil && st.NeedsWhole() {
			st, err = loadState(v, h)
		}
		return err
	})
	return st, err
}

// loadState returns the whole state under the head. A zone never heard of has an empty head and no rows.
func loadState(r pebble.Reader, h Head) (*zone.State, error) {
	s := emptyState(h)
	if h.Position == 0 {
		return s, nil
	}
	return s, loadCells(r, s, tableKey(tableCell, string(h.Zone)))
}

// loadPart returns the state with all metadata and the RRsets at the owners.
func loadPart(r pebble.Reader, h Head, owners []zone.Name) (*zone.State, error) {
	s := emptyState(h)
	if h.Position == 0 {
		return s, nil
	}
	if err := loadCells(r, s, metaPrefix(h.Zone)); err != nil {
		return nil, err
	}
	for _, o := range owners {
		if err := loadCells(r, s, ownerPrefix(h.Zone, o)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func emptyState(h Head) *zone.State {
	s := zone.NewState(h.Zone)
	s.Vector.Merge(h.Vector)
	s.Base = h.Base
	return s
}

// loadCells adds the rows that begin with prefix to the state.
func loadCells(r pebble.Reader, s *zone.State, prefix []byte) error {
	return scan(r, prefix, after(prefix), func(row, v []byte) error {
		k, err := parseCell(s.Zone, row)
		if err != nil {
			return err
		}
		s.Keys[k], err = parseVersions(bytes.Clone(v))
		return err
	})
}

// loadCell returns the versions of one row, nil if there is none.
func loadCell(r pebble.Reader, row []byte) ([]zone.Version, error) {
	v, err := get(r, row)
	if err != nil || v == nil {
		return nil, err
	}
	return parseVersions(v)
}

// parseVersions returns versions whose values are slices of v.
func parseVersions(v []byte) ([]zone.Version, error) {
	d := decoder{b: v}
	versions := d.versions()
	if d.err != nil {
		return nil, fmt.Errorf("cell row: %w", d.err)
	}
	return versions, nil
}
