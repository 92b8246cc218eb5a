package serve

import (
	"encoding/binary"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// answer is what a question is answered with, before it is written: decided by the functions in this file, which are
// named after the RFCs' outcomes, and written by responder.encode.
type answer struct {
	rcode         int
	authoritative bool
	answer        []item
	authority     []item
	additional    []item
	required      int      // so many of additional are glue without which the referral is useless
	zone          *content // of the question's name
}

// reset empties the answer, and lets go of the zones that the last one came from.
func (a *answer) reset(rcode int) {
	clear(a.answer)
	clear(a.authority)
	clear(a.additional)
	*a = answer{rcode: rcode, answer: a.answer[:0], authority: a.authority[:0], additional: a.additional[:0]}
}

// item is an RRset to be written.
type item struct {
	owner   []byte
	records []byte // as in the arena of a content
	ttl     uint32
	typ     zone.Type
	tidy    bool
}

func (c *content) item(owner []byte, s rrset) item {
	return item{owner: owner, records: c.records(s), ttl: s.ttl, typ: s.typ, tidy: s.tidy}
}

// maxChain bounds how often one question is led on by CNAME and DNAME. The client goes on from where the answer ends.
const maxChain = 16

// resolve answers a question of class IN (RFC 1034 section 4.3.2, without recursion).
func (r *responder) resolve() {
	if r.isLoading() {
		r.ans.rcode = rcodeServFail
		return
	}
	r.spare = r.names[:0]
	r.become(r.query.name)
	for chain := 0; ; chain++ {
		z := r.zoneOf(&r.asked)
		if z == nil {
			if chain == 0 {
				r.ans.rcode = rcodeRefused
			}
			return // led out of what is hosted: the client asks on elsewhere
		}
		if chain == 0 {
			r.ans.zone, r.ans.authoritative = z, true
		}
		if !r.step(z) || chain == maxChain {
			return
		}
	}
}

// isLoading reports whether zones are still being put into the table. Until then no answer is right for certain: the
// parent of a hosted zone that is yet to come would deny its names, and REFUSED would be remembered against this server.
func (r *responder) isLoading() bool { return r.loading != nil && r.loading() }

// become makes name the one that is looked for.
func (r *responder) become(name []byte) {
	r.owner = name
	start := len(r.spare)
	r.spare = lower(r.spare, name)
	r.asked.set(r.spare[start:])
}

// zoneOf returns the zone that answers for p: the longest that is hosted.
func (r *responder) zoneOf(p *path) *content {
	z, i := r.zoneFrom(p, 0)
	// RFC 4035 section 3.1.4.1: DS is the one type that belongs to the parent's side of a zone cut.
	if z != nil && i == 0 && r.query.qtype == zone.TypeDS {
		if up, _ := r.zoneFrom(p, 1); up != nil {
			return up
		}
	}
	return z
}

// zoneFrom returns the longest zone that has at least from labels less than p, and how many it has less.
func (r *responder) zoneFrom(p *path, from int) (z *content, less int) {
	for i := from; i <= p.n; i++ {
		if z := r.table.find(r.hash(p, i), p.suffix(i)); z != nil {
			return z, i
		}
	}
	return nil, 0
}

// closest returns the node of the closest encloser (RFC 4592 section 3.3.1) of p, and how many labels p has below it.
func (r *responder) closest(z *content, p *path) (at uint32, missing int) {
	for i := 0; ; i++ { // ends at the apex at the latest
		if n, ok := z.find(r.hash(p, i), p.suffix(i)); ok {
			return n, i
		}
	}
}

// step looks for the name in z and reports whether it was led on to another name.
func (r *responder) step(z *content) bool {
	at, missing := r.closest(z, &r.asked)
	n := z.node(at)
	if n.top != none {
		top := z.node(n.top)
		exact := missing == 0 && at == n.top
		switch {
		case top.kind&kindCut != 0:
			if !exact || r.query.qtype != zone.TypeDS {
				r.referral(z, top)
				return false
			}
		case !exact: // a DNAME redirects what is below its owner, not the owner (RFC 6672 section 2.3)
			return r.redirect(z, top)
		}
	}
	if missing > 0 {
		if n.wild == none {
			r.nameError(z)
			return false
		}
		n = z.node(n.wild) // RFC 4592 section 3.3.2: the source of synthesis
	}
	return r.match(z, n)
}

// match answers from a node, for the name that was asked, which is the node's own unless the node is a wildcard.
func (r *responder) match(z *content, n node) bool {
	if r.query.qtype == zone.TypeANY && n.nsets > 0 {
		// RFC 8482 section 4.1: one RRset stands for all.
		r.found(z, z.rrset(n.sets))
		return false
	}
	if s, ok := z.typed(n, r.query.qtype); ok {
		r.found(z, s)
		return false
	}
	if n.kind&kindCNAME != 0 && !besideCNAME(r.query.qtype) {
		return r.follow(z, n)
	}
	r.noData(z)
	return false
}

// besideCNAME reports whether a type may stand beside a CNAME (RFC 4035 section 2.5), which then does not redirect
// questions for it.
func besideCNAME(t zone.Type) bool { return t == zone.TypeRRSIG || t == zone.TypeNSEC }

func (r *responder) found(z *content, s rrset) {
	r.ans.answer = append(r.ans.answer, z.item(r.owner, s))
	r.addTargets(z, s)
}

// follow answers with a CNAME and goes on with its target, unless the chain has come back to itself.
func (r *responder) follow(z *content, n node) bool {
	if r.wasHere() {
		return false
	}
	s, _ := z.typed(n, zone.TypeCNAME)
	r.ans.answer = append(r.ans.answer, z.item(r.owner, s))
	r.become(firstRecord(z.records(s)))
	return true
}

// wasHere reports whether the chain has led away from the current name before.
func (r *responder) wasHere() bool {
	for _, have := range r.ans.answer {
		if have.typ == zone.TypeCNAME && equalFold(have.owner, r.owner) {
			return true
		}
	}
	return false
}

// redirect answers with a DNAME and the CNAME that is synthesized from it (RFC 6672 section 3.1).
func (r *responder) redirect(z *content, n node) bool {
	if r.wasHere() {
		return false
	}
	s, _ := z.typed(n, zone.TypeDNAME)
	if it := z.item(z.nodeName(n), s); !has(r.ans.answer, it) {
		r.ans.answer = append(r.ans.answer, it)
	}
	prefix := r.owner[:len(r.owner)-int(n.size)]
	target := firstRecord(z.records(s))
	if len(prefix)+len(target) > maxName {
		r.ans.rcode = rcodeYXDomain // RFC 6672 section 2.2
		return false
	}
	start := len(r.spare)
	r.spare = binary.BigEndian.AppendUint16(r.spare, uint16(len(prefix)+len(target)))
	r.spare = append(append(r.spare, prefix...), target...)
	records := r.spare[start:]
	r.ans.answer = append(r.ans.answer, item{owner: r.owner, records: records, ttl: s.ttl, typ: zone.TypeCNAME, tidy: true})
	r.become(records[2:])
	// The synthesized CNAME is itself the answer to these.
	return r.query.qtype != zone.TypeCNAME && r.query.qtype != zone.TypeANY
}

// referral answers that another server knows (RFC 1034 section 4.3.2 step 3b).
func (r *responder) referral(z *content, cut node) {
	if len(r.ans.answer) == 0 {
		r.ans.authoritative = false // AA belongs to the first owner name of the answer, RFC 1035 section 4.1.1
	}
	s, _ := z.typed(cut, zone.TypeNS)
	r.ans.authority = append(r.ans.authority, z.item(z.nodeName(cut), s))
	r.addGlue(z, cut, s)
}

func (r *responder) nameError(z *content) {
	r.ans.rcode = rcodeNXDomain // after a CNAME that of the last name: RFC 6604 section 3
	r.negative(z)
}

func (r *responder) noData(z *content) { r.negative(z) }

// negative adds the SOA, by which the answer can be cached (RFC 2308 section 3).
func (r *responder) negative(z *content) {
	if !z.hasSOA {
		return
	}
	s, _ := z.typed(z.node(0), zone.TypeSOA)
	it := z.item(z.name(), s)
	if data := firstRecord(it.records); s.tidy {
		it.ttl = min(it.ttl, binary.BigEndian.Uint32(data[len(data)-4:]))
	}
	r.ans.authority = append(r.ans.authority, it)
}
