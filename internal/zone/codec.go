package zone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The codec writes each value in exactly one way: sorted, numbers in their shortest form. A decoder takes nothing else,
// so that equal bytes and equal values are the same thing, and it checks each count against the bytes that are left
// before it makes room for it. The pieces carry no version: store and wire put their own octet in front.

var (
	errCut       = errors.New("ends too early")
	errNumber    = errors.New("a number is not in its shortest form")
	errUnordered = errors.New("entries are not in ascending order")
)

const (
	minVectorEntry = 8 + 1                 // node id, counter
	minVersion     = 8 + 1 + 1 + 1 + 4 + 1 // dot, flags, time, hash, author
	minKeyVersions = 1 + 16 + 2 + 1        // kind, life, name or owner and type, count

	// maxMeta keeps the length of a metadata key's name in one octet.
	maxMeta = 127
)

// AppendVector appends v: the number of nodes, then node id and counter of each, by node id.
func AppendVector(b []byte, v Vector) []byte {
	nodes := v.nodes()
	b = binary.AppendUvarint(b, uint64(len(nodes)))
	for _, node := range nodes {
		b = append(b, node[:]...)
		b = binary.AppendUvarint(b, v[node])
	}
	return b
}

// DecodeVector reads what AppendVector wrote and returns the bytes after it.
func DecodeVector(b []byte) (Vector, []byte, error) {
	v, rest, err := decodeVector(b)
	if err != nil {
		return nil, nil, fmt.Errorf("decode vector: %w", err)
	}
	return v, rest, nil
}

func decodeVector(b []byte) (Vector, []byte, error) {
	n, b, err := decodeCount(b, minVectorEntry)
	if err != nil {
		return nil, nil, err
	}
	v := make(Vector, n)
	var last NodeID
	for i := range n {
		var d Dot
		if d, b, err = decodeDot(b); err != nil {
			return nil, nil, err
		}
		if i > 0 && bytes.Compare(d.Node[:], last[:]) <= 0 {
			return nil, nil, errUnordered
		}
		if d.Counter == 0 {
			return nil, nil, errors.New("a counter is zero")
		}
		v[d.Node], last = d.Counter, d.Node
	}
	return v, b, nil
}

func appendDot(b []byte, d Dot) []byte {
	return binary.AppendUvarint(append(b, d.Node[:]...), d.Counter)
}

func decodeDot(b []byte) (d Dot, rest []byte, err error) {
	if len(b) < len(d.Node) {
		return Dot{}, nil, errCut
	}
	copy(d.Node[:], b)
	d.Counter, rest, err = decodeUvarint(b[len(d.Node):])
	return d, rest, err
}

// AppendKey appends k. The bytes of keys order like Key.Compare: a zero octet, life and name for metadata; 1, owner,
// life and type for an RRset. So the keys at one owner name share a prefix.
func AppendKey(b []byte, k Key) []byte {
	if k.isMeta() {
		b = appendLife(append(b, 0), k.Life)
		return appendString(b, k.Meta)
	}
	b = append(append(b, 1), k.Owner...)
	return binary.BigEndian.AppendUint16(appendLife(b, k.Life), uint16(k.Type))
}

// appendLife writes the counter at its full width, so that bytes order like dots.
func appendLife(b []byte, life Dot) []byte {
	return binary.BigEndian.AppendUint64(append(b, life.Node[:]...), life.Counter)
}

// DecodeKey reads what AppendKey wrote and returns the bytes after it.
func DecodeKey(b []byte) (Key, []byte, error) {
	k, rest, err := decodeKey(b)
	if err != nil {
		return Key{}, nil, fmt.Errorf("decode key: %w", err)
	}
	return k, rest, nil
}

func decodeKey(b []byte) (k Key, rest []byte, err error) {
	if len(b) == 0 {
		return Key{}, nil, errCut
	}
	kind, b := b[0], b[1:]
	switch kind {
	case 0:
		if k.Life, b, err = decodeLife(b); err != nil {
			return Key{}, nil, err
		}
		var meta []byte
		if meta, b, err = decodeBytes(b); err == nil && (len(meta) == 0 || len(meta) > maxMeta) {
			err = fmt.Errorf("a metadata key's name has %d octets", len(meta))
		}
		k.Meta = string(meta)
		return k, b, err
	case 1:
		if k.Owner, b, err = decodeName(b); err != nil {
			return Key{}, nil, err
		}
		if k.Life, b, err = decodeLife(b); err != nil {
			return Key{}, nil, err
		}
		if len(b) < 2 {
			return Key{}, nil, errCut
		}
		k.Type = Type(binary.BigEndian.Uint16(b))
		return k, b[2:], nil
	}
	return Key{}, nil, fmt.Errorf("unknown kind of key %d", kind)
}

func decodeLife(b []byte) (d Dot, rest []byte, err error) {
	if len(b) < len(d.Node)+8 {
		return Dot{}, nil, errCut
	}
	n := copy(d.Node[:], b)
	d.Counter = binary.BigEndian.Uint64(b[n:])
	return d, b[n+8:], nil
}

// decodeName takes only the one form that a Name has: upper-case letters would make two keys of one owner.
func decodeName(b []byte) (Name, []byte, error) {
	name, n, err := NameFromWire(b)
	if err != nil {
		return "", nil, err
	}
	if string(name) != string(b[:n]) {
		return "", nil, errors.New("a name has upper-case letters")
	}
	return name, b[n:], nil
}

func appendString[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodeBytes returns a slice of b.
func decodeBytes(b []byte) ([]byte, []byte, error) {
	n, b, err := decodeUvarint(b)
	if err != nil {
		return nil, nil, err
	}
	if n > uint64(len(b)) {
		return nil, nil, errCut
	}
	return b[:n:n], b[n:], nil
}

// decodeUvarint takes the shortest form only.
func decodeUvarint(b []byte) (uint64, []byte, error) {
	x, n := binary.Uvarint(b)
	switch {
	case n == 0:
		return 0, nil, errCut
	case n < 0, n > 1 && b[n-1] == 0:
		return 0, nil, errNumber
	}
	return x, b[n:], nil
}

// decodeCount reads a number of entries of at least the given size each.
func decodeCount(b []byte, size int) (int, []byte, error) {
	n, b, err := decodeUvarint(b)
	if err != nil {
		return 0, nil, err
	}
	if n > uint64(len(b)/size) {
		return 0, nil, errCut
	}
	return int(n), b, nil
}

// sortedKeys returns keys in order, the same slice if it already is.
func sortedKeys(keys []KeyVersions) []KeyVersions {
	byKey := func(a, b KeyVersions) int { return a.Key.Compare(b.Key) }
	if slices.IsSortedFunc(keys, byKey) {
		return keys
	}
	keys = slices.Clone(keys)
	slices.SortFunc(keys, byKey)
	return keys
}
