package serve

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
	"pgregory.net/rapid"
)

// oracle answers from lists of records, by the RFCs' text and without any thought of speed: each step looks at every record.
type oracle map[string][]dns.RR // by origin

func (o oracle) ask(name string, qtype uint16) *dns.Msg {
	m := new(dns.Msg)
	name = strings.ToLower(name)
	for links := 0; links <= maxChain; links++ {
		z, ok := o.zoneFor(name, qtype)
		if !ok {
			if links == 0 {
				m.Rcode = dns.RcodeRefused
			}
			return m
		}
		m.Authoritative = m.Authoritative || links == 0
		next := o.inZone(m, z, name, qtype)
		if next == "" {
			return m
		}
		name = next
	}
	return m
}

// zoneFor is the longest hosted zone; for DS at an apex the parent's, if that is hosted.
func (o oracle) zoneFor(name string, qtype uint16) (string, bool) {
	var found []string
	for z := range o {
		if dns.IsSubDomain(z, name) {
			found = append(found, z)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	if qtype == dns.TypeDS && len(found) > 1 && found[0] == name {
		return found[1], true
	}
	return strings.Join(found[:min(1, len(found))], ""), len(found) > 0
}

// inZone adds what zone z says about name, and returns the name to go on with.
func (o oracle) inZone(m *dns.Msg, z, name string, qtype uint16) string {
	encloser := z
	for _, up := range downTo(z, name) {
		if up != z && len(o.at(z, up, dns.TypeNS)) > 0 && (up != name || qtype != dns.TypeDS) {
			o.referral(m, z, up)
			return ""
		}
		if d := o.at(z, up, dns.TypeDNAME); up != name && len(d) > 0 {
			return dnameFrom(m, d[0].(*dns.DNAME), name, qtype)
		}
		if !o.exists(z, up) {
			return o.match(m, z, "*."+encloser, name, qtype)
		}
		encloser = up
	}
	return o.match(m, z, name, name, qtype)
}

// match answers from the records at source, as if they were at name.
func (o oracle) match(m *dns.Msg, z, source, name string, qtype uint16) string {
	if !o.exists(z, source) {
		m.Rcode = dns.RcodeNameError
		o.soa(m, z)
		return ""
	}
	for _, t := range o.types(z, source) {
		if t == qtype || qtype == dns.TypeANY {
			rrs := renamed(o.at(z, source, t), name)
			m.Answer = append(m.Answer, rrs...)
			o.additional(m, z, rrs)
			return ""
		}
	}
	if c := o.at(z, source, dns.TypeCNAME); len(c) > 0 && qtype != dns.TypeRRSIG && qtype != dns.TypeNSEC {
		return link(m, renamed(c, name)[0].(*dns.CNAME))
	}
	o.soa(m, z)
	return ""
}

func link(m *dns.Msg, c *dns.CNAME) string {
	for _, rr := range m.Answer {
		if rr.Header().Rrtype == dns.TypeCNAME && strings.EqualFold(rr.Header().Name, c.Hdr.Name) {
			return ""
		}
	}
	m.Answer = append(m.Answer, c)
	return strings.ToLower(c.Target)
}

func dnameFrom(m *dns.Msg, d *dns.DNAME, name string, qtype uint16) string {
	if len(without([]dns.RR{d}, m.Answer)) > 0 {
		m.Answer = append(m.Answer, d)
	}
	target := strings.TrimSuffix(name, strings.ToLower(d.Hdr.Name)) + d.Target
	if n, err := dns.PackDomainName(target, make([]byte, 600), 0, nil, false); err != nil || n > maxName {
		m.Rcode = dns.RcodeYXDomain
		return ""
	}
	next := link(m, &dns.CNAME{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: d.Hdr.Ttl}, Target: target})
	if qtype == dns.TypeCNAME || qtype == dns.TypeANY {
		return ""
	}
	return next
}

func (o oracle) referral(m *dns.Msg, z, cut string) {
	if len(m.Answer) == 0 {
		m.Authoritative = false
	}
	m.Ns = o.at(z, cut, dns.TypeNS)
	o.additional(m, z, m.Ns)
}

func (o oracle) soa(m *dns.Msg, z string) {
	soa := dns.Copy(o.at(z, z, dns.TypeSOA)[0]).(*dns.SOA)
	soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
	m.Ns = append(m.Ns, soa)
}

func (o oracle) additional(m *dns.Msg, z string, rrs []dns.RR) {
	for _, rr := range rrs {
		var host string
		glue := false
		switch rr := rr.(type) {
		case *dns.NS:
			host, glue = rr.Ns, true
		case *dns.MX:
			host = rr.Mx
		case *dns.SRV:
			host = rr.Target
		default:
			return
		}
		host = strings.ToLower(host)
		for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
			m.Extra = append(m.Extra, without(o.addresses(z, host, t, glue), append(slices.Clone(m.Extra), m.Answer...))...)
		}
	}
}

func (o oracle) addresses(z, host string, t uint16, glue bool) []dns.RR {
	if !dns.IsSubDomain(z, host) {
		return nil
	}
	encloser, below := z, false
	for _, up := range downTo(z, host) {
		below = below || up != z && len(o.at(z, up, dns.TypeNS)) > 0
		switch {
		case below && !glue, up != host && len(o.at(z, up, dns.TypeDNAME)) > 0:
			return nil
		case !o.exists(z, up) && below:
			return nil
		case !o.exists(z, up):
			return renamed(o.at(z, "*."+encloser, t), host)
		}
		encloser = up
	}
	return o.at(z, host, t)
}

// downTo lists the names from the apex z down to name.
func downTo(z, name string) []string {
	out := []string{name}
	for name != z {
		_, end := dns.NextLabel(name, 0)
		at, _ := dns.NextLabel(name, 0)
		if name = name[at:]; end {
			name = "."
		}
		out = append(out, name)
	}
	slices.Reverse(out)
	return out
}

func (o oracle) at(z, name string, t uint16) (out []dns.RR) {
	for _, rr := range o[z] {
		if strings.EqualFold(rr.Header().Name, name) && rr.Header().Rrtype == t {
			out = append(out, rr)
		}
	}
	return out
}

func (o oracle) types(z, name string) (out []uint16) {
	for _, rr := range o[z] {
		if strings.EqualFold(rr.Header().Name, name) {
			out = append(out, rr.Header().Rrtype)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// exists also for empty non-terminals.
func (o oracle) exists(z, name string) bool {
	return slices.ContainsFunc(o[z], func(rr dns.RR) bool { return dns.IsSubDomain(name, strings.ToLower(rr.Header().Name)) })
}

func renamed(rrs []dns.RR, name string) (out []dns.RR) {
	for _, rr := range rrs {
		rr = dns.Copy(rr)
		rr.Header().Name = name
		out = append(out, rr)
	}
	return out
}

func parsed(t testing.TB, origin, text string) (out []dns.RR) {
	p := dns.NewZoneParser(strings.NewReader(text), origin, "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		out = append(out, rr)
	}
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAnswersAreTheOraclesAnswers asks about random zones, of which one is the child of another.
func TestAnswersAreTheOraclesAnswers(t *testing.T) {
	types := []uint16{
		dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX, dns.TypeTXT, dns.TypeSRV, dns.TypeCNAME, dns.TypeDNAME, dns.TypeDS,
		dns.TypeSOA, dns.TypeANY, dns.TypeRRSIG, 65400,
	}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(n int) int { return rapid.IntRange(0, n-1).Draw(rt, "n") }
		table, o := NewTable(), oracle{}
		origins := []string{"r0.test.", "r1.test.", "a.r0.test."}
		for _, origin := range origins {
			text := randomZone(origin, 2, draw)
			o[origin] = parsed(t, origin, text)
			table.Swap(viewOf(t, origin, text))
		}
		a := newAsker(t, table, settings{})
		names := generator{draw: draw}
		for range 40 {
			name, qtype := names.owner()+"."+origins[draw(3)], types[draw(len(types))]
			if draw(10) == 0 {
				name = origins[draw(3)]
			}
			want, got := normal(o.ask(name, qtype)), normal(a.exchange(question(name, qtype), maxTCP))
			if want != got {
				rt.Fatalf("%s %s (-oracle +ours)\n%s", name, dns.TypeToString[qtype], cmp.Diff(want, got))
			}
		}
	})
}
