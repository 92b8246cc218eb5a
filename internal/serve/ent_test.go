package serve

import "testing"

func TestEmptyNonTerminalsExist(t *testing.T) {
	zones(`
zone example.
a.b.c   60 A 192.0.2.1
_sip._tcp 60 SRV 1 2 5060 ns
`).answers(t, exchanges{
		"b.c.example. A":      "NOERROR AA" + soaOf("example."),
		"c.example. ANY":      "NOERROR AA" + soaOf("example."),
		"_tcp.example. SRV":   "NOERROR AA" + soaOf("example."),
		"x.c.example. A":      "NXDOMAIN AA" + soaOf("example."),
		"a.a.b.c.example. A":  "NXDOMAIN AA" + soaOf("example."),
		"a.b.c.example. A":    "NOERROR AA\n= a.b.c.example. 60 A 192.0.2.1",
		"b.example. A":        "NXDOMAIN AA" + soaOf("example."),
		"_udp.example. SRV":   "NXDOMAIN AA" + soaOf("example."),
		"x.b.c.example. AAAA": "NXDOMAIN AA" + soaOf("example."),
		"a.b.c.example. AAAA": "NOERROR AA" + soaOf("example."),
	})
}
