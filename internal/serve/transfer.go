package serve

import (
	"encoding/binary"
	"errors"
	"io"
	"net/netip"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// transferSize is the size of a transfer's messages: as far as names can be compressed (RFC 5936 section 3.4). Only a
// record that is larger by itself gets a larger message.
const transferSize = maxPointer

var errRecordTooLarge = errors.New("record does not fit into a message")

// isTransfer reports whether what was read asks for a whole zone.
func (r *responder) isTransfer() bool {
	q := &r.query
	return r.ans.rcode == rcodeNoError && q.class == classIN && (q.qtype == zone.TypeAXFR || q.qtype == zone.TypeIXFR)
}

// transferable returns the zone that the client asks for, or nil with the response code set.
func (r *responder) transferable() *content {
	if !contains(r.allow, r.client) && (r.also == nil || !r.also(r.client)) {
		r.ans.rcode = rcodeRefused
		return nil
	}
	if r.isLoading() {
		r.ans.rcode = rcodeServFail
		return nil
	}
	r.spare = r.names[:0]
	r.become(r.query.name)
	z := r.table.find(r.hash(&r.asked, 0), r.asked.name)
	if z == nil || !z.hasSOA {
		r.ans.rcode = rcodeNotAuth // RFC 5936 section 2.2.1
		return nil
	}
	r.ans.zone, r.ans.authoritative = z, true
	return z
}

func contains(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// serialOnly answers an IXFR with the SOA: by UDP, for the client to come again by TCP (RFC 1995 section 2), and when the
// client's copy is current.
func (r *responder) serialOnly() {
	if z := r.transferable(); z != nil {
		s, _ := z.typed(z.node(0), zone.TypeSOA)
		r.ans.answer = append(r.ans.answer, z.item(r.query.name, s))
	}
}

// transfer writes the zone that was asked for to w, each message with its length before it. It is one version of the zone
// throughout. An IXFR gets the whole zone as well, unless the client is current: a difference would have to start from
// content that this server knows the client to have, and a serial alone does not say that.
func (r *responder) transfer(w io.Writer) error {
	z := r.transferable()
	if z == nil {
		return r.send(w, r.encode(maxTCP))
	}
	if q := &r.query; q.qtype == zone.TypeIXFR && q.soa && int32(q.serial-z.serial) >= 0 { // RFC 1982
		r.serialOnly()
		return r.send(w, r.encode(maxTCP))
	}
	r.counts.transfers.Add(1)
	r.counts.answered(rcodeNoError)
	return r.sendZone(w, z)
}

// sendZone writes the records between two copies of the SOA (RFC 5936 section 2.2).
func (r *responder) sendZone(w io.Writer, z *content) error {
	r.begin()
	apex := z.node(0)
	soa, _ := z.typed(apex, zone.TypeSOA)
	if err := r.sendSet(w, z.item(z.name(), soa)); err != nil {
		return err
	}
	for i := range z.count {
		n := z.node(i)
		for j := range uint32(n.nsets) {
			s := z.rrset(n.sets + j)
			if s.typ == zone.TypeSOA && i == 0 {
				continue
			}
			if err := r.sendSet(w, z.item(z.nodeName(n), s)); err != nil {
				return err
			}
		}
	}
	if err := r.sendSet(w, z.item(z.name(), soa)); err != nil {
		return err
	}
	return r.flush(w)
}

// sendSet adds records one by one; a full message goes out and the next one begins.
func (r *responder) sendSet(w io.Writer, s item) error {
	m := &r.msg
	for b := s.records; len(b) > 0; b = b[2+binary.BigEndian.Uint16(b):] {
		data := b[2:][:binary.BigEndian.Uint16(b)]
		start := m.mark()
		m.record(s, classIN, data)
		if m.full {
			m.cut(start)
			if err := r.flush(w); err != nil {
				return err
			}
			r.begin()
			m.limit = maxTCP - r.optSize()
			if m.record(s, classIN, data); m.full {
				return errRecordTooLarge
			}
			m.limit = transferSize
		}
		binary.BigEndian.PutUint16(m.buf[6:], binary.BigEndian.Uint16(m.buf[6:])+1)
	}
	return nil
}

// begin starts a message of a transfer.
func (r *responder) begin() {
	r.msg.reset(transferSize)
	r.header(flagQR | flagAA | r.query.flags&flagRD)
}

// flush sends a message of a transfer.
func (r *responder) flush(w io.Writer) error {
	r.maybeOPT()
	return r.send(w, r.msg.buf)
}

// send writes what encode returned with its length before it (RFC 1035 section 4.2.2), in one write.
func (r *responder) send(w io.Writer, msg []byte) error {
	binary.BigEndian.PutUint16(r.frame, uint16(len(msg)))
	_, err := w.Write(r.frame[:2+len(msg)])
	return err
}
