package serve

import (
	"testing"

	"github.com/miekg/dns"
)

func TestExactMatchAndItsAbsence(t *testing.T) {
	zones(`
zone example.
@     60 A 192.0.2.1
@     60 A 192.0.2.2
@     60 TXT "a" "b"
www   60 A 192.0.2.3
WWW   60 AAAA 2001:db8::1
other 60 TYPE65400 \# 3 010203
odd\.dot 60 A 192.0.2.4
`).answers(t, exchanges{
		"example. A":          "NOERROR AA\n= example. 60 A 192.0.2.1\n= example. 60 A 192.0.2.2",
		"example. TXT":        "NOERROR AA\n= example. 60 TXT \"a\" \"b\"",
		"example. NS":         "NOERROR AA\n= example. 3600 NS ns.example.\n+ ns.example. 3600 A 192.0.2.53",
		"example. SOA":        "NOERROR AA\n= example. 3600 SOA ns.example. hostmaster.example. 1 7200 3600 1209600 300",
		"www.example. AAAA":   "NOERROR AA\n= www.example. 60 AAAA 2001:db8::1",
		"www.example. MX":     "NOERROR AA" + soaOf("example."),
		"www.example. RRSIG":  "NOERROR AA" + soaOf("example."),
		"none.example. A":     "NXDOMAIN AA" + soaOf("example."),
		"a.www.example. A":    "NXDOMAIN AA" + soaOf("example."),
		`odd\.dot.example. A`: "NOERROR AA\n= odd\\.dot.example. 60 A 192.0.2.4",
		"dot.example. A":      "NXDOMAIN AA" + soaOf("example."),
		"example.org. A":      "REFUSED",
		"org. A":              "REFUSED",
		". NS":                "REFUSED",
	})
}

func TestTheRootCanBeHosted(t *testing.T) {
	zones(`
zone .
@     3600 SOA ns. hostmaster. 1 7200 3600 1209600 300
@     3600 NS ns.
ns.   3600 A 192.0.2.53
test. 60 NS ns.test.
ns.test. 60 A 192.0.2.1
zone example.
`).answers(t, exchanges{
		". NS":       "NOERROR AA\n= . 3600 NS ns.\n+ ns. 3600 A 192.0.2.53",
		"x.test. A":  "NOERROR\n^ test. 60 NS ns.test.\n+ ns.test. 60 A 192.0.2.1",
		"none. A":    "NXDOMAIN AA\n^ . 300 SOA ns. hostmaster. 1 7200 3600 1209600 300",
		". DS":       "NOERROR AA\n^ . 300 SOA ns. hostmaster. 1 7200 3600 1209600 300",
		"example. A": "NOERROR AA" + soaOf("example."),
	})
}

func TestWhileZonesAreLoadedNoAnswerIsCertain(t *testing.T) {
	loading := true
	a := newAsker(t, zones("\nzone example.\n").table(t), settings{loading: func() bool { return loading }})
	// A name of a loaded zone, too, may belong to a child zone that is on its way.
	for _, name := range []string{"example.", "child.example.", "example.org."} {
		if m := a.exchange(question(name, dns.TypeSOA), 0); m.Rcode != dns.RcodeServerFailure {
			t.Errorf("%s while zones are loaded: %s", name, dns.RcodeToString[m.Rcode])
		}
	}
	loading = false
	for name, rcode := range map[string]int{"example.": dns.RcodeSuccess, "child.example.": dns.RcodeNameError, "example.org.": dns.RcodeRefused} {
		if m := a.exchange(question(name, dns.TypeSOA), 0); m.Rcode != rcode {
			t.Errorf("%s afterwards: %s", name, dns.RcodeToString[m.Rcode])
		}
	}
}
