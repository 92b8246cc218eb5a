package store

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"
)

// Record returns a configuration row, ErrNotFound if there is none.
func (s *Store) Record(kind, id string) (content []byte, err error) {
	err = s.published.read(func(v *view) error {
		content, err = loadRecord(v, kind, id)
		return err
	})
	return content, err
}

// Records returns all configuration rows of a kind by their id.
func (s *Store) Records(kind string) (map[string][]byte, error) {
	records := map[string][]byte{}
	prefix := recordKey(kind, "")
	err := s.published.read(func(v *view) error {
		return scan(v, prefix, after(prefix), func(k, content []byte) error {
			records[string(k[len(prefix):])] = bytes.Clone(content)
			return nil
		})
	})
	return records, err
}

func loadRecord(r pebble.Reader, kind, id string) ([]byte, error) {
	v, err := get(r, recordKey(kind, id))
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, ErrNotFound
	}
	return v, nil
}

// RecordIDs returns the ids of the rows of a kind that begin with the prefix, in their order.
func (s *Store) RecordIDs(kind, prefix string) (ids []string, err error) {
	from, whole := recordKey(kind, prefix), len(recordKey(kind, ""))
	err = s.published.read(func(v *view) error {
		return scan(v, from, after(from), func(k, _ []byte) error {
			ids = append(ids, string(k[whole:]))
			return nil
		})
	})
	return ids, err
}
