package zone

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// IsZero says that d names no change.
func (d Dot) IsZero() bool { return d == Dot{} }

// Compare orders dots by node id bytes, then counter. The order has no meaning in time.
func (d Dot) Compare(e Dot) int {
	return cmp.Or(bytes.Compare(d.Node[:], e.Node[:]), cmp.Compare(d.Counter, e.Counter))
}

// String is for people and logs: the node id in hex, a hyphen, the counter.
func (d Dot) String() string { return fmt.Sprintf("%x-%d", d.Node, d.Counter) }

// Covers says that the state with this vector has contained d. The zero Dot is covered by every vector.
func (v Vector) Covers(d Dot) bool { return d.Counter <= v[d.Node] }

// Includes says that v covers every dot that w covers.
func (v Vector) Includes(w Vector) bool {
	for node, counter := range w {
		if v[node] < counter {
			return false
		}
	}
	return true
}

// Equal says that v and w cover the same dots.
func (v Vector) Equal(w Vector) bool { return v.Includes(w) && w.Includes(v) }

// Merge raises v to the pointwise maximum of v and w. v must not be nil.
func (v Vector) Merge(w Vector) {
	for node, counter := range w {
		v[node] = max(v[node], counter)
	}
}

// Clone returns an independent copy, never nil.
func (v Vector) Clone() Vector {
	c := make(Vector, len(v))
	maps.Copy(c, v)
	return c
}

// Sum is the number of dots that v covers. It may wrap: only its low 32 bits reach a serial.
func (v Vector) Sum() uint64 {
	var sum uint64
	for _, counter := range v {
		sum += counter
	}
	return sum
}

// nodes returns the node ids with a counter, in byte order.
func (v Vector) nodes() []NodeID {
	nodes := make([]NodeID, 0, len(v))
	for node, counter := range v {
		if counter > 0 {
			nodes = append(nodes, node)
		}
	}
	slices.SortFunc(nodes, func(a, b NodeID) int { return bytes.Compare(a[:], b[:]) })
	return nodes
}

// ETag is a hash of vector and base, in hex. It is never made from the serial: two partitioned nodes may have had
// different content under one serial.
func ETag(v Vector, base uint64) string {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(AppendVector(nil, v), base))
	return hex.EncodeToString(sum[:16])
}
