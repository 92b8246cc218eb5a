package control_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

const dnskey = "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="

// A zone with DNSKEY records at its name is named in the warning as long as it has them, wherever they were written, and so
// are the servers whose nameserver software cannot do DNSSEC.
func TestSignedZonesAndServersThatCannotSignAreNamed(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.says = []string{"dnssec=no"}
	web.join(t, ns)
	web.create(t, "plain.example")
	web.create(t, "signed.example")
	dnssec := func(s *server, p acl.Principal) control.DNSSEC {
		t.Helper()
		st, err := s.Status(ctx(), p)
		if err != nil {
			t.Fatal(err)
		}
		return st.DNSSEC
	}
	if d := dnssec(web, root); d.Warning() != "" || d.Signed != 0 || !slices.Equal(d.Cannot, []string{"web1.test", "ns1.test"}) {
		t.Errorf("before anything is signed: %+v", d)
	}
	web.edit(t, "signed.example", set("signed.example", zone.TypeDNSKEY, dnskey))
	d := dnssec(web, root)
	if d.Signed != 1 || !slices.Equal(d.Some, []string{"signed.example"}) {
		t.Errorf("signed: %+v", d)
	}
	for _, word := range []string{"1 zone", "signed.example", "web1.test, ns1.test answer without signatures"} {
		if !strings.Contains(d.Warning(), word) {
			t.Errorf("the warning %q does not say %q", d.Warning(), word)
		}
	}
	web.edit(t, "signed.example", set("www.signed.example", zone.TypeA, "192.0.2.9")) // of which the zone's own name is no part
	exchange(t, web, ns)
	for _, s := range []*server{web, ns} {
		if d := dnssec(s, root); d.Signed != 1 {
			t.Errorf("at %s: %+v", s.Self.Name, d)
		}
	}
	bob := web.reseller(t, "bob", "alice")
	if d := dnssec(web, bob); d.Signed != 0 || strings.Contains(d.Warning(), "signed.example") {
		t.Errorf("a reseller sees %+v", d)
	}

	v, err := web.MemberNameserver(ctx(), root, "ns1.test")
	if err != nil || len(v.Steps) == 0 || v.Where != "https://ns1.test:2087/settings#software" || v.Zones.Signed != 1 {
		t.Errorf("%+v %v", v, err)
	}
	web.edit(t, "signed.example", del("signed.example", zone.TypeDNSKEY))
	if d := dnssec(web, root); d.Signed != 0 {
		t.Errorf("the keys are gone: %+v", d)
	}
	web.edit(t, "signed.example", set("signed.example", zone.TypeDNSKEY, dnskey))
	if _, err := web.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name("signed.example")}); err != nil {
		t.Fatal(err)
	}
	if d := dnssec(web, root); d.Signed != 0 {
		t.Errorf("the zone is gone: %+v", d)
	}
}

// What a member says of its software anew is believed when its link opens: after an update the warning is gone.
func TestAMemberThatWasUpdatedCanSign(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.says = []string{"dnssec=no"}
	m := web.join(t, ns).Member
	if m.DNSSEC != control.SignsNo {
		t.Fatalf("%+v", m)
	}
	facts := control.Facts{Name: m.Name, Fingerprint: m.Fingerprint, Version: "2", Capabilities: []string{"compare=yes", "dnssec=yes"}}
	if err := web.LinkOpened(ctx(), m.Target, facts); err != nil {
		t.Fatal(err)
	}
	v, err := web.MemberNameserver(ctx(), root, "ns1.test")
	if err != nil || v.Member.DNSSEC != control.SignsYes || len(v.Steps) != 0 {
		t.Errorf("%+v %v", v, err)
	}
}
