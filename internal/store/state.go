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
		var h Head
		st, h, err = loadState(v, z)
		if err == nil && h.Position == 0 {
			return ErrNotFound
		}
		p = h.Position
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return st, p, nil
}

// loadState returns the whole state; of a zone without a head, which has no other rows either, a new one.
func loadState(r pebble.Reader, z zone.Name) (*zone.State, Head, error) {
	s := zone.NewState(z)
	h, err := loadHead(r, z)
	if isNotFound(err) {
		return s, h, nil
	}
	if err != nil {
		return nil, h, err
	}
	s.Vector, s.Base = h.Vector, h.Base
	return s, h, loadCells(r, s, tableKey(tableCell, string(z)))
}

// loadPart returns the state with all metadata and the RRsets at the owners.
func loadPart(r pebble.Reader, z zone.Name, owners []zone.Name) (*zone.State, error) {
	s := zone.NewState(z)
	h, err := loadHead(r, z)
	if isNotFound(err) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s.Vector, s.Base = h.Vector, h.Base
	if err := loadCells(r, s, metaPrefix(z)); err != nil {
		return nil, err
	}
	for _, o := range owners {
		if err := loadCells(r, s, ownerPrefix(z, o)); err != nil {
			return nil, err
		}
	}
	return s, nil
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
