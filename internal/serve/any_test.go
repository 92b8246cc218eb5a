package serve

import "testing"

func TestANYIsAnsweredWithOneRRset(t *testing.T) {
	zones(`
zone example.
@     60 A 192.0.2.1
@     60 TXT "text"
multi 60 TXT "text"
multi 60 MX 1 ns
*.w   60 TXT "wild"
`).answers(t, exchanges{
		"example. ANY":       "NOERROR AA\n= example. 60 A 192.0.2.1",
		"multi.example. ANY": "NOERROR AA\n= multi.example. 60 MX 1 ns.example.\n+ ns.example. 3600 A 192.0.2.53",
		"x.w.example. ANY":   "NOERROR AA\n= x.w.example. 60 TXT \"wild\"",
		"none.example. ANY":  "NXDOMAIN AA" + soaOf("example."),
	})
}

func TestTypesThatAreNoData(t *testing.T) {
	zones("\nzone example.\n@ 60 TYPE65400 \\# 3 010203\n").answers(t, exchanges{
		"example. AXFR":  "FORMERR", // a transfer goes by TCP
		"example. IXFR":  "REFUSED",
		"example. MAILB": "NOTIMP",
		"example. OPT":   "FORMERR",
		"example. TSIG":  "FORMERR",
		"example. NSEC3": "NOERROR AA" + soaOf("example."),
	})
}
