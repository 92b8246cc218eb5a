package zone

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Sum is a sum of hashes modulo 2^128. It stands for a set without order, and follows a change of the set by what is
// added and what is taken away, so that the digest of a huge zone costs an edit of it no more than the edit. It finds
// differences between servers that want to be equal; against somebody who builds sets of equal sums it is no proof.
type Sum struct{ High, Low uint64 }

// SumOf is the sum of a set of one.
func SumOf(b []byte) Sum {
	h := sha256.Sum256(b)
	return SumFrom([16]byte(h[:16]))
}

// SumFrom is the reverse of Bytes.
func SumFrom(b [16]byte) Sum {
	return Sum{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// Bytes is the form in which a sum is kept and travels.
func (s Sum) Bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], s.High)
	binary.BigEndian.PutUint64(b[8:], s.Low)
	return b
}

// Add is the sum of both sets.
func (s Sum) Add(t Sum) Sum {
	low, carry := bits.Add64(s.Low, t.Low, 0)
	high, _ := bits.Add64(s.High, t.High, carry)
	return Sum{high, low}
}

// Sub is the sum of what is in s and not in t, which s contains.
func (s Sum) Sub(t Sum) Sum {
	low, borrow := bits.Sub64(s.Low, t.Low, 0)
	high, _ := bits.Sub64(s.High, t.High, borrow)
	return Sum{high, low}
}
