package serve

import "testing"

func TestDelegations(t *testing.T) {
	zones(`
zone example.
in      60 NS ns1.in
in      60 NS ns.example.net.
ns1.in  60 A 192.0.2.1
ns1.in  60 AAAA 2001:db8::1
sib     60 NS ns1.in
self    60 NS self
self    60 A 192.0.2.2
inzone  60 NS ns
secure  60 NS ns.example.net.
secure  60 DS 1 8 2 aabb
a.secure 60 A 192.0.2.3
b.secure 60 NS ns.b.secure
mx      60 MX 1 ns1.in
x.y     60 NS ns.example.net.
*.w     60 A 192.0.2.9
wild    60 NS any.w
`).answers(t, exchanges{
		"www.in.example. A": `NOERROR
			^ in.example. 60 NS ns.example.net.
			^ in.example. 60 NS ns1.in.example.
			+ ns1.in.example. 60 A 192.0.2.1
			+ ns1.in.example. 60 AAAA 2001:db8::1`,
		"in.example. NS": `NOERROR
			^ in.example. 60 NS ns.example.net.
			^ in.example. 60 NS ns1.in.example.
			+ ns1.in.example. 60 A 192.0.2.1
			+ ns1.in.example. 60 AAAA 2001:db8::1`,
		// glue is not an answer
		"ns1.in.example. A": `NOERROR
			^ in.example. 60 NS ns.example.net.
			^ in.example. 60 NS ns1.in.example.
			+ ns1.in.example. 60 A 192.0.2.1
			+ ns1.in.example. 60 AAAA 2001:db8::1`,
		"x.sib.example. A": `NOERROR
			^ sib.example. 60 NS ns1.in.example.
			+ ns1.in.example. 60 A 192.0.2.1
			+ ns1.in.example. 60 AAAA 2001:db8::1`,
		"self.example. A":       "NOERROR\n^ self.example. 60 NS self.example.\n+ self.example. 60 A 192.0.2.2",
		"x.inzone.example. A":   "NOERROR\n^ inzone.example. 60 NS ns.example.\n+ ns.example. 3600 A 192.0.2.53",
		"a.secure.example. A":   "NOERROR\n^ secure.example. 60 NS ns.example.net.",
		"x.b.secure.example. A": "NOERROR\n^ secure.example. 60 NS ns.example.net.",
		"secure.example. DS":    "NOERROR AA\n= secure.example. 60 DS 1 8 2 AABB",
		"b.secure.example. DS":  "NOERROR\n^ secure.example. 60 NS ns.example.net.",
		"in.example. DS":        "NOERROR AA" + soaOf("example."),
		"y.example. A":          "NOERROR AA" + soaOf("example."),
		"mx.example. MX":        "NOERROR AA\n= mx.example. 60 MX 1 ns1.in.example.",
		"x.wild.example. A":     "NOERROR\n^ wild.example. 60 NS any.w.example.\n+ any.w.example. 60 A 192.0.2.9",
	})
}

func TestParentAndChildOnOneServer(t *testing.T) {
	zones(`
zone example.
child     60 NS ns.child
child     60 DS 1 8 2 aabb
ns.child  60 A 192.0.2.1
www.child 60 A 192.0.2.99
to        60 CNAME www.child
zone child.example.
www       60 A 192.0.2.2
zone alone.test.
`).answers(t, exchanges{
		"www.child.example. A":  "NOERROR AA\n= www.child.example. 60 A 192.0.2.2",
		"ns.child.example. A":   "NOERROR AA\n= ns.child.example. 3600 A 192.0.2.53",
		"child.example. NS":     "NOERROR AA\n= child.example. 3600 NS ns.child.example.\n+ ns.child.example. 3600 A 192.0.2.53",
		"x.child.example. A":    "NXDOMAIN AA" + soaOf("child.example."),
		"child.example. DS":     "NOERROR AA\n= child.example. 60 DS 1 8 2 AABB", // the parent's
		"www.child.example. DS": "NOERROR AA" + soaOf("child.example."),
		"to.example. A":         "NOERROR AA\n= to.example. 60 CNAME www.child.example.\n= www.child.example. 60 A 192.0.2.2",
		"alone.test. DS":        "NOERROR AA" + soaOf("alone.test."), // RFC 4035 section 3.1.4.1: no parent here
	})
}
