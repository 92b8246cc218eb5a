package serve

import "testing"

func TestAddressesOfNamedHosts(t *testing.T) {
	zones(`
zone example.
@      60 MX 1 mx1
@      60 MX 2 mx1
@      60 MX 3 mx.example.net.
mx1    60 A 192.0.2.1
mx1    60 AAAA 2001:db8::1
null   60 MX 0 .
_s     60 SRV 1 2 3 mx1
alias  60 MX 1 cname
cname  60 CNAME mx1
svc    60 HTTPS 1 . alpn=h2
svc    60 A 192.0.2.2
wild   60 MX 1 any.w
*.w    60 A 192.0.2.3
self   60 MX 1 self
self   60 A 192.0.2.4
zone example.net.
mx     60 A 192.0.2.5
`).answers(t, exchanges{
		"example. MX": `NOERROR AA
			= example. 60 MX 1 mx1.example.
			= example. 60 MX 2 mx1.example.
			= example. 60 MX 3 mx.example.net.
			+ mx1.example. 60 A 192.0.2.1
			+ mx1.example. 60 AAAA 2001:db8::1`, // once, and nothing of the other zone
		"null.example. MX":   "NOERROR AA\n= null.example. 60 MX 0 .",
		"_s.example. SRV":    "NOERROR AA\n= _s.example. 60 SRV 1 2 3 mx1.example.\n+ mx1.example. 60 A 192.0.2.1\n+ mx1.example. 60 AAAA 2001:db8::1",
		"alias.example. MX":  "NOERROR AA\n= alias.example. 60 MX 1 cname.example.",
		"svc.example. HTTPS": "NOERROR AA\n= svc.example. 60 HTTPS 1 . alpn=\"h2\"\n+ svc.example. 60 A 192.0.2.2",
		"wild.example. MX":   "NOERROR AA\n= wild.example. 60 MX 1 any.w.example.\n+ any.w.example. 60 A 192.0.2.3",
		"self.example. MX":   "NOERROR AA\n= self.example. 60 MX 1 self.example.\n+ self.example. 60 A 192.0.2.4",
	})
}
