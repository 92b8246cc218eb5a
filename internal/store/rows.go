package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// errStop ends a scan early without an error.
var errStop = errors.New("stop")

// get returns a copy of the row's value without its format octet, nil if there is no such row.
func get(r pebble.Reader, key []byte) ([]byte, error) {
	v, closer, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read row: %w", err)
	}
	defer closer.Close()
	return content(key, bytes.Clone(v))
}

// content checks and removes the format octet of a value. It is never nil.
func content(key, v []byte) ([]byte, error) {
	if len(v) == 0 || v[0] != rowFormat {
		return nil, fmt.Errorf("%w: row %x has an unknown format", ErrCorrupt, key)
	}
	return v[1:], nil
}

// scan calls f with each row from lower up to (not including) upper; f must not keep key or value. f ends it with
// errStop.
func scan(r pebble.Reader, lower, upper []byte, f func(key, value []byte) error) error {
	return walk(r, lower, upper, (*pebble.Iterator).First, (*pebble.Iterator).Next, f)
}

// scanBack is scan from the last row to the first.
func scanBack(r pebble.Reader, lower, upper []byte, f func(key, value []byte) error) error {
	return walk(r, lower, upper, (*pebble.Iterator).Last, (*pebble.Iterator).Prev, f)
}

func walk(r pebble.Reader, lower, upper []byte, start, step func(*pebble.Iterator) bool, f func(key, value []byte) error) (err error) {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := start(it); ok; ok = step(it) {
		v, err := it.ValueAndErr()
		if err != nil {
			return fmt.Errorf("read rows: %w", err)
		}
		if v, err = content(it.Key(), v); err != nil {
			return err
		}
		if err := f(it.Key(), v); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// value starts the value of a row.
func value() []byte { return []byte{rowFormat} }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendDot(b []byte, d zone.Dot) []byte {
	return binary.AppendUvarint(append(b, d.Node[:]...), d.Counter)
}

func appendSum(b []byte, s zone.Sum) []byte {
	octets := s.Bytes()
	return append(b, octets[:]...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// decoder reads what the append functions wrote. The first damage makes all that follows zero and is kept in err.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) damaged() {
	d.b = nil
	if d.err == nil {
		d.err = ErrCorrupt
	}
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.damaged()
		return nil
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.damaged()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) millis() zone.Millis {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.damaged()
		return 0
	}
	d.b = d.b[n:]
	return zone.Millis(v)
}

func (d *decoder) string() string { return string(d.take(d.uint())) }

func (d *decoder) bool() bool {
	v := d.take(1)
	return len(v) == 1 && v[0] == 1
}

func (d *decoder) dot() (dot zone.Dot) {
	copy(dot.Node[:], d.take(uint64(len(dot.Node))))
	dot.Counter = d.uint()
	return dot
}

func (d *decoder) sum() zone.Sum {
	var octets [16]byte
	copy(octets[:], d.take(uint64(len(octets))))
	return zone.SumFrom(octets)
}

func (d *decoder) vector() zone.Vector {
	return decodeWith(d, zone.DecodeVector)
}

func (d *decoder) versions() []zone.Version {
	return decodeWith(d, zone.DecodeVersions)
}

func (d *decoder) key() zone.Key {
	return decodeWith(d, zone.DecodeKey)
}

func decodeWith[T any](d *decoder, decode func([]byte) (T, []byte, error)) (v T) {
	if d.err != nil {
		return v
	}
	v, rest, err := decode(d.b)
	if err != nil {
		d.damaged()
		d.err = fmt.Errorf("%w: %w", ErrCorrupt, err)
		return v
	}
	d.b = rest
	return v
}
