package serve

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// FuzzPacket sends any octets. An answer, if there is one, parses, belongs to the question, keeps to the limit, and tells
// only of zones that the question leads to.
func FuzzPacket(f *testing.F) {
	table, origins := NewTable(), map[string]bool{}
	files, _ := filepath.Glob("testdata/zones/*.zone")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		origin := strings.TrimSuffix(filepath.Base(file), "zone")
		table.Swap(viewOf(f, origin, string(text)))
		origins[origin] = true
	}
	for _, q := range []*dns.Msg{
		question("x.alias.wild.example.", dns.TypeA), question("www.child.parent.example.", dns.TypeDS), question("a.b.old.dname.example.", dns.TypeMX),
		question("x.indomain.deleg.example.", dns.TypeA), withEDNS(question("txt.big.example.", dns.TypeTXT), 1232, &dns.EDNS0_NSID{}),
		question("xloop.cname.example.", dns.TypeANY), new(dns.Msg).SetAxfr("big.example."), new(dns.Msg).SetIxfr("big.example.", 1, ".", "."),
		withEDNS(question("version.bind.", dns.TypeTXT), 512, &dns.EDNS0_LOCAL{Code: optionZoneVersion}),
	} {
		b, err := q.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	r := newResponder(table, &settings{nsid: []byte("ns1")}, new(counters), maxTCP)
	f.Fuzz(func(t *testing.T, packet []byte) {
		if !r.read(packet, netip.Addr{}) {
			return
		}
		limit := r.query.edns.udpLimit()
		b := r.reply(limit)
		if len(b) > limit || len(b) < headerSize {
			t.Fatalf("%d octets, the limit is %d", len(b), limit)
		}
		if !bytes.Equal(b[:2], packet[:2]) || b[2]&0x80 == 0 {
			t.Fatalf("header %x for %x", b[:4], packet[:4])
		}
		if n := len(r.query.question); !bytes.Equal(b[headerSize:headerSize+n], packet[headerSize:headerSize+n]) && b[5] == 1 {
			t.Fatalf("question %x for %x", b[headerSize:], packet[headerSize:])
		}
		m := new(dns.Msg)
		if err := m.Unpack(b); err != nil {
			t.Fatalf("answer does not parse: %v\n%x", err, b)
		}
		checkZones(t, peer{origins: origins}, m)
	})
}

// checkZones fails if a record's owner is in no zone that the question or an alias in the answer leads to.
func checkZones(t *testing.T, p peer, m *dns.Msg) {
	if len(m.Question) == 0 || m.Question[0].Qclass != dns.ClassINET {
		if len(m.Ns) > 0 {
			t.Fatalf("authority without a question of class IN:\n%s", m)
		}
		return
	}
	led := map[string]bool{}
	lead := func(name string) {
		led[p.zoneOf(name)] = true
		if at, end := dns.NextLabel(name, 0); !end { // DS may be answered by the parent
			led[p.zoneOf(name[at:])] = true
		}
	}
	lead(m.Question[0].Name)
	for _, rr := range m.Answer {
		if c, ok := rr.(*dns.CNAME); ok {
			lead(c.Target)
		}
	}
	for _, section := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		for _, rr := range section {
			if z := p.zoneOf(rr.Header().Name); rr.Header().Rrtype != dns.TypeOPT && (z == "" || !led[z]) {
				t.Fatalf("%s is not of a zone that the question leads to:\n%s", rr.Header().Name, m)
			}
		}
	}
}
