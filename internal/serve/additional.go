package serve

import (
	"bytes"
	"encoding/binary"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// maxAdditional bounds the RRsets of the additional section; beyond it, addresses are left out.
const maxAdditional = 512

// addTargets adds the addresses of the hosts that an RRset of the answer names, as far as the same zone has them. Of other
// zones nothing is added: a client would not trust it.
func (r *responder) addTargets(z *content, s rrset) {
	l := layoutOf(s.typ)
	if !l.target || !s.tidy {
		return
	}
	for b := z.records(s); len(b) > 0; b = b[2+binary.BigEndian.Uint16(b):] {
		target := b[2+l.before:]
		target = target[:nameLen(target)]
		if len(target) == 1 && (s.typ == zone.TypeSVCB || s.typ == zone.TypeHTTPS) {
			target = r.owner // RFC 9460 section 2.5: "." stands for the owner
		}
		r.addAddresses(z, target, s.typ == zone.TypeNS)
	}
}

// addGlue adds the addresses of the nameservers of a delegation: first those below it, without which nobody could reach
// them (RFC 9471 section 2.1), then those that the zone has elsewhere, also below another delegation.
func (r *responder) addGlue(z *content, cut node, s rrset) {
	for _, inDomain := range [...]bool{true, false} {
		for b := z.records(s); len(b) > 0; b = b[2+binary.BigEndian.Uint16(b):] {
			target := b[2:][:binary.BigEndian.Uint16(b)]
			if isBelow(target, z.nodeName(cut)) == inDomain {
				r.addAddresses(z, target, true)
			}
		}
		if inDomain {
			r.ans.required = len(r.ans.additional)
		}
	}
}

func isBelow(name, z []byte) bool {
	for len(name) > len(z) {
		name = name[int(name[0])+1:]
	}
	return equalFold(name, z)
}

// addAddresses adds A and AAAA of a host. Below a delegation they are glue and not the zone's own data: only
// nameservers get them.
func (r *responder) addAddresses(z *content, host []byte, glue bool) {
	if !isBelow(host, z.name()) {
		return
	}
	p := &r.target
	p.set(lower(r.host[:0], host))
	at, missing := r.closest(z, p)
	n := z.node(at)
	if n.top != none {
		top := z.node(n.top)
		if missing > 0 || top.kind&kindCut == 0 && at != n.top || top.kind&kindCut != 0 && !glue {
			return
		}
	}
	if missing > 0 {
		if n.wild == none {
			return
		}
		n = z.node(n.wild)
	}
	for _, t := range [...]zone.Type{zone.TypeA, zone.TypeAAAA} {
		if s, ok := z.typed(n, t); ok {
			r.maybeAdd(z.item(host, s))
		}
	}
}

// maybeAdd adds an RRset to the additional section if the answer does not have it yet.
func (r *responder) maybeAdd(it item) {
	if len(r.ans.additional) >= maxAdditional || has(r.ans.answer, it) || has(r.ans.additional, it) {
		return
	}
	r.ans.additional = append(r.ans.additional, it)
}

// has compares places before names: the same records under another owner come from a wildcard.
func has(items []item, it item) bool {
	for i := range items {
		have := &items[i]
		if &have.records[0] == &it.records[0] && (bytes.Equal(have.owner, it.owner) || equalFold(have.owner, it.owner)) {
			return true
		}
	}
	return false
}
