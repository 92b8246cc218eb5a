package zone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// RRset is one RRset of a zone (RFC 2181 section 5).
type RRset struct {
	Owner Name
	Type  Type
	TTL   uint32
	// Data holds the rdata of each record in uncompressed wire form, in canonical order (RFC 4034 section 6.3) and
	// without duplicates. The letters' case inside is kept as it was written.
	Data [][]byte
}

// maxTTL is the greatest TTL (RFC 2181 section 8).
const maxTTL = 1<<31 - 1

// maxData is what the 16-bit RDLENGTH can say.
const maxData = 1<<16 - 1

// NewRRset makes an RRset: data is put into canonical order and rid of duplicates. Records that differ only in the
// case of a name are duplicates; the one with the smallest octets stays, so that every node keeps the same. The data
// slice itself is not changed; its elements are shared.
func NewRRset(owner Name, t Type, ttl uint32, data [][]byte) RRset {
	data = slices.Clone(data)
	if len(data) > 1 {
		slices.SortFunc(data, func(a, b []byte) int {
			if c := CompareData(t, a, b); c != 0 {
				return c
			}
			return bytes.Compare(a, b)
		})
		data = slices.CompactFunc(data, func(a, b []byte) bool { return CompareData(t, a, b) == 0 })
	}
	return RRset{Owner: owner, Type: t, TTL: ttl, Data: data}
}

// CompareData orders rdata canonically (RFC 4034 section 6.3). It is 0 for equal records (RFC 2181 section 5: the
// case of names does not count).
func CompareData(t Type, a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	return bytes.Compare(CanonicalData(t, a), CanonicalData(t, b))
}

// EncodeRRset is the stored form of an RRset's value: the TTL, then each record's length and rdata. It does not know
// the type: a SOA's serial is set to 0 before, by WithSOASerial.
func EncodeRRset(ttl uint32, data [][]byte) []byte {
	size := 4
	for _, d := range data {
		size += 2 + len(d)
	}
	b := binary.BigEndian.AppendUint32(make([]byte, 0, size), ttl)
	for _, d := range data {
		b = binary.BigEndian.AppendUint16(b, uint16(len(d)))
		b = append(b, d...)
	}
	return b
}

// DecodeRRset reads what EncodeRRset wrote. The records are slices of v. Whether they are well-formed is ValidData's
// question.
func DecodeRRset(v []byte) (ttl uint32, data [][]byte, err error) {
	if len(v) < 4+2 {
		return 0, nil, errors.New("decode rrset: no record in it")
	}
	ttl = binary.BigEndian.Uint32(v)
	if ttl > maxTTL {
		return 0, nil, fmt.Errorf("decode rrset: ttl %d is above %d", ttl, maxTTL)
	}
	rest := v[4:]
	count := 0
	for at := 0; at < len(rest); count++ {
		if len(rest)-at < 2 {
			return 0, nil, errDecodeCut
		}
		at += 2 + int(binary.BigEndian.Uint16(rest[at:]))
		if at > len(rest) {
			return 0, nil, errDecodeCut
		}
	}
	data = make([][]byte, 0, count)
	for len(rest) > 0 {
		end := 2 + int(binary.BigEndian.Uint16(rest))
		data = append(data, rest[2:end:end])
		rest = rest[end:]
	}
	return ttl, data, nil
}

var errDecodeCut = errors.New("decode rrset: a record ends too early")
