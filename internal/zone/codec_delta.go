package zone

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Bits of a version's flags octet.
const (
	flagAbsent = 1 << iota
	flagAddition
	flagReplace

	knownFlags = flagAbsent | flagAddition | flagReplace
)

// AppendVersions appends the versions of one key, in their order.
func AppendVersions(b []byte, versions []Version) []byte {
	if !slices.IsSortedFunc(versions, Version.Compare) {
		versions = slices.SortedFunc(slices.Values(versions), Version.Compare)
	}
	b = binary.AppendUvarint(b, uint64(len(versions)))
	for _, v := range versions {
		b = appendVersion(b, v)
	}
	return b
}

func appendVersion(b []byte, v Version) []byte {
	var flags byte
	if v.Absent {
		flags |= flagAbsent
	}
	if v.Addition {
		flags |= flagAddition
	}
	if v.Replace {
		flags |= flagReplace
	}
	b = append(appendDot(b, v.Dot), flags)
	b = binary.AppendVarint(b, int64(v.Time))
	b = binary.BigEndian.AppendUint32(b, v.Hash)
	b = appendString(b, v.Author)
	if v.Addition {
		b = appendDot(b, v.Begin)
	}
	if !v.Absent {
		b = appendString(b, v.Value)
	}
	return b
}

// DecodeVersions reads what AppendVersions wrote and returns the bytes after it. Values are copied out of b.
func DecodeVersions(b []byte) ([]Version, []byte, error) {
	versions, rest, err := decodeVersions(b)
	if err != nil {
		return nil, nil, fmt.Errorf("decode versions: %w", err)
	}
	return versions, rest, nil
}

func decodeVersions(b []byte) ([]Version, []byte, error) {
	n, b, err := decodeCount(b, minVersion)
	if err != nil || n == 0 {
		return nil, b, err
	}
	versions := make([]Version, n)
	for i := range versions {
		if versions[i], b, err = decodeVersion(b); err != nil {
			return nil, nil, err
		}
		if i > 0 && versions[i-1].Compare(versions[i]) >= 0 {
			return nil, nil, errUnordered
		}
	}
	return versions, b, nil
}

func decodeVersion(b []byte) (v Version, rest []byte, err error) {
	if v.Dot, b, err = decodeDot(b); err != nil {
		return v, nil, err
	}
	if len(b) == 0 {
		return v, nil, errCut
	}
	flags := b[0]
	if flags&^byte(knownFlags) != 0 {
		return v, nil, fmt.Errorf("unknown flags %#x of a version", flags)
	}
	v.Absent, v.Addition, v.Replace = flags&flagAbsent != 0, flags&flagAddition != 0, flags&flagReplace != 0
	if v.Time, b, err = decodeTime(b[1:]); err != nil {
		return v, nil, err
	}
	if len(b) < 4 {
		return v, nil, errCut
	}
	v.Hash = binary.BigEndian.Uint32(b)
	var text []byte
	if text, b, err = decodeBytes(b[4:]); err != nil {
		return v, nil, err
	}
	v.Author = string(text)
	if v.Addition {
		if v.Begin, b, err = decodeDot(b); err != nil {
			return v, nil, err
		}
	}
	if !v.Absent {
		if text, b, err = decodeBytes(b); err != nil {
			return v, nil, err
		}
		v.Value = append([]byte{}, text...)
	}
	return v, b, nil
}

// decodeTime is a signed varint in its shortest form.
func decodeTime(b []byte) (Millis, []byte, error) {
	u, rest, err := decodeUvarint(b)
	if err != nil {
		return 0, nil, err
	}
	x := int64(u >> 1)
	if u&1 != 0 {
		x = ^x
	}
	return Millis(x), rest, nil
}

// AppendDelta appends d.
func AppendDelta(b []byte, d Delta) []byte {
	b = append(b, d.Zone...)
	if d.Whole {
		b = append(b, 1)
	} else {
		b = AppendVector(append(b, 0), d.Since)
	}
	b = binary.AppendUvarint(AppendVector(b, d.Vector), d.Base)
	b = binary.AppendUvarint(b, uint64(len(d.Keys)))
	for _, kv := range sortedKeys(d.Keys) {
		b = AppendVersions(AppendKey(b, kv.Key), kv.Versions)
	}
	return b
}

// DecodeDelta reads what AppendDelta wrote and returns the bytes after it. It checks the form alone; Delta.Check checks
// the content.
func DecodeDelta(b []byte) (Delta, []byte, error) {
	d, rest, err := decodeDelta(b)
	if err != nil {
		return Delta{}, nil, fmt.Errorf("decode delta: %w", err)
	}
	return d, rest, nil
}

func decodeDelta(b []byte) (d Delta, rest []byte, err error) {
	if d.Zone, b, err = decodeName(b); err != nil {
		return d, nil, err
	}
	if len(b) == 0 {
		return d, nil, errCut
	}
	switch whole := b[0]; whole {
	case 0:
		if d.Since, b, err = decodeVector(b[1:]); err != nil {
			return d, nil, err
		}
	case 1:
		d.Whole, b = true, b[1:]
	default:
		return d, nil, errors.New("neither whole nor a difference")
	}
	if d.Vector, b, err = decodeVector(b); err != nil {
		return d, nil, err
	}
	if d.Base, b, err = decodeUvarint(b); err != nil {
		return d, nil, err
	}
	d.Keys, b, err = decodeKeys(b)
	return d, b, err
}

func decodeKeys(b []byte) ([]KeyVersions, []byte, error) {
	n, b, err := decodeCount(b, minKeyVersions)
	if err != nil || n == 0 {
		return nil, b, err
	}
	keys := make([]KeyVersions, n)
	for i := range keys {
		kv := &keys[i]
		if kv.Key, b, err = decodeKey(b); err != nil {
			return nil, nil, err
		}
		if kv.Versions, b, err = decodeVersions(b); err != nil {
			return nil, nil, fmt.Errorf("key %d: %w", i, err)
		}
		if i > 0 && keys[i-1].Key.Compare(kv.Key) >= 0 {
			return nil, nil, errUnordered
		}
	}
	return keys, b, nil
}
