package serve

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestAliasesAreFollowed(t *testing.T) {
	zones(`
zone example.
a    60 CNAME b
b    60 CNAME Host
host 60 A 192.0.2.1
none 60 CNAME not.here
nodata 60 CNAME ns
out  60 CNAME www.invalid.
loop1 60 CNAME loop2
loop2 60 CNAME loop1
cut  60 CNAME www.del
del  60 NS ns.del
ns.del 60 A 192.0.2.2
other 60 CNAME www.example.net.
zone example.net.
www  60 A 192.0.2.3
back 60 CNAME host.example.
gone 60 CNAME not.here.example.
`).answers(t, exchanges{
		"a.example. A": `NOERROR AA
			= a.example. 60 CNAME b.example.
			= b.example. 60 CNAME Host.example.
			= Host.example. 60 A 192.0.2.1`,
		"a.example. CNAME":    "NOERROR AA\n= a.example. 60 CNAME b.example.",
		"a.example. ANY":      "NOERROR AA\n= a.example. 60 CNAME b.example.",
		"a.example. RRSIG":    "NOERROR AA" + soaOf("example."),
		"none.example. A":     "NXDOMAIN AA\n= none.example. 60 CNAME not.here.example." + soaOf("example."),
		"nodata.example. TXT": "NOERROR AA\n= nodata.example. 60 CNAME ns.example." + soaOf("example."),
		"out.example. A":      "NOERROR AA\n= out.example. 60 CNAME www.invalid.",
		"loop1.example. A":    "NOERROR AA\n= loop1.example. 60 CNAME loop2.example.\n= loop2.example. 60 CNAME loop1.example.",
		"cut.example. A": `NOERROR AA
			= cut.example. 60 CNAME www.del.example.
			^ del.example. 60 NS ns.del.example.
			+ ns.del.example. 60 A 192.0.2.2`,
		"other.example. A":    "NOERROR AA\n= other.example. 60 CNAME www.example.net.\n= www.example.net. 60 A 192.0.2.3",
		"back.example.net. A": "NOERROR AA\n= back.example.net. 60 CNAME host.example.\n= host.example. 60 A 192.0.2.1",
		// the rcode and the SOA are of the last name: RFC 6604 section 3
		"gone.example.net. A": "NXDOMAIN AA\n= gone.example.net. 60 CNAME not.here.example." + soaOf("example."),
	})
}

func TestALongChainEndsAtTheBound(t *testing.T) {
	var text strings.Builder
	text.WriteString("zone example.\n")
	for i := range 40 {
		fmt.Fprintf(&text, "c%d 60 CNAME c%d\n", i, i+1)
	}
	a := newAsker(t, zones("\n"+text.String()).table(t), settings{})
	m := a.exchange(question("c0.example.", dns.TypeA), maxTCP)
	if m.Rcode != dns.RcodeSuccess || len(m.Answer) != maxChain+1 {
		t.Errorf("rcode %d with %d records, want NOERROR with %d", m.Rcode, len(m.Answer), maxChain+1)
	}
}
