package serve

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestDNAMERedirectsWhatIsBelow(t *testing.T) {
	zones(`
zone example.
old     60 DNAME new
old     30 A 192.0.2.1
www.new 30 A 192.0.2.2
*.w.new 30 A 192.0.2.3
out     60 DNAME target.invalid.
net     60 DNAME example.net.
to      60 CNAME www.old
self    60 DNAME self
zone example.net.
www     60 A 192.0.2.4
`).answers(t, exchanges{
		"www.old.example. A": `NOERROR AA
			= old.example. 60 DNAME new.example.
			= www.old.example. 60 CNAME www.new.example.
			= www.new.example. 30 A 192.0.2.2`,
		"x.w.old.example. A": `NOERROR AA
			= old.example. 60 DNAME new.example.
			= x.w.old.example. 60 CNAME x.w.new.example.
			= x.w.new.example. 30 A 192.0.2.3`,
		"x.old.example. A": `NXDOMAIN AA
			= old.example. 60 DNAME new.example.
			= x.old.example. 60 CNAME x.new.example.` + soaOf("example."),
		"x.old.example. CNAME": `NOERROR AA
			= old.example. 60 DNAME new.example.
			= x.old.example. 60 CNAME x.new.example.`,
		"old.example. A":     "NOERROR AA\n= old.example. 30 A 192.0.2.1", // the owner is not below itself
		"old.example. DNAME": "NOERROR AA\n= old.example. 60 DNAME new.example.",
		"old.example. TXT":   "NOERROR AA" + soaOf("example."),
		"a.b.out.example. A": `NOERROR AA
			= out.example. 60 DNAME target.invalid.
			= a.b.out.example. 60 CNAME a.b.target.invalid.`,
		"www.net.example. A": `NOERROR AA
			= net.example. 60 DNAME example.net.
			= www.net.example. 60 CNAME www.example.net.
			= www.example.net. 60 A 192.0.2.4`,
		"to.example. A": `NOERROR AA
			= to.example. 60 CNAME www.old.example.
			= old.example. 60 DNAME new.example.
			= www.old.example. 60 CNAME www.new.example.
			= www.new.example. 30 A 192.0.2.2`,
		"x.self.example. A": `NOERROR AA
			= self.example. 60 DNAME self.example.
			= x.self.example. 60 CNAME x.self.example.`,
	})
}

// RFC 6672 section 2.2: the DNAME is told, and YXDOMAIN says why nothing follows.
func TestDNAMEThatMakesTheNameTooLong(t *testing.T) {
	long := strings.Repeat(strings.Repeat("x", 63)+".", 3)
	a := newAsker(t, zones("\nzone example.\nd 60 DNAME "+long+"example.\n").table(t), settings{})
	fits, over := strings.Repeat("y", 53), strings.Repeat("y", 54) // 3 * 64 + 1 + 53 + 9 = 255
	if m := a.exchange(question(fits+".d.example.", dns.TypeA), maxTCP); m.Rcode != dns.RcodeNameError || len(m.Answer) != 2 {
		t.Errorf("name of 255 octets: got\n%s", show(m))
	}
	m := a.exchange(question(over+".d.example.", dns.TypeA), maxTCP)
	want := "YXDOMAIN AA\n= d.example. 60 IN DNAME " + long + "example."
	if got := show(m); got != want {
		t.Errorf("name of 256 octets: got\n%s\nwant\n%s", got, want)
	}
}
