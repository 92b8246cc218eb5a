package store

import (
	"bytes"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Holding looks through the stored values of the zones after z ("" is the first) for one that contains the octets, in
// whatever case their letters are: a first sieve, which also lets zones through that only had such a value once. It
// looks at about so many rows, and returns the zones found, the last zone that it has looked at ("" at the end), and how
// many it has looked at.
func (s *Store) Holding(z zone.Name, octets []byte, rows int) (found []zone.Name, last zone.Name, seen int, err error) {
	needle := appendFolded(nil, octets) // octets are no text: bytes.ToLower would change them
	var folded []byte
	err = s.published.read(func(v *view) error {
		lower := tableKey(tableCell)
		if z != "" {
			lower = after(tableKey(tableCell, string(z)))
		}
		var at zone.Name
		hit := false
		err := scan(v, lower, tableKey(tableCell+1), func(k, content []byte) error {
			if name := nameAt(k[2:]); string(at) != string(name) {
				if rows <= 0 && at != "" {
					last = at
					return errStop
				}
				at, hit = zone.Name(name), false
				seen++
			}
			rows--
			if hit {
				return nil
			}
			folded = appendFolded(folded[:0], content)
			if hit = bytes.Contains(folded, needle); hit {
				found = append(found, at)
			}
			return nil
		})
		return err
	})
	return found, last, seen, err
}

// appendFolded lower-cases the octets that would be letters, whatever they are.
func appendFolded(dst, b []byte) []byte {
	for _, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// nameAt is the wire-form name at the head of a row's key.
func nameAt(k []byte) []byte {
	for n := 0; n < len(k); n += 1 + int(k[n]) {
		if k[n] == 0 {
			return k[:n+1]
		}
	}
	return k
}
