package serve

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// responder answers one packet at a time, without allocating. Each goroutine has its own; what a method returns is valid
// until the next call.
type responder struct {
	table *Table
	*settings
	counts *counters
	client netip.Addr

	query query
	ans   answer
	class uint16 // of the records in ans
	msg   message
	frame []byte // the message's buffer with two octets before it, for TCP's length

	asked  path   // the name that is looked for
	owner  []byte // the same in the case in which it was written
	target path
	host   [maxName]byte   // the name of target
	names  [spareSize]byte // of each name in a chain the lower-case form, and the record synthesized on the way to it
	spare  []byte
}

const spareSize = (maxChain+2)*maxName + (maxChain+1)*(2+maxName)

// settings are what the operator chose about answers.
type settings struct {
	nsid    []byte
	version []byte
	allow   []netip.Prefix // who may fetch zones
	also    func(netip.Addr) bool
	loading func() bool
}

// newResponder returns a responder whose answers have up to size octets.
func newResponder(t *Table, o *settings, c *counters, size int) *responder {
	r := &responder{table: t, settings: o, counts: c, frame: make([]byte, 2+size)}
	r.msg.buf = r.frame[2:2]
	return r
}

func (r *responder) hash(p *path, i int) uint64 {
	for ; p.hashed <= i; p.hashed++ {
		p.hash[p.hashed] = maphash.Bytes(r.table.seed, p.suffix(p.hashed))
	}
	return p.hash[i]
}

// read parses a packet and reports whether it gets an answer.
func (r *responder) read(packet []byte, client netip.Addr) bool {
	r.client = client
	rcode, answer := r.query.parse(packet)
	r.ans.reset(rcode)
	r.class = classIN
	if !answer {
		r.counts.dropped.Add(1)
	}
	return answer
}

// reply computes and writes the answer to what was read, in at most limit octets.
func (r *responder) reply(limit int) []byte {
	if r.ans.rcode == rcodeNoError {
		r.compute()
	}
	return r.encode(limit)
}

func (r *responder) compute() {
	switch q := &r.query; {
	case q.class == classCHAOS:
		r.chaos()
	case q.class != classIN:
		r.ans.rcode = rcodeRefused
	case q.qtype == zone.TypeIXFR:
		r.serialOnly()
	case q.qtype == typeMAILA || q.qtype == typeMAILB:
		r.ans.rcode = rcodeNotImp // obsolete since RFC 973
	case q.qtype.IsMeta() && q.qtype != zone.TypeANY:
		r.ans.rcode = rcodeFormErr // no question is asked for metadata; AXFR goes by TCP only (RFC 5936 section 4.2)
	default:
		r.resolve()
	}
}

// encode writes the answer. What does not fit is left out whole, and TC set if it was needed.
func (r *responder) encode(limit int) []byte {
	m, q, a := &r.msg, &r.query, &r.ans
	m.reset(min(limit, cap(m.buf)) - r.optSize())
	flags := flagQR | q.flags&(opcodeBits|flagRD) | uint16(a.rcode&0xf)
	if a.authoritative {
		flags |= flagAA
	}
	r.header(flags)
	truncated := !r.sections()
	r.maybeOPT()
	if truncated {
		binary.BigEndian.PutUint16(m.buf[2:], flags|flagTC)
		r.counts.truncated.Add(1)
	}
	r.counts.answered(a.rcode)
	return m.buf
}

// header writes the header, with the counts of the records still zero, and the question.
func (r *responder) header(flags uint16) {
	m, q := &r.msg, &r.query
	m.uint16(q.id)
	m.uint16(flags)
	if q.question == nil {
		m.octets(make([]byte, 8))
		return
	}
	m.uint16(1)
	m.octets(make([]byte, 6))
	m.name(q.name)
	m.octets(q.question[len(q.name):])
}

// sections writes the records and reports whether all that the client needs are there.
func (r *responder) sections() bool {
	a := &r.ans
	for _, it := range a.answer {
		if !r.add(6, it) {
			return false
		}
	}
	for _, it := range a.authority {
		if !r.add(8, it) {
			return false
		}
	}
	for i, it := range a.additional {
		if !r.add(10, it) && i < a.required {
			return false // RFC 9471 section 3.1
		}
	}
	return true
}

// add writes an RRset and counts its records in the header.
func (r *responder) add(count int, it item) bool {
	n, ok := r.msg.rrset(it, r.class)
	if ok {
		b := r.msg.buf[count:]
		binary.BigEndian.PutUint16(b, binary.BigEndian.Uint16(b)+uint16(n))
	}
	return ok
}
