package zone

import (
	"crypto/sha256"
	"encoding/binary"
)

// Digest is a SHA-256 over what counts: name, vector, base and versions, without lone absents and what an end has seen.
// So nodes that dropped those at different times still have equal digests.
func (s *State) Digest() [32]byte {
	ends := s.ends()
	var keys []KeyVersions
	for k, versions := range s.Keys {
		if counts := counting(KeyVersions{k, versions}, ends); len(counts) > 0 {
			keys = append(keys, KeyVersions{k, counts})
		}
	}
	h := sha256.New()
	h.Write(binary.AppendUvarint(AppendVector(appendString(nil, s.Zone), s.Vector), s.Base))
	var b []byte
	for _, kv := range sortedKeys(keys) {
		b = AppendVersions(AppendKey(b[:0], kv.Key), kv.Versions)
		h.Write(b)
	}
	return [32]byte(h.Sum(nil))
}
