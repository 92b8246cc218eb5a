package serve

import "testing"

// The zone and the answers of RFC 4592 section 2.2.1.
func TestWildcardsOfRFC4592(t *testing.T) {
	zones(`
zone example.
@ 3600 SOA ns hostmaster 1 7200 3600 1209600 300
@ 3600 NS ns.example.com.
*.example.        3600 TXT "this is a wildcard"
*.example.        3600 MX  10 host1.example.
sub.*.example.    3600 TXT "this is not a wildcard"
host1.example.    3600 A   192.0.2.1
_ssh._tcp.host1.example. 3600 SRV 0 0 22 host1.example.
_ssh._tcp.host2.example. 3600 SRV 0 0 22 host2.example.
subdel.example.   3600 NS  ns.example.com.
`).answers(t, exchanges{
		"host3.example. MX":               "NOERROR AA\n= host3.example. 3600 MX 10 host1.example.\n+ host1.example. 3600 A 192.0.2.1",
		"host3.example. A":                "NOERROR AA" + soaOf("example."),
		"foo.bar.example. TXT":            "NOERROR AA\n= foo.bar.example. 3600 TXT \"this is a wildcard\"",
		"host1.example. MX":               "NOERROR AA" + soaOf("example."),
		"sub.*.example. MX":               "NOERROR AA" + soaOf("example."),
		"_telnet._tcp.host1.example. SRV": "NXDOMAIN AA" + soaOf("example."),
		"host.subdel.example. A":          "NOERROR\n^ subdel.example. 3600 NS ns.example.com.",
		"ghost.*.example. MX":             "NXDOMAIN AA" + soaOf("example."),
		"*.example. TXT":                  "NOERROR AA\n= *.example. 3600 TXT \"this is a wildcard\"",
		// RFC 4592 section 4.6: an empty non-terminal blocks the wildcard as every existing name does.
		"_tcp.host2.example. TXT": "NOERROR AA" + soaOf("example."),
		"host2.example. TXT":      "NOERROR AA" + soaOf("example."),
	})
}

func TestTheClosestEncloserChoosesTheWildcard(t *testing.T) {
	zones(`
zone example.
*       60 A 192.0.2.1
*.a     60 A 192.0.2.2
x.b     60 A 192.0.2.3
*.c.c   60 A 192.0.2.4
y.*.ent 60 A 192.0.2.5
`).answers(t, exchanges{
		"x.example. A":       "NOERROR AA\n= x.example. 60 A 192.0.2.1",
		"x.y.z.example. A":   "NOERROR AA\n= x.y.z.example. 60 A 192.0.2.1",
		"x.a.example. A":     "NOERROR AA\n= x.a.example. 60 A 192.0.2.2",
		"x.y.a.example. A":   "NOERROR AA\n= x.y.a.example. 60 A 192.0.2.2",
		"a.example. A":       "NOERROR AA" + soaOf("example."),
		"y.b.example. A":     "NXDOMAIN AA" + soaOf("example."),
		"x.c.example. A":     "NXDOMAIN AA" + soaOf("example."),
		"x.c.c.example. A":   "NOERROR AA\n= x.c.c.example. 60 A 192.0.2.4",
		"*.a.example. A":     "NOERROR AA\n= *.a.example. 60 A 192.0.2.2",
		"x.*.a.example. A":   "NXDOMAIN AA" + soaOf("example."),
		"x.ent.example. A":   "NOERROR AA" + soaOf("example."), // the wildcard exists, and is empty
		"y.x.ent.example. A": "NOERROR AA" + soaOf("example."),
		"y.*.ent.example. A": "NOERROR AA\n= y.*.ent.example. 60 A 192.0.2.5",
	})
}

func TestWildcardAliases(t *testing.T) {
	zones(`
zone example.
*.to   60 CNAME host
*.self 60 CNAME x.self
*.out  60 CNAME elsewhere.invalid.
host   60 A 192.0.2.1
`).answers(t, exchanges{
		"x.to.example. A":     "NOERROR AA\n= x.to.example. 60 CNAME host.example.\n= host.example. 60 A 192.0.2.1",
		"x.to.example. CNAME": "NOERROR AA\n= x.to.example. 60 CNAME host.example.",
		"y.self.example. A":   "NOERROR AA\n= y.self.example. 60 CNAME x.self.example.\n= x.self.example. 60 CNAME x.self.example.",
		"x.out.example. A":    "NOERROR AA\n= x.out.example. 60 CNAME elsewhere.invalid.",
	})
}
