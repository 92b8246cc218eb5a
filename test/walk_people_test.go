package test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A token for certificates is made and used as its page says: its name it may write, another not.
func TestANewUserMakesATokenForCertificates(t *testing.T) {
	web := startServer(t, "web1.zonefleet.test")
	web.has("shop.example")
	p := newPerson(t, 4*time.Minute, web)
	p.comesIn(web)
	p.click("API tokens")
	p.click("ACME for names…")
	p.sees("Names that need a certificate")
	p.fill("Name", "certbot")
	p.fill("Names that need a certificate", "www.shop.example")
	p.looks("acme")
	p.click("Make the token")
	p.sees("Save the token now: it is shown only this once.")
	p.looks("acme-made")
	token := p.reads(`zf_\S+`)
	command := strings.ReplaceAll(p.reads(`(?s)curl.*\]\}'`), "TOKEN", token)
	use := func(name string) string {
		t.Helper()
		line := strings.NewReplacer("ZONE", "shop.example", "NAME", name, "PROOF", "proof", "curl", "curl -sS --cacert "+filepath.Join(web.dir, "node.crt")).Replace(command)
		out, err := exec.Command("sh", "-c", line).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, line, out)
		}
		return string(out)
	}
	if out := use("www"); !strings.Contains(out, `"changed":true`) {
		t.Errorf("the challenge is answered %s", out)
	}
	web.answers("_acme-challenge.www.shop.example", dns.TypeTXT, `"proof"`)
	if out := use("mail"); !strings.Contains(out, `"code":"denied"`) {
		t.Errorf("another name is answered %s", out)
	}
	p.click("I have saved it")
	p.sees("certbot", "TXT at _acme-challenge.www.shop.example")
}

// A reseller is made, comes in by the link that its page gives, adds a server of its own, and sees its own zones alone.
func TestANewUserMakesAResellerWithAnOwnServer(t *testing.T) {
	web, own := startServer(t, "web1.zonefleet.test"), startServer(t, "own.zonefleet.test")
	web.has("root.example", "others.example")
	own.run("user", "add", "bob", "--privileges", "clustering")
	own.run("zone", "create", "bobs.example", "--owner", "bob", "--ns", "ns1.zonefleet.test")
	own.run("zone", "create", "others.example", "--ns", "ns1.zonefleet.test")
	p := newPerson(t, 4*time.Minute, web, own)
	p.comesIn(own)
	token := p.makesToken("web1")

	p.comesIn(web)
	p.click("Remote service IPs") // a reseller's server stands at a public address, or at one of these
	p.looks("trusted")
	p.fill("IP address", "127.0.0.1")
	p.click("Add")
	p.sees("127.0.0.1")
	p.click("Resellers")
	p.looks("resellers")
	p.fill("User name", "bob")
	p.click("DNS Clustering")
	p.click("Add DNS Zones")
	p.click("Add the user")
	p.sees("User bob is added.")
	p.looks("reseller")
	p.click("Make a link to set the password")
	link := p.reads(`https://\S+/signin/\S+`)
	p.looks("reseller-link")
	p.click("root")
	p.click("Sign out")
	p.sees("Sign in")

	p.visit(link)
	p.fill("New password", "correct horse battery")
	p.fill("Once more", "correct horse battery")
	p.click("Set the password")
	p.sees("The password is set.")
	p.looks("reseller-home")
	p.click("Zones")
	p.sees("0 zones")
	p.click("Add a DNS zone")
	p.fill("Domain", "bobs.example")
	p.fill("IPv4 address", "192.0.2.10")
	p.click("Add zone")
	p.sees("bobs.example is made.")
	p.click("DNS Cluster")
	p.click("Enable unique DNS clustering")
	p.sees("Unique DNS clustering is enabled for accounts owned by bob")
	p.looks("unique")
	p.click("Add a server…")
	p.click("Configure")
	p.fill("Remote ZoneFleet DNS host", own.https)
	p.fill("Remote server API token", token)
	p.click("Continue")
	p.sees("Add own.zonefleet.test?")
	p.looks("own-server")
	p.click("Add own.zonefleet.test")
	p.sees("own.zonefleet.test is added")
	p.looks("own-added")
	own.set("bobs.example", "192.0.2.55")
	own.set("others.example", "192.0.2.55")
	web.answers("www.bobs.example", dns.TypeA, "192.0.2.55")
	p.click("Zones")
	p.sees("bobs.example", "1 zone")
	p.lacks("root.example", "others.example")
	p.looks("own-zones")
}
