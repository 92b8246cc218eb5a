package serve

import (
	"encoding/binary"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// edns is what a client said in its OPT record (RFC 6891).
type edns struct {
	present     bool
	version     uint8
	size        uint16 // its UDP payload size
	dnssecOK    bool
	nsid        bool // RFC 5001: it asks who answers
	zoneVersion bool // RFC 9660: it asks which version of the zone answers
}

const (
	optionNSID        = 3
	optionZoneVersion = 19

	optHeader      = 11      // octets of an OPT record without options
	flagDO         = 1 << 15 // in the low half of OPT's TTL
	zoneVersionSOA = 0       // RFC 9660 section 2.1: the version is the SOA serial

	// minUDP is what every client takes; maxUDP passes every usual network unfragmented (RFC 9715 appendix A).
	minUDP = 512
	maxUDP = 1232
	maxTCP = 65535
)

// parse reads an OPT record; options that are unknown are ignored (RFC 6891 section 6.1.2).
func (e *edns) parse(rr record) bool {
	e.present, e.size, e.version = true, rr.class, uint8(rr.ttl>>16)
	e.dnssecOK = rr.ttl&flagDO != 0
	for b := rr.data; len(b) > 0; {
		if len(b) < 4 || len(b) < 4+int(binary.BigEndian.Uint16(b[2:])) {
			return false
		}
		switch binary.BigEndian.Uint16(b) {
		case optionNSID:
			e.nsid = true
		case optionZoneVersion:
			e.zoneVersion = true
		}
		b = b[4+int(binary.BigEndian.Uint16(b[2:])):]
	}
	return true
}

// udpLimit is the size of the largest answer that the client takes by UDP.
func (e *edns) udpLimit() int {
	if !e.present {
		return minUDP
	}
	return min(maxUDP, max(minUDP, int(e.size))) // RFC 6891 section 6.2.5: smaller sizes count as 512
}

// maybeOPT appends an OPT record if the question had one (RFC 6891 section 6.1.1), for which room was left.
func (r *responder) maybeOPT() {
	if !r.query.edns.present {
		return
	}
	m := &r.msg
	m.full, m.limit = false, cap(m.buf)
	binary.BigEndian.PutUint16(m.buf[10:], binary.BigEndian.Uint16(m.buf[10:])+1)
	flags := uint32(r.ans.rcode>>4) << 24
	if r.query.edns.dnssecOK {
		flags |= flagDO // RFC 3225 section 3: copied
	}
	m.octet(0)
	m.uint16(uint16(zone.TypeOPT))
	m.uint16(maxUDP)
	m.uint32(flags)
	m.uint16(uint16(r.optSize() - optHeader))
	if r.tellsNSID() {
		m.uint16(optionNSID)
		m.uint16(uint16(len(r.nsid)))
		m.octets(r.nsid)
	}
	if z := r.ans.zone; r.tellsVersion() {
		m.uint16(optionZoneVersion)
		m.uint16(6)
		m.octet(z.labels)
		m.octet(zoneVersionSOA)
		m.uint32(z.serial)
	}
}

func (r *responder) tellsNSID() bool    { return r.query.edns.nsid && len(r.nsid) > 0 }
func (r *responder) tellsVersion() bool { return r.query.edns.zoneVersion && r.ans.zone != nil }

// optSize is the room that maybeOPT takes.
func (r *responder) optSize() int {
	if !r.query.edns.present {
		return 0
	}
	size := optHeader
	if r.tellsNSID() {
		size += 4 + len(r.nsid)
	}
	if r.tellsVersion() {
		size += 4 + 6
	}
	return size
}
