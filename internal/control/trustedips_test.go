package control_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

func TestTrustedIPsAreLearnedAndKept(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.dns[ns] = []string{"192.0.2.1:53", "[2001:db8::1]:53"}
	web.join(t, ns)
	hand := netip.MustParseAddr("198.51.100.7")
	if err := web.AddTrustedIP(ctx(), root, hand, "secondary of a friend"); err != nil {
		t.Fatal(err)
	}
	list, err := web.TrustedIPs(ctx(), root)
	if err != nil || len(list) != 3 || list[0].Address.String() != "192.0.2.1" || list[0].Sources[0] != "ns1.test" || !list[1].ByHand || list[2].Address.String() != "2001:db8::1" {
		t.Fatalf("%+v %v", list, err)
	}
	m := web.members(t)[0]
	if err := web.LinkOpened(ctx(), m.Target, control.Facts{Name: m.Name, Fingerprint: m.Fingerprint, Addresses: []string{"192.0.2.9:53"}, Reached: "203.0.113.5"}); err != nil {
		t.Fatal(err)
	}
	if list, err = web.TrustedIPs(ctx(), root); err != nil || len(list) != 2 || list[0].Address.String() != "192.0.2.9" {
		t.Errorf("after a change there: %+v %v", list, err)
	}
	st, err := web.Status(ctx(), root)
	if err != nil || !strings.Contains(st.Members[0].Untrusted, "203.0.113.5") {
		t.Errorf("reached elsewhere: %+v %v", st.Members, err)
	}
	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("203.0.113.5"), ""); err != nil {
		t.Fatal(err)
	}
	if st, err = web.Status(ctx(), root); err != nil || st.Members[0].Untrusted != "" {
		t.Errorf("after it was added: %+v %v", st.Members, err)
	}
	if err := web.RemoveTrustedIP(ctx(), root, hand); err != nil {
		t.Fatal(err)
	}
	wantCode(t, web.RemoveTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.9")), control.CodeNotFound)
	wantCode(t, web.AddTrustedIP(ctx(), root, netip.MustParseAddr("0.0.0.0"), ""), control.CodeInvalid)
	wantCode(t, web.AddTrustedIP(ctx(), acl.Principal{}, hand, ""), control.CodeUnauthenticated)
}

// A reseller sees the addresses of root's members and of its own, not those of another's, and no note of root's.
func TestTrustedIPsOfAnothersMembersAreNotShown(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.dns[ns] = []string{"192.0.2.9:53"}
	seller, there, other := web.reseller(t, "seller", "shop"), ns.reseller(t, "seller", "shop"), web.reseller(t, "other", "stall")
	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.1"), "canary"); err != nil {
		t.Fatal(err)
	}
	if _, err := web.SetUnique(ctx(), seller, true); err != nil {
		t.Fatal(err)
	}
	if _, err := web.AddMember(ctx(), seller, control.MemberRequest{Host: "ns1.test", Token: ns.resellerToken(t, there), Role: cluster.Standalone}); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[*acl.Principal]int{&root: 2, &seller: 2, &other: 1} {
		list, err := web.TrustedIPs(ctx(), *p)
		if err != nil || len(list) != want || list[0].Note == "canary" != p.Root {
			t.Errorf("%s sees %+v, %v", p.User, list, err)
		}
	}
}

func TestTrustedIPsAreBounded(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	a := netip.MustParseAddr("10.0.0.0")
	for range 1000 {
		a = a.Next()
		if err := s.AddTrustedIP(ctx(), root, a, ""); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, s.AddTrustedIP(ctx(), root, a.Next(), ""), control.CodeTooLarge)
}

// outside is what a resolver says of the world.
type outside struct {
	ns   map[string][]string
	at   map[string]string
	down bool
}

func (o outside) LookupNS(ctx context.Context, name string) (list []*net.NS, err error) {
	if o.down {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for _, host := range o.ns[name] {
		list = append(list, &net.NS{Host: host})
	}
	if len(list) == 0 {
		err = &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return list, err
}

func (o outside) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a, ok := o.at[host]; ok {
		return []netip.Addr{netip.MustParseAddr(a)}, nil
	}
	return nil, fmt.Errorf("ask for %s: %w", host, &net.DNSError{Err: "no such host", IsNotFound: true})
}

// A new zone that the world is sent elsewhere for is a warning, or refused; what cannot be looked up is a warning only.
func TestTheDelegationOfANewZoneIsLookedAt(t *testing.T) {
	world := outside{
		ns: map[string][]string{"ours.dev.": {"ns1.host."}, "theirs.dev.": {"ns.elsewhere."}, "dead.dev.": {"ns.gone."}},
		at: map[string]string{"ns1.host.": "192.0.2.1", "ns.elsewhere.": "198.51.100.1"},
	}
	s := &server{world: newWorld(), dir: t.TempDir()}
	var resolver *outside = &world
	s.start(t, "web1.test", func(d *control.Deps) { d.Delegations = resolver })
	t.Cleanup(func() { s.stop() })
	warning := func(z string) string {
		t.Helper()
		return strings.Join(s.create(t, z).Warnings, "; ")
	}
	if w := warning("theirs.dev"); w != "" {
		t.Errorf("with no trusted address there is nothing to compare with: %s", w)
	}
	s.remove(t, "theirs.dev")
	if err := s.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.1"), ""); err != nil {
		t.Fatal(err)
	}
	for z, part := range map[string]string{
		"ours.dev": "", "sub.ours.dev": "", "anything.example": "", "theirs.dev": "delegated to ns.elsewhere", "deep.sub.theirs.dev": "delegated to ns.elsewhere",
		"nobody.dev": "delegated to nobody", "dead.dev": "delegated to ns.gone",
	} {
		if w := warning(z); part == "" && w != "" || !strings.Contains(w, part) {
			t.Errorf("%s: %q, want %q", z, w, part)
		}
		s.remove(t, z)
	}
	if err := s.SetDelegationRule(ctx(), root, control.DelegationRule{RefuseRemote: true, RefuseUnregistered: true}); err != nil {
		t.Fatal(err)
	}
	for z, code := range map[string]control.Code{"ours.dev": "", "theirs.dev": control.CodeRefused, "nobody.dev": control.CodeRefused} {
		_, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(z), Text: text(z)})
		if control.CodeOf(err) != code {
			t.Errorf("%s: %v", z, err)
		}
	}
	s.remove(t, "ours.dev")
	imports := func(z string) (string, error) {
		res, err := s.ImportZone(ctx(), root, control.ImportRequest{Zone: name(z), Text: text(z)})
		return strings.Join(res.Warnings, "; "), err
	}
	for z, code := range map[string]control.Code{"ours.dev": "", "theirs.dev": control.CodeRefused, "nobody.dev": control.CodeRefused} {
		if _, err := imports(z); control.CodeOf(err) != code {
			t.Errorf("import of %s: %v", z, err)
		}
	}
	if err := s.SetDelegationRule(ctx(), root, control.DelegationRule{}); err != nil {
		t.Fatal(err)
	}
	if w, err := imports("theirs.dev"); err != nil || !strings.Contains(w, "delegated to ns.elsewhere") {
		t.Errorf("the import warns %q, %v", w, err)
	}
	if w, err := imports("theirs.dev"); err != nil || w != "" {
		t.Errorf("a zone that is here is looked up again: %q, %v", w, err)
	}
	s.remove(t, "theirs.dev")
	resolver.down = true
	if w := warning("theirs.dev"); !strings.Contains(w, "could not be looked up") {
		t.Errorf("with no resolver: %q", w)
	}
}
