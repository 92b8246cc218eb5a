package store

import (
	"encoding/json"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Everything in this file stands in for functions of package zone.

func newState(z zone.Name) *zone.State {
	return &zone.State{Zone: z, Vector: zone.Vector{}, Keys: map[zone.Key][]zone.Version{}}
}

func etagOf(s *zone.State) string                 { return fmt.Sprint(s.Vector, s.Base) }
func serialOf(s *zone.State) uint32               { return 0 }
func conflictsOf(s *zone.State) []zone.Conflict   { return nil }
func viewOf(s *zone.State) (*zone.View, bool)     { return nil, false }
func textOf(n zone.Name) string                   { return string(n) }
func appendVector(b []byte, v zone.Vector) []byte { return appendJSON(b, pairs(v)) }
func appendVersions(b []byte, v []zone.Version) []byte {
	return appendJSON(b, v)
}
func appendKey(b []byte, k zone.Key) []byte { return appendJSON(b, k) }

type pair struct {
	N zone.NodeID
	C uint64
}

func pairs(v zone.Vector) (p []pair) {
	for n, c := range v {
		p = append(p, pair{n, c})
	}
	return p
}

func decodeVector(b []byte) (zone.Vector, []byte, error) {
	p, rest, err := decodeJSON[[]pair](b)
	v := zone.Vector{}
	for _, e := range p {
		v[e.N] = e.C
	}
	return v, rest, err
}

func decodeVersions(b []byte) ([]zone.Version, []byte, error) { return decodeJSON[[]zone.Version](b) }

func (d *decoder) key() zone.Key { return decodeWith(d, decodeJSON[zone.Key]) }

func appendJSON(b []byte, v any) []byte {
	j, _ := json.Marshal(v)
	return appendString(b, string(j))
}

func decodeJSON[T any](b []byte) (v T, rest []byte, err error) {
	d := decoder{b: b}
	err = json.Unmarshal(d.take(d.uint()), &v)
	return v, d.b, err
}
