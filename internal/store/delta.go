package store

import (
	"maps"
	"slices"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// deltaEntries bounds how much history one delta gathers; with more changes the whole state is sent.
const deltaEntries = 1000

// Delta returns what a target that has the zone as of the position lacks, and the position as of which it then has it:
// every key touched by a later change, also those with no version left, with the vector before the first of them. It
// is the whole state when since is 0 or older than the history, and when one of the changes came as a whole state:
// what was dropped there has left no key to name, and would come back.
func (s *Store) Delta(z zone.Name, since Position) (d zone.Delta, p Position, err error) {
	err = s.published.read(func(v *view) error {
		h, err := loadHead(v, z)
		if err != nil {
			return err
		}
		p = h.Position
		first, touched, complete, err := touchedSince(v, h, since)
		if err != nil {
			return err
		}
		if !complete {
			st, err := loadState(v, h)
			if err == nil {
				d = st.Whole()
			}
			return err
		}
		d = zone.Delta{Zone: z, Since: first, Vector: h.Vector, Base: h.Base}
		for _, k := range touched {
			versions, err := loadCell(v, cellKey(z, k))
			if err != nil {
				return err
			}
			d.Keys = append(d.Keys, zone.KeyVersions{Key: k, Versions: versions})
		}
		return nil
	})
	return d, p, err
}

// touchedSince returns the keys touched after the position and the vector before that; complete is false when the
// history does not tell.
func touchedSince(v *view, h Head, since Position) (first zone.Vector, keys []zone.Key, complete bool, err error) {
	if since == 0 || since < h.trimmed {
		return nil, nil, false, nil
	}
	first, complete = h.Vector, true
	touched := map[zone.Key]bool{}
	entries := 0
	err = scan(v, historyKey(h.Zone, since+1), historyKey(h.Zone, h.Position+1), func(k, content []byte) error {
		e, err := parseEntry(h.Zone, Position(keyNumber(k)), content)
		if err != nil {
			return err
		}
		if entries++; e.Whole || entries > deltaEntries {
			complete = false
			return errStop
		}
		if entries == 1 {
			first = e.Before
		}
		for _, k := range e.Keys {
			touched[k.Key] = true
		}
		return nil
	})
	return first, sortedKeys(touched), complete, err
}

func sortedKeys(set map[zone.Key]bool) []zone.Key {
	return slices.SortedFunc(maps.Keys(set), zone.Key.Compare)
}
