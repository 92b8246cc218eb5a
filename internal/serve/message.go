package serve

import "encoding/binary"

// message writes a DNS message into a buffer of fixed size. When something does not fit, the message is full: nothing is
// written from there on until it is cut back to a mark.
type message struct {
	buf    []byte // its capacity holds limit
	limit  int
	full   bool
	known  [maxKnown]suffix
	knownN int
}

// suffix is a name that was written at an offset; with the names below it, it is what later names can be compressed against.
type suffix struct {
	at   uint16
	size uint8 // octets of the name uncompressed
}

// maxKnown bounds the search for a suffix; names that come later in a long message are compressed less.
const maxKnown = 64

// maxPointer is the first offset that a compression pointer cannot express (RFC 1035 section 4.1.4).
const maxPointer = 1 << 14

// mark is a state to which a message can be cut back.
type mark struct{ size, known int }

func (m *message) mark() mark { return mark{len(m.buf), m.knownN} }

func (m *message) cut(to mark) {
	m.buf, m.knownN, m.full = m.buf[:to.size], to.known, false
}

func (m *message) reset(limit int) {
	m.buf, m.limit, m.full, m.knownN = m.buf[:0], limit, false, 0
}

func (m *message) fits(n int) bool {
	if len(m.buf)+n > m.limit {
		m.full = true
	}
	return !m.full
}

func (m *message) octet(v uint8) {
	if m.fits(1) {
		m.buf = append(m.buf, v)
	}
}

func (m *message) uint16(v uint16) {
	if m.fits(2) {
		m.buf = binary.BigEndian.AppendUint16(m.buf, v)
	}
}

func (m *message) uint32(v uint32) {
	if m.fits(4) {
		m.buf = binary.BigEndian.AppendUint32(m.buf, v)
	}
}

func (m *message) octets(b []byte) {
	if m.fits(len(b)) {
		m.buf = append(m.buf, b...)
	}
}

// name writes a name, compressed against those written before.
func (m *message) name(n []byte) {
	for n[0] != 0 {
		if at, ok := m.seen(n); ok {
			m.uint16(0xc000 | at)
			return
		}
		n = m.label(n)
		if m.full {
			return
		}
	}
	m.octet(0)
}

// plainName writes a name without compression; others may still be compressed against it.
func (m *message) plainName(n []byte) {
	for n[0] != 0 && !m.full {
		n = m.label(n)
	}
	m.octet(0)
}

// label writes the first label of n, remembers where n is, and returns what follows the label.
func (m *message) label(n []byte) []byte {
	if len(m.buf) < maxPointer && m.knownN < maxKnown {
		m.known[m.knownN] = suffix{uint16(len(m.buf)), uint8(len(n))}
		m.knownN++
	}
	l := int(n[0]) + 1
	m.octets(n[:l])
	return n[l:]
}

// seen returns where n was written before. Case is not part of a name (RFC 4343), so an answer shows the case of the
// question wherever it repeats its name.
func (m *message) seen(n []byte) (uint16, bool) {
	for i := range m.known[:m.knownN] {
		if k := &m.known[i]; int(k.size) == len(n) && m.same(int(k.at), n) {
			return k.at, true
		}
	}
	return 0, false
}

// same compares n with the name at an offset of the message, which the message itself wrote.
func (m *message) same(at int, n []byte) bool {
	for {
		c := m.buf[at]
		if c >= 0xc0 {
			at = int(binary.BigEndian.Uint16(m.buf[at:]) & (maxPointer - 1))
			continue
		}
		l := int(c) + 1
		if n[0] != c || !equalFold(m.buf[at:at+l], n[:l]) {
			return false
		}
		if c == 0 {
			return true
		}
		at, n = at+l, n[l:]
	}
}

// rrset writes an RRset whole, or nothing (RFC 2181 section 9), and returns the number of its records.
func (m *message) rrset(s item, class uint16) (n int, ok bool) {
	start := m.mark()
	for b := s.records; len(b) > 0; n++ {
		size := int(binary.BigEndian.Uint16(b))
		m.record(s, class, b[2:2+size])
		if m.full {
			m.cut(start)
			return 0, false
		}
		b = b[2+size:]
	}
	return n, true
}

// record writes one record of an RRset.
func (m *message) record(s item, class uint16, data []byte) {
	m.name(s.owner)
	m.uint16(uint16(s.typ))
	m.uint16(class)
	m.uint32(s.ttl)
	at := len(m.buf)
	m.uint16(0)
	m.rdata(s, data)
	if !m.full {
		binary.BigEndian.PutUint16(m.buf[at:], uint16(len(m.buf)-at-2))
	}
}

func (m *message) rdata(s item, data []byte) {
	if !s.tidy {
		m.octets(data)
		return
	}
	l := layoutOf(s.typ)
	m.octets(data[:l.before])
	data = data[l.before:]
	for range l.names {
		n := nameLen(data)
		if l.compress {
			m.name(data[:n])
		} else {
			m.plainName(data[:n])
		}
		data = data[n:]
	}
	m.octets(data)
}
