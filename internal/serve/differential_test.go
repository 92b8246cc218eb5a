package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// TestSameAnswersAsBINDAndKnot puts the same questions to BIND, Knot and this server. What is different must be one of the
// peer's named exceptions.
func TestSameAnswersAsBINDAndKnot(t *testing.T) {
	all := append(awkwardZones(t), randomZones(t, 12)...)
	server := startServer(t, all)
	peers := []peer{startBIND(t, all), startKnot(t, all)}
	origins := map[string]bool{}
	for _, z := range all {
		origins[z.origin] = true
	}
	asked := questionsAbout(t, all)
	t.Logf("%d zones, %d questions", len(all), len(asked))
	for _, p := range peers {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.origins = origins
			ours := newLine(t, server)
			theirs := newLine(t, p.addr)
			used := map[string]int{}
			failures := 0
			for _, q := range asked {
				for _, d := range differences(t, ours, theirs, q) {
					if name := p.excuse(d); name != "" {
						used[name]++
					} else if failures++; failures <= 20 {
						t.Errorf("%s %s: (-%s +ours)\n%s", d.how, strings.TrimPrefix(q.Question[0].String(), ";"), p.name, compare(d.our, d.their))
					}
				}
			}
			t.Logf("%d differences that are no exception; exceptions: %v", failures, used)
			for _, e := range p.exceptions {
				if used[e.name] == 0 {
					t.Errorf("exception %q explains nothing any more", e.name)
				}
			}
		})
	}
}

// difference is two answers to one question.
type difference struct {
	q          dns.Question
	how        transport
	our, their *dns.Msg
}

// differences asks by UDP with EDNS, without it where the answer may then be truncated, and by TCP where it was.
func differences(t *testing.T, ours, theirs *line, q *dns.Msg) (out []difference) {
	t.Helper()
	ask := func(how transport) (d difference) {
		d = difference{q.Question[0], how, ours.ask(t, how, q), theirs.ask(t, how, q)}
		if compare(d.our, d.their) != "" {
			out = append(out, d)
		}
		return d
	}
	d := ask(udp1232)
	if d.our.Len() > 400 || d.our.Truncated {
		ask(udp512)
	}
	if d.our.Truncated || d.their.Truncated {
		ask(overTCP)
	}
	return out
}

// zoneText is a zone that every server gets as the same file.
type zoneText struct{ origin, text string }

func awkwardZones(t *testing.T) []zoneText {
	files, err := filepath.Glob("testdata/zones/*.zone")
	if err != nil || len(files) < 12 {
		t.Fatalf("corpus of awkward zones: %d files, %v", len(files), err)
	}
	var out []zoneText
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, zoneText{strings.TrimSuffix(filepath.Base(f), "zone"), string(text)})
	}
	return out
}

// transport is a way to ask.
type transport string

const (
	udp512  transport = "udp 512"
	udp1232 transport = "udp 1232"
	overTCP transport = "tcp"
)

// line is one nameserver and the connections to it.
type line struct {
	addr     string
	udp, tcp *dns.Conn
}

func newLine(t *testing.T, addr string) *line {
	l := &line{addr: addr}
	t.Cleanup(func() {
		for _, c := range []*dns.Conn{l.udp, l.tcp} {
			if c != nil {
				c.Close()
			}
		}
	})
	return l
}

func (l *line) ask(t *testing.T, how transport, q *dns.Msg) *dns.Msg {
	t.Helper()
	q = q.Copy()
	q.Id = dns.Id()
	conn, network := &l.udp, "udp"
	switch how {
	case udp1232:
		q.SetEdns0(1232, false)
	case overTCP:
		conn, network = &l.tcp, "tcp"
	}
	var err error
	for range 4 {
		if *conn == nil {
			if *conn, err = dns.DialTimeout(network, l.addr, 3*time.Second); err != nil {
				continue
			}
		}
		c := dns.Client{Net: network, Timeout: 3 * time.Second}
		var m *dns.Msg
		if m, _, err = c.ExchangeWithConn(q, *conn); err == nil {
			return m
		}
		(*conn).Close()
		*conn = nil
	}
	t.Fatalf("%s asked by %s for %s: %v", l.addr, how, q.Question[0].String(), err)
	return nil
}

// compare returns what is different; of a truncated answer only that counts (RFC 2181 section 9: the client ignores it).
func compare(our, their *dns.Msg) string {
	if our.Truncated && their.Truncated && our.Rcode == their.Rcode {
		return ""
	}
	return cmp.Diff(normal(their), normal(our))
}

// normal is an answer as text, records in one order and names in one case.
func normal(m *dns.Msg) string {
	m = m.Copy()
	for _, section := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		slices.SortFunc(section, func(a, b dns.RR) int { return strings.Compare(normalRR(a), normalRR(b)) })
		for i, rr := range section {
			if rr.Header().Rrtype != dns.TypeOPT {
				section[i], _ = dns.NewRR(normalRR(rr))
				if section[i] == nil {
					section[i] = rr
				}
			}
		}
	}
	return show(m)
}

func normalRR(rr dns.RR) string {
	rr = dns.Copy(rr)
	rr.Header().Name = strings.ToLower(rr.Header().Name)
	switch rr.(type) {
	case *dns.NS, *dns.CNAME, *dns.SOA, *dns.MX, *dns.SRV, *dns.DNAME, *dns.PTR:
		return strings.ToLower(rr.String())
	}
	return rr.String()
}

// questionsAbout asks for every name of the zones and for names around them, with every kind of type.
func questionsAbout(t *testing.T, all []zoneText) []*dns.Msg {
	t.Helper()
	seen := map[string]bool{}
	var out []*dns.Msg
	ask := func(name string, types ...uint16) {
		if n, err := dns.PackDomainName(name, make([]byte, 2*maxName), 0, nil, false); err != nil || n > maxName {
			return
		}
		for _, qtype := range types {
			if key := fmt.Sprint(strings.ToLower(name), qtype); !seen[key] {
				seen[key] = true
				out = append(out, question(name, qtype))
			}
		}
	}
	some := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeMX, dns.TypeTXT, dns.TypeCNAME, dns.TypeDS, dns.TypeSRV, dns.TypeDNAME, dns.TypeSOA}
	for _, z := range all {
		p := dns.NewZoneParser(strings.NewReader(z.text), z.origin, "")
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			name, qtype := rr.Header().Name, rr.Header().Rrtype
			ask(name, some...)
			ask(name, qtype, dns.TypeANY, dns.TypeRRSIG, dns.TypeNSEC, 65400)
			ask("none."+name, dns.TypeA, dns.TypeTXT, dns.TypeANY, dns.TypeCNAME, dns.TypeDS)
			ask("*."+name, dns.TypeA)
			ask("a.b."+name, dns.TypeA, dns.TypeMX)
			ask("www."+name, dns.TypeA)
			for up, end := dns.NextLabel(name, 0); !end && dns.IsSubDomain(z.origin, name[up:]); up, end = dns.NextLabel(name, up) {
				ask(name[up:], dns.TypeA, dns.TypeDS, dns.TypeNS)
				ask("none."+name[up:], dns.TypeA)
			}
			if c, ok := rr.(*dns.CNAME); ok {
				ask(c.Target, dns.TypeA)
			}
		}
		if err := p.Err(); err != nil {
			t.Fatalf("zone %s: %v", z.origin, err)
		}
	}
	ask("www.not-hosted.invalid", dns.TypeA)
	ask(".", dns.TypeNS)
	return out
}
