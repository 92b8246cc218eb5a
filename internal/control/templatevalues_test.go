package control_test

import (
	"net/netip"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Every variable that WHM's templates have, with the value that it has in a zone of a reseller's account.
func TestEveryVariableOfATemplateHasItsValue(t *testing.T) {
	s := town(t)
	if err := s.SetSettings(ctx(), root, control.Settings{Contact: name("dns.admin.test")}); err != nil {
		t.Fatal(err)
	}
	own := []control.Nameserver{
		{Name: name("ns1.new.example"), Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.53")}},
		{Name: name("ns2.elsewhere.test"), Addresses: []netip.Addr{netip.MustParseAddr("2001:db8::54")}},
	}
	if _, err := s.EditUser(ctx(), root, control.UserEdit{Name: "seller", Nameservers: &own}); err != nil {
		t.Fatal(err)
	}
	template := zone.BuiltInTemplates()["simple"]
	for _, v := range zone.TemplateVariables() {
		template += "v-" + v.Name + " IN TXT \"%" + v.Name + "%\"\n"
	}
	if _, err := s.SetTemplate(ctx(), root, "all", template); err != nil {
		t.Fatal(err)
	}
	_, err := s.CreateZone(ctx(), root, control.CreateRequest{
		Zone: name("new.example"), Owner: "shop", Template: "all",
		Addresses: control.Addresses{IPv4: netip.MustParseAddr("192.0.2.1"), IPv6: netip.MustParseAddr("2001:db8::1"), FTP: netip.MustParseAddr("192.0.2.21")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"domain": "new.example", "ip": "192.0.2.1", "ipv6": "2001:db8::1", "ftpip": "192.0.2.21", "maildomain": "new.example",
		"nameserver": "ns1.new.example", "nameserver2": "ns2.elsewhere.test", "nameservera": "192.0.2.53", "nameserverentry": "ns1.new.example",
		"ttl": "14400", "nsttl": "86400", "serial": "2026092100", "rpemail": "dns.admin.test", "reseller": "seller", "cpversion": "1",
	}
	for _, v := range zone.TemplateVariables() {
		quoted := ""
		if w := want[v.Name]; w != "" { // a line whose variable has no value is left out
			quoted = `"` + w + `"`
		}
		if got := s.served(t, "new.example", "v-"+v.Name+".new.example", zone.TypeTXT); got != quoted {
			t.Errorf("%%%s%% is %s, want %s", v.Name, got, quoted)
		}
	}
}

// The TTL of SOA and NS and the addresses of nameservers are those of the settings, for who has no nameservers of its own.
func TestATemplateUsesTheSettings(t *testing.T) {
	s := town(t)
	now, err := s.Settings(ctx(), root)
	if err != nil {
		t.Fatal(err)
	}
	now.Nameservers = []zone.Name{name("ns1.new.example"), name("ns2.new.example")}
	now.NewZones.TTL = 7200
	now.NewZones.Addresses = []control.Nameserver{
		{Name: name("ns1.new.example"), Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.61")}},
		{Name: name("ns2.new.example"), Addresses: []netip.Addr{netip.MustParseAddr("2001:db8::62"), netip.MustParseAddr("192.0.2.62")}},
	}
	if err := s.SetSettings(ctx(), root, now); err != nil {
		t.Fatal(err)
	}
	_, err = s.CreateZone(ctx(), root, control.CreateRequest{
		Zone: name("new.example"), Owner: "shop", Template: "simple", Addresses: control.Addresses{IPv4: netip.MustParseAddr("192.0.2.1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for owner, want := range map[string]string{"ns1.new.example": "192.0.2.61", "ns2.new.example": "192.0.2.62", "new.example": "192.0.2.1"} {
		if got := s.served(t, "new.example", owner, zone.TypeA); got != want {
			t.Errorf("%s is %s, want %s", owner, got, want)
		}
	}
	for _, set := range s.show(t, "new.example").View.RRsets {
		if want := uint32(7200); (set.Type == zone.TypeNS || set.Type == zone.TypeSOA) && set.TTL != want {
			t.Errorf("%s has the TTL %d, want %d", set.Type, set.TTL, want)
		}
	}
}
