package control_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func v4(text string) control.Addresses { return control.Addresses{IPv4: netip.MustParseAddr(text)} }

func (s *server) fromTemplate(t *testing.T, z, template string, a control.Addresses) control.Result {
	t.Helper()
	r, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(z), Template: template, Addresses: a})
	if err != nil {
		t.Fatal(err)
	}
	return r.Result
}

func TestAZoneIsMadeOfATemplate(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	if err := s.SetSettings(ctx(), root, control.Settings{Nameservers: []zone.Name{name("ns1.test"), name("ns2.test")}, Contact: name("dns.test")}); err != nil {
		t.Fatal(err)
	}
	s.fromTemplate(t, "a.example", "", v4("192.0.2.1")) // standard
	s.fromTemplate(t, "b.example", "simple", control.Addresses{IPv4: netip.MustParseAddr("192.0.2.1"), IPv6: netip.MustParseAddr("2001:db8::1")})
	s.fromTemplate(t, "c.example", "standardvirtualftp", control.Addresses{IPv4: netip.MustParseAddr("192.0.2.1"), FTP: netip.MustParseAddr("192.0.2.21")})
	for what, c := range map[string]struct {
		zone, owner string
		typ         zone.Type
		want        string
	}{
		"address":            {"a.example", "a.example", zone.TypeA, "192.0.2.1"},
		"nameservers":        {"a.example", "a.example", zone.TypeNS, "ns1.test., ns2.test."},
		"mail":               {"a.example", "a.example", zone.TypeMX, "0 a.example."},
		"www":                {"a.example", "www.a.example", zone.TypeCNAME, "a.example."},
		"no IPv6":            {"a.example", "a.example", zone.TypeAAAA, ""},
		"IPv6":               {"b.example", "b.example", zone.TypeAAAA, "2001:db8::1"},
		"simple has no mail": {"b.example", "b.example", zone.TypeMX, ""},
		"ftp":                {"c.example", "ftp.c.example", zone.TypeA, "192.0.2.21"},
	} {
		if got := s.served(t, c.zone, c.owner, c.typ); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	if soa := s.served(t, "a.example", "a.example", zone.TypeSOA); !strings.HasPrefix(soa, "ns1.test. dns.test. 20260921") {
		t.Errorf("the SOA is %s", soa)
	}
	for what, r := range map[string]control.CreateRequest{
		"an unknown template":  {Zone: name("d.example"), Template: "nothing"},
		"an address of a kind": {Zone: name("d.example"), Addresses: v4("2001:db8::1")},
		"with nameservers":     {Zone: name("d.example"), Template: "simple", Nameservers: []zone.Name{name("ns9.test")}},
		"again":                {Zone: name("a.example"), Template: "simple", Addresses: v4("192.0.2.1")},
	} {
		if _, err := s.CreateZone(ctx(), root, r); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

// Glue: a nameserver that lies in the new zone has its address there, where it is known.
func TestATemplateWritesGlueForNameserversInTheZone(t *testing.T) {
	s := newWorld().server(t, "ns1.a.example")
	s.Self.Addresses = []netip.Addr{netip.MustParseAddr("192.0.2.53")}
	s.fromTemplate(t, "a.example", "simple", v4("192.0.2.1"))
	if got := s.served(t, "a.example", "ns1.a.example", zone.TypeA); got != "192.0.2.53" {
		t.Errorf("glue is %q", got)
	}
	s.fromTemplate(t, "b.example", "simple", v4("192.0.2.1"))
	if got := s.served(t, "b.example", "ns1.a.example", zone.TypeA); got != "" {
		t.Errorf("another zone has %q", got)
	}
}

// A reseller's own template is for the zones of that reseller's accounts and goes before root's, which goes before the
// built-in one; nobody sees another reseller's.
func TestTemplatesAreWrittenAndBelongToSomebody(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	maker := func(user string) acl.Principal {
		return acl.Principal{User: user, Kind: acl.KindAPI, Privileges: acl.Privileges{acl.CreateDNS}}
	}
	for _, u := range []string{"ann", "bob"} {
		if _, err := s.AddUser(ctx(), root, control.NewUser{Name: u, Privileges: acl.Privileges{acl.CreateDNS}}); err != nil {
			t.Fatal(err)
		}
	}
	mark := func(who string) string { return zone.BuiltInTemplates()["simple"] + "@ IN TXT " + who + "\n" }
	text := func(p acl.Principal) string {
		got, err := s.ShowTemplate(ctx(), p, "simple")
		if err != nil {
			t.Fatal(err)
		}
		return got.Owner
	}
	if got := text(maker("ann")); got != "" {
		t.Errorf("at first it is %q's", got)
	}
	for _, p := range []acl.Principal{root, maker("ann")} {
		if _, err := s.SetTemplate(ctx(), p, "simple", mark(p.User)); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := text(maker("ann")), text(maker("bob")); a != "ann" || b != "root" {
		t.Errorf("ann has %q's, bob has %q's", a, b)
	}
	if _, err := s.CreateZone(ctx(), maker("ann"), control.CreateRequest{Zone: name("shop.example"), Template: "simple", Addresses: v4("192.0.2.1")}); err != nil {
		t.Fatal(err)
	}
	if got := s.served(t, "shop.example", "shop.example", zone.TypeTXT); got != `"ann"` {
		t.Errorf("ann's zone is made of the template of %s", got)
	}
	if err := s.DeleteTemplate(ctx(), maker("bob"), "simple"); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("bob deletes what is not his: %v", err)
	}
	if err := s.DeleteTemplate(ctx(), maker("ann"), "simple"); err != nil || text(maker("ann")) != "root" {
		t.Errorf("after it is deleted ann has %q's, %v", text(maker("ann")), err)
	}
	for what, err := range map[string]error{
		"a wrong text":      second(s.SetTemplate(ctx(), root, "x", "@ A %nothing%\n")),
		"a wrong name":      second(s.SetTemplate(ctx(), root, "X y", mark("root"))),
		"without privilege": second(s.SetTemplate(ctx(), acl.Principal{User: "eve", Kind: acl.KindAPI}, "x", mark("eve"))),
	} {
		if err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	for i := range 100 {
		if _, err := s.SetTemplate(ctx(), maker("bob"), fmt.Sprintf("t%d", i), mark("bob")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.SetTemplate(ctx(), maker("bob"), "more", mark("bob")); control.CodeOf(err) != control.CodeTooLarge {
		t.Errorf("one too many: %v", err)
	}
	if _, err := s.SetTemplate(ctx(), maker("bob"), "t7", mark("bob")); err != nil {
		t.Errorf("one that is there: %v", err)
	}
}

// A reset makes the zone what its template says, keeps TXT records, says before what it will do, and is undone.
func TestAResetKeepsTXTAndIsUndone(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.fromTemplate(t, "a.example", "standard", v4("192.0.2.1"))
	s.edit(t, "a.example", set("x.a.example", zone.TypeA, "192.0.2.7"), set("www.a.example", zone.TypeTXT, `"stays"`), del("www.a.example", zone.TypeCNAME),
		set("a.example", zone.TypeTXT, `"v=spf1 -all"`), set("a.example", zone.TypeMX, "5 elsewhere.test."))
	shown, err := s.ShowZone(ctx(), root, name("a.example"))
	if err != nil {
		t.Fatal(err)
	}
	r := control.ResetRequest{Zone: name("a.example"), IfMatch: shown.ETag, DryRun: true}
	would, err := s.ResetZone(ctx(), root, r)
	if err != nil || len(would.Differences) != 2 || s.served(t, "a.example", "x.a.example", zone.TypeA) != "192.0.2.7" {
		t.Errorf("it would change %+v, %v", would.Differences, err)
	}
	r.DryRun = false
	done, err := s.ResetZone(ctx(), root, r)
	if err != nil || !done.Changed {
		t.Fatalf("%+v %v", done, err)
	}
	for what, got := range map[string][2]string{
		"own records go":            {s.served(t, "a.example", "x.a.example", zone.TypeA), ""},
		"mail as in the template":   {s.served(t, "a.example", "a.example", zone.TypeMX), "0 a.example."},
		"the address stays":         {s.served(t, "a.example", "a.example", zone.TypeA), "192.0.2.1"},
		"TXT stays":                 {s.served(t, "a.example", "a.example", zone.TypeTXT), `"v=spf1 -all"`},
		"TXT goes before the CNAME": {s.served(t, "a.example", "www.a.example", zone.TypeTXT), `"stays"`},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %q, want %q", what, got[0], got[1])
		}
	}
	if _, err := s.ResetZone(ctx(), root, r); control.CodeOf(err) != control.CodeStale {
		t.Errorf("against an old version: %v", err)
	}
	if u := s.undo(t, done.Position); !u.Changed || s.served(t, "a.example", "x.a.example", zone.TypeA) != "192.0.2.7" {
		t.Errorf("the undo: %+v", u)
	}
}

// A dry run checks what making the zone would, says what it would have, and makes nothing.
func TestADryRunMakesNoZone(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	ask := control.CreateRequest{Zone: name("a.example"), Addresses: v4("192.0.2.1"), DryRun: true}
	r, err := s.CreateZone(ctx(), root, ask)
	if err != nil || len(r.Differences) < 3 || r.Differences[0].Before != nil || r.Differences[0].After == nil {
		t.Errorf("it says %+v, %v", r, err)
	}
	if _, err := s.ShowZone(ctx(), root, ask.Zone); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("the zone is there: %v", err)
	}
	ask.DryRun = false
	if _, err := s.CreateZone(ctx(), root, ask); err != nil {
		t.Fatal(err)
	}
	ask.DryRun = true
	if _, err := s.CreateZone(ctx(), root, ask); control.CodeOf(err) != control.CodeExists {
		t.Errorf("a dry run of a zone that is there says %v", err)
	}
}
