package control_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
)

// A name below or above another account's zone is not a web server's to give; one in its own account's zone is.
func TestNamesAroundAnotherAccountsZonesAreHeld(t *testing.T) {
	w := newWorld()
	web, ns := w.server(t, "web1.test"), w.server(t, "ns1.test")
	create := func(s *server, z, owner string) {
		t.Helper()
		if _, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(z), Owner: owner, Text: text(z)}); err != nil {
			t.Fatal(err)
		}
	}
	create(ns, "alice.example", "alice")
	create(ns, "shop.carol.example", "carol")
	for z, want := range map[string]string{
		"www.alice.example":    "held: the zone alice.example above it belongs to another account",
		"a.b.alice.example":    "held: the zone alice.example above it belongs to another account",
		"carol.example":        "held: the zone shop.carol.example below it belongs to another account",
		"malice.example":       "", // no name below
		"other.carol.example":  "", // a neighbour
		"own.malice.example":   "",
		"x.shop.dave2.example": "",
	} {
		create(web, z, "bob")
		o := web.sendZone(t, ns, name(z), leaf)
		if want == "" && o.Result != control.Stored || want != "" && (o.Result != control.Refused || !strings.HasPrefix(o.Reason, want)) {
			t.Errorf("%s: %+v, want %q", z, o, want)
		}
	}
	create(web, "deep.alice.example", "alice")
	if o := web.sendZone(t, ns, name("deep.alice.example"), leaf); o.Result != control.Stored {
		t.Errorf("below a zone of its own account: %+v", o)
	}
}

// A user is refused what a server's zone is held for; root may.
func TestNamesAroundAnotherAccountsZonesAreRefusedToUsers(t *testing.T) {
	s := town(t)
	seller := s.as(t, "seller")
	for z, want := range map[string]control.Code{
		"www.other.example": control.CodeDenied, "www.stall.example": control.CodeDenied, // another reseller's, and its account's
		"co.uk": control.CodeDenied, "ns.test": control.CodeDenied, // a public suffix, the name of this server
		"www.seller.example": "", "brand-new.example": "",
	} {
		_, err := s.CreateZone(ctx(), seller, control.CreateRequest{Zone: name(z), Text: text(z)})
		if control.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", z, err, want)
		}
	}
	s.createFor(t, "www.stall.example", "seller")
	_, err := s.CreateZone(ctx(), seller, control.CreateRequest{Zone: name("shop.www.stall.example")})
	wantCode(t, err, control.CodeDenied) // two above is another's, though the next one is not
}
