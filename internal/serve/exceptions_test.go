package serve

import (
	"strings"

	"github.com/miekg/dns"
)

// exception is a choice in which nameservers may differ.
type exception struct {
	name    string
	because string
	applies func(p peer, d difference) bool
}

// excuse returns the name of the exception that explains a difference, or nothing.
func (p peer) excuse(d difference) string {
	for _, e := range p.exceptions {
		if e.applies(p, d) {
			return e.name
		}
	}
	return ""
}

func exceptBIND() []exception {
	return []exception{minimalANY, acrossZones, loopIsNoFailure, glueSetsTC, moreAddresses, smallerByCompression, {
		name: "NAPTR adds nothing", because: "RFC 3403 section 4.2 allows additional records, clients ask for them anyway",
		applies: func(_ peer, d difference) bool { return d.q.Qtype == dns.TypeNAPTR && equalButExtra(d) },
	}}
}

func exceptKnot() []exception {
	return []exception{{
		name: "below a delegation there are no wildcards", because: "RFC 4592 section 3.3.1: the closest encloser is looked for in the zone, which ends at the cut",
		applies: func(_ peer, d difference) bool {
			return !d.our.Authoritative && len(d.our.Ns) > 0 && equalButExtra(d) && len(without(d.our.Extra, d.their.Extra)) == 0
		},
	}, minimalANY, acrossZones, repeated, chainBound, moreAddresses, negativeKeepsSOA, {
		name: "glue is given to nameservers only", because: "RFC 2181 section 5.4.1: below a delegation it is not the zone's data",
		applies: func(_ peer, d difference) bool {
			return (d.q.Qtype == dns.TypeMX || d.q.Qtype == dns.TypeSRV) && equalButExtra(d) && len(without(d.our.Extra, d.their.Extra)) == 0
		},
	}}
}

var minimalANY = exception{
	name: "ANY is answered with one RRset", because: "RFC 8482 section 4.1",
	applies: func(_ peer, d difference) bool {
		switch {
		case d.q.Qtype != dns.TypeANY:
			return false
		case len(without(d.our.Answer, d.their.Answer)) > 0:
			return d.their.Truncated || len(d.their.Answer) == 0 // BIND hides DNSSEC's types from ANY
		case hasType(d.our.Answer, dns.TypeDNAME):
			return true // of ANY below a DNAME the synthesized CNAME is one RRset; Knot goes on
		}
		return d.our.Rcode == d.their.Rcode
	},
}

var acrossZones = exception{
	name: "chains are followed into every hosted zone", because: "RFC 1034 section 4.3.2 step 3a: go back to step 1; for DS that may be the parent's, RFC 4035 section 3.1.4.1",
	applies: func(p peer, d difference) bool {
		for i, rr := range d.our.Answer {
			c, ok := rr.(*dns.CNAME)
			if !ok || p.zoneOf(c.Target) == "" {
				continue
			}
			apex := p.zoneOf(c.Target) == strings.ToLower(c.Target)
			if p.zoneOf(c.Target) != p.zoneOf(c.Hdr.Name) || d.q.Qtype == dns.TypeDS && apex {
				return len(without(d.our.Answer[:i+1], d.their.Answer)) == 0 // up to here they agree
			}
		}
		return false
	},
}

var repeated = exception{
	name: "no record is repeated", because: "RFC 2181 section 5",
	applies: func(_ peer, d difference) bool {
		our, their := d.our.Copy(), d.their.Copy()
		for _, m := range []*dns.Msg{our, their} {
			m.Answer, m.Extra = dns.Dedup(m.Answer, nil), dns.Dedup(m.Extra, nil)
		}
		return compare(our, d.our) == "" && compare(our, their) == ""
	},
}

var negativeKeepsSOA = exception{
	name: "a negative answer keeps its SOA", because: "RFC 2308 section 3",
	applies: func(_ peer, d difference) bool {
		their := d.their.Copy()
		their.Ns = d.our.Ns
		return len(d.their.Ns) == 0 && hasType(d.our.Ns, dns.TypeSOA) && compare(d.our, their) == ""
	},
}

var smallerByCompression = exception{
	name: "compression makes room", because: "RFC 1035 section 4.1.4 leaves open how much is compressed",
	applies: func(_ peer, d difference) bool {
		return d.how == udp512 && !d.our.Truncated && d.their.Truncated && d.our.Rcode == d.their.Rcode && hasType(d.our.Answer, dns.TypeDNAME)
	},
}

var loopIsNoFailure = exception{
	name: "a loop of CNAMEs is no failure of the server", because: "RFC 1034 section 3.6.2 leaves it open; the client sees the loop, and does not ask the other servers in turn",
	applies: func(_ peer, d difference) bool {
		return d.their.Rcode == dns.RcodeServerFailure && d.our.Rcode == dns.RcodeSuccess && len(without(d.their.Answer, d.our.Answer)) == 0
	},
}

const knotsBound = 5

var chainBound = exception{
	name: "a chain is followed 16 times", because: "RFC 1034 section 5.2.2 asks for a bound; servers chose different ones",
	applies: func(_ peer, d difference) bool {
		links := 0
		for _, rr := range d.our.Answer {
			if rr.Header().Rrtype == dns.TypeCNAME {
				links++
			}
		}
		return links > knotsBound && len(without(d.their.Answer, d.our.Answer)) == 0
	},
}

var glueSetsTC = exception{
	name: "missing glue sets TC", because: "RFC 9471 section 3.1",
	applies: func(_ peer, d difference) bool {
		return d.our.Truncated && !d.their.Truncated && d.our.Rcode == d.their.Rcode && len(d.their.Ns) > 0 && !d.their.Authoritative
	},
}

var moreAddresses = exception{
	name: "every address that the zone has is added", because: "RFC 1034 section 4.3.2 step 6",
	applies: func(_ peer, d difference) bool {
		return equalButExtra(d) && len(without(d.their.Extra, d.our.Extra)) == 0
	},
}

func hasType(rrs []dns.RR, t uint16) bool {
	for _, rr := range rrs {
		if rr.Header().Rrtype == t {
			return true
		}
	}
	return false
}

func equalButExtra(d difference) bool {
	our, their := d.our.Copy(), d.their.Copy()
	our.Extra, their.Extra = nil, nil
	return compare(our, their) == ""
}

// without returns the records of a that b does not have.
func without(a, b []dns.RR) (out []dns.RR) {
	have := map[string]bool{}
	for _, rr := range b {
		have[normalRR(rr)] = true
	}
	for _, rr := range a {
		if rr.Header().Rrtype != dns.TypeOPT && !have[normalRR(rr)] {
			out = append(out, rr)
		}
	}
	return out
}

// zoneOf returns the origin of the hosted zone that a name is in.
func (p peer) zoneOf(name string) string {
	name = strings.ToLower(name)
	for up, end := 0, false; !end; up, end = dns.NextLabel(name, up) {
		if p.origins[name[up:]] {
			return name[up:]
		}
	}
	return ""
}
