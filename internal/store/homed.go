package store

import (
	"fmt"
	"strings"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// The rows of tableHomed are under the name of the home, without the fingerprint of the server's key that follows it:
// that is what people ask for. Each says the whole home, and then what the listing row says.

// homeName is what a home is found by.
func homeName(home string) string {
	name, _, _ := strings.Cut(strings.ToLower(home), " ")
	return strings.TrimSuffix(name, ".")
}

func homedKey(home, text string) []byte { return tableKey(tableHomed, homeName(home), "\x00", text) }

func homedRow(h Head, listed []byte) []byte {
	return append(appendString(value(), h.Home), listed[1:]...)
}

func (s *Store) indexHomes() error {
	if !s.counters.indexed.homes {
		err := s.reindex(tableHomed, tableHead, func(k, content []byte) ([]byte, []byte, error) {
			h, err := parseHead(zone.Name(k[2:]), content)
			return homedKey(h.Home, h.Zone.Text()), homedRow(h, listing{h.Live, h.Owner, h.Zone}.value()), err
		})
		if err != nil {
			return fmt.Errorf("index zones by home: %w", err)
		}
	}
	s.counters.indexed.homes, s.indexed.homes = true, true
	return nil
}

// eachHomed calls f with the whole home and the listing row of each zone at home at a server of that name whose text is
// after the given one, in the order of the texts.
func eachHomed(v *view, name, from string, f func(home, text, content []byte) error) error {
	prefix := homedKey(name, "")
	return scan(v, append(homedKey(name, from), 0), after(prefix), func(k, content []byte) error {
		d := decoder{b: content}
		home := d.take(d.uint())
		if d.err != nil {
			return d.err
		}
		return f(home, k[len(prefix):], d.b)
	})
}

// Homes returns how many zones that live each home has.
func (s *Store) Homes() (map[string]int, error) {
	if homes := s.published.homes(); homes != nil {
		return homes, nil
	}
	homes := map[string]int{}
	return homes, s.EachHead(func(h Head) error {
		if h.Live {
			homes[h.Home]++
		}
		return nil
	})
}

// ZonesAt returns the zones that live whose home is the given one, in the order of their names as text.
func (s *Store) ZonesAt(home string) (zones []zone.Name, err error) {
	if !s.indexed.homes {
		return zones, s.EachHead(func(h Head) error {
			if h.Live && h.Home == home {
				zones = append(zones, h.Zone)
			}
			return nil
		})
	}
	err = s.published.read(func(v *view) error {
		return eachHomed(v, home, "", func(at, _, content []byte) error {
			if d := (decoder{b: content}); d.bool() && string(at) == home {
				zones = append(zones, listedZone(content))
			}
			return nil
		})
	})
	return zones, err
}
