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
	return []exception{minimalANY, acrossZones, loopIsNoFailure, chainBound, glueSetsTC, moreAddresses, leftOut, {
		name: "NAPTR adds nothing", because: "RFC 3403 section 4.2 allows additional records, clients ask for them anyway",
		applies: func(_ peer, d difference) bool { return d.q.Qtype == dns.TypeNAPTR && equalButExtra(d) },
	}}
}

func exceptKnot() []exception {
	return []exception{minimalANY, acrossZones, chainBound, moreAddresses, leftOut, {
		name: "glue is given to nameservers only", because: "RFC 2181 section 5.4.1: below a delegation it is not the zone's data",
		applies: func(_ peer, d difference) bool {
			return (d.q.Qtype == dns.TypeMX || d.q.Qtype == dns.TypeSRV) && equalButExtra(d) && len(without(d.our.Extra, d.their.Extra)) == 0
		},
	}}
}

var minimalANY = exception{
	name: "ANY is answered with one RRset", because: "RFC 8482 section 4.1",
	applies: func(_ peer, d difference) bool {
		return d.q.Qtype == dns.TypeANY && d.our.Rcode == d.their.Rcode &&
			(d.their.Truncated || len(without(d.our.Answer, d.their.Answer)) == 0)
	},
}

var acrossZones = exception{
	name: "chains are followed into every hosted zone", because: "RFC 1034 section 4.3.2 step 3a: go back to step 1",
	applies: func(p peer, d difference) bool {
		if d.their.Rcode != dns.RcodeSuccess || len(without(d.their.Answer, d.our.Answer)) > 0 || len(d.their.Ns) > 0 {
			return false
		}
		for _, rr := range d.their.Answer {
			if c, ok := rr.(*dns.CNAME); ok && p.zoneOf(c.Target) != p.zoneOf(c.Hdr.Name) && p.zoneOf(c.Target) != "" {
				return true
			}
		}
		return false
	},
}

var loopIsNoFailure = exception{
	name: "a loop of CNAMEs is no failure of the server", because: "RFC 1034 section 3.6.2 leaves it open; the client sees the loop, and does not ask the other servers in turn",
	applies: func(_ peer, d difference) bool {
		return d.their.Rcode == dns.RcodeServerFailure && d.our.Rcode == dns.RcodeSuccess && len(without(d.their.Answer, d.our.Answer)) == 0
	},
}

var chainBound = exception{
	name: "a chain is followed 16 times", because: "RFC 1034 section 5.2.2 asks for a bound; servers chose different ones",
	applies: func(_ peer, d difference) bool {
		links := 0
		for _, rr := range d.our.Answer {
			if rr.Header().Rrtype == dns.TypeCNAME {
				links++
			}
		}
		return links == maxChain+1 || strings.Contains(d.q.Name, "self.dname.example.") // Knot writes the same CNAME again and again
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

var leftOut = exception{
	name: "what does not fit and is not needed is left out", because: "RFC 2181 section 9",
	applies: func(_ peer, d difference) bool {
		return d.how != overTCP && equalButExtra(d) && d.our.Len() > 400
	},
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
