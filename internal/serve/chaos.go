package serve

import (
	"encoding/binary"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// chaos answers the questions about the server itself (RFC 4892), as far as the operator lets it.
func (r *responder) chaos() {
	var text []byte
	switch string(lower(r.host[:0], r.query.name)) {
	case "\x07version\x04bind\x00", "\x07version\x06server\x00":
		text = r.version
	case "\x08hostname\x04bind\x00", "\x02id\x06server\x00":
		text = r.nsid
	}
	if len(text) == 0 || r.query.qtype != zone.TypeTXT && r.query.qtype != zone.TypeANY {
		r.ans.rcode = rcodeRefused
		return
	}
	r.class, r.ans.authoritative = classCHAOS, true
	records := binary.BigEndian.AppendUint16(r.names[:0], uint16(len(text)+1))
	records = append(append(records, byte(len(text))), text...)
	r.ans.answer = append(r.ans.answer, item{owner: r.query.name, records: records, typ: zone.TypeTXT})
}
