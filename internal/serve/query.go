package serve

import (
	"encoding/binary"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Response codes: RFC 1035 section 4.1.1, RFC 2136 section 2.2, RFC 6891 section 9.
const (
	rcodeNoError  = 0
	rcodeFormErr  = 1
	rcodeServFail = 2
	rcodeNXDomain = 3
	rcodeNotImp   = 4
	rcodeRefused  = 5
	rcodeYXDomain = 6
	rcodeNotAuth  = 9
	rcodeBadVers  = 16
)

const (
	headerSize = 12

	flagQR = 1 << 15
	flagAA = 1 << 10
	flagTC = 1 << 9
	flagRD = 1 << 8

	opcodeBits  = 0xf << 11
	opcodeQuery = 0
)

// query is a parsed question. Its slices point into the packet.
type query struct {
	id       uint16
	flags    uint16
	question []byte // the question section as it was sent; nil if it is not one well-formed question
	name     []byte // in the case of the sender
	qtype    zone.Type
	class    uint16
	edns     edns
	soa      bool   // IXFR: the client said what it has
	serial   uint32 // and which serial that is
}

// parse reads a packet. It returns false when there must be no answer at all, otherwise the response code that is settled
// before any zone is looked at.
func (q *query) parse(packet []byte) (rcode int, answer bool) {
	*q = query{}
	if len(packet) < headerSize || binary.BigEndian.Uint16(packet[2:])&flagQR != 0 {
		return 0, false // an answer to an answer would never end
	}
	q.id, q.flags = binary.BigEndian.Uint16(packet), binary.BigEndian.Uint16(packet[2:])
	end := q.parseQuestion(packet)
	switch {
	case q.flags&opcodeBits != opcodeQuery:
		return rcodeNotImp, true
	case q.question == nil: // also more than one: RFC 9619
		return rcodeFormErr, true
	case !q.parseRecords(packet, end):
		return rcodeFormErr, true
	case q.edns.present && q.edns.version > 0:
		return rcodeBadVers, true // RFC 6891 section 6.1.3
	}
	return rcodeNoError, true
}

// parseQuestion returns the offset after the question.
func (q *query) parseQuestion(packet []byte) int {
	body := packet[headerSize:]
	n := nameLen(body) // a question's name has nothing before it to point to
	if binary.BigEndian.Uint16(packet[4:]) != 1 || n == 0 || len(body) < n+4 {
		return 0
	}
	q.question, q.name = body[:n+4], body[:n]
	q.qtype, q.class = zone.Type(binary.BigEndian.Uint16(body[n:])), binary.BigEndian.Uint16(body[n+2:])
	return headerSize + n + 4
}

// parseRecords walks the records after the question and reads what concerns a question: OPT, and the SOA of an IXFR.
func (q *query) parseRecords(packet []byte, at int) bool {
	answers, authority, additional := binary.BigEndian.Uint16(packet[6:]), binary.BigEndian.Uint16(packet[8:]), binary.BigEndian.Uint16(packet[10:])
	before := int(answers) + int(authority)
	for i := range before + int(additional) {
		rr, next, ok := parseRecord(packet, at)
		if !ok {
			return false
		}
		switch {
		case rr.typ == zone.TypeOPT:
			// RFC 6891 section 6.1.1: one, owned by the root, in the additional section.
			if i < before || q.edns.present || packet[at] != 0 || !q.edns.parse(rr) {
				return false
			}
		case rr.typ == zone.TypeSOA && i >= int(answers) && i < before && len(rr.data) >= 20:
			q.soa, q.serial = true, binary.BigEndian.Uint32(rr.data[len(rr.data)-20:])
		}
		at = next
	}
	return at == len(packet)
}

// record is a resource record in a packet, its owner skipped.
type record struct {
	typ   zone.Type
	class uint16
	ttl   uint32
	data  []byte
}

func parseRecord(packet []byte, at int) (rr record, next int, ok bool) {
	at, ok = skipName(packet, at)
	if !ok || len(packet) < at+10 {
		return rr, 0, false
	}
	b := packet[at:]
	rr.typ, rr.class, rr.ttl = zone.Type(binary.BigEndian.Uint16(b)), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:])
	size := int(binary.BigEndian.Uint16(b[8:]))
	if len(b) < 10+size {
		return rr, 0, false
	}
	rr.data = b[10 : 10+size]
	return rr, at + 10 + size, true
}

// skipName returns the offset after a name that may end in a pointer. Nothing here needs what is pointed to.
func skipName(packet []byte, at int) (int, bool) {
	for start := at; at < len(packet) && at-start < maxName; {
		switch c := packet[at]; {
		case c == 0:
			return at + 1, true
		case c >= 0xc0:
			return at + 2, at+2 <= len(packet)
		case c > 63:
			return 0, false
		default:
			at += int(c) + 1
		}
	}
	return 0, false
}
