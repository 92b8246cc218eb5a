package zone

import (
	"crypto/sha256"
	"encoding/binary"
)

// Digest is a SHA-256 over what counts: name, vector, base and versions, without lone absents and what an end has seen.
// So nodes that dropped those at different times still have equal digests.
func (s *State) Digest() [32]byte { return DigestOf(s.Zone, s.Vector, s.Base, s.Sum()) }

// DigestOf is the digest of the state that has this vector, this base and this sum.
func DigestOf(z Name, v Vector, base uint64, sum Sum) [32]byte {
	b := binary.AppendUvarint(AppendVector(appendString(nil, z), v), base)
	end := sum.Bytes()
	return sha256.Sum256(append(b, end[:]...))
}

// Sum is the sum of the keys that count, each with its versions that count. That of a part of a state changes by an
// edit as that of the whole does, as long as the edit stays within the part and writes no metadata: an end decides what
// counts of a whole life.
func (s *State) Sum() (sum Sum) {
	ends := s.ends()
	var b []byte
	for k, versions := range s.Keys {
		if counts := counting(KeyVersions{k, versions}, ends); len(counts) > 0 {
			b = AppendVersions(AppendKey(b[:0], k), counts)
			sum = sum.Add(SumOf(b))
		}
	}
	return sum
}

// Sum is the sum of what is served: RRsets, without the serial. Servers whose states differ, because one does not read
// what the other writes, may serve the same all the same.
func (v *View) Sum() (sum Sum) {
	var b []byte
	for _, set := range v.RRsets {
		set = set.withSerial(0)
		b = binary.BigEndian.AppendUint16(append(b[:0], set.Owner...), uint16(set.Type))
		sum = sum.Add(SumOf(append(b, EncodeRRset(set.TTL, set.Data)...)))
	}
	return sum
}
