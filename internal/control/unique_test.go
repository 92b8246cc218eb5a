package control_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// reseller makes a reseller with one account, and returns who acts for it.
func (s *server) reseller(t tb, user, account string) acl.Principal {
	t.Helper()
	for _, u := range []control.NewUser{{Name: user, Privileges: acl.Privileges{acl.Clustering}}, {Name: account, Owner: user}} {
		if _, err := s.AddUser(ctx(), root, u); err != nil {
			t.Fatal(err)
		}
	}
	p, err := s.ActAs(ctx(), root, user)
	if err != nil || p.Root || p.Account() != user {
		t.Fatalf("%+v %v", p, err)
	}
	return p
}

// resellerToken is a token of a reseller at the server.
func (s *server) resellerToken(t tb, p acl.Principal) string {
	t.Helper()
	p.Root = true // who may make tokens is another test's
	token, err := s.CreateToken(ctx(), p, control.TokenRequest{Name: "member", Kind: auth.KindMember, Relay: true})
	if err != nil {
		t.Fatal(err)
	}
	return token.Text
}

func workedOf(t tb, s *server, user string) control.Member {
	t.Helper()
	list, err := s.WorkedLinks(ctx())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(m control.Member) bool { return m.User == user })
	if i < 0 {
		t.Fatalf("%s has no row", user)
	}
	return list[i]
}

// The table of unique DNS clustering, as rows are worked: whose role holds, and which zones each link carries.
func TestLinksAreWorkedByTheTableOfUniqueClustering(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	bob, there := web.reseller(t, "bob", "alice"), ns.reseller(t, "bob", "alice")
	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.1"), ""); err != nil {
		t.Fatal(err)
	}
	request := control.MemberRequest{Host: "ns1.test", Token: ns.resellerToken(t, there), Role: cluster.Standalone}
	_, err := web.AddMember(ctx(), bob, request)
	wantCode(t, err, control.CodeRefused) // unique DNS clustering is off
	if _, err := web.SetUnique(ctx(), bob, true); err != nil {
		t.Fatal(err)
	}
	request.Role = cluster.Synchronize
	_, err = web.AddMember(ctx(), bob, request)
	wantCode(t, err, control.CodeRefused) // root has not added this server
	request.Role = cluster.Standalone
	if _, err := web.AddMember(ctx(), bob, request); err != nil {
		t.Fatal(err)
	}
	if m := workedOf(t, web, "bob"); m.Role != cluster.Standalone || !slices.Equal(m.Scope.Owners, []string{"alice", "bob"}) {
		t.Errorf("its own standalone server: %+v", m)
	}
	web.join(t, ns)
	if m := workedOf(t, web, "bob"); m.Role != "" || m.Policy() != (cluster.Policy{}) {
		t.Errorf("ignored, root's synchronize applies: %+v", m)
	}
	if m := workedOf(t, web, "root"); len(m.Scope.Except) != 0 {
		t.Errorf("root's link: %+v", m.Scope)
	}
	role := cluster.WriteOnly
	if _, err := web.EditMember(ctx(), bob, control.MemberEdit{Host: "ns1.test", Role: &role}); err != nil {
		t.Fatal(err)
	}
	if m := workedOf(t, web, "bob"); m.Role != cluster.WriteOnly {
		t.Errorf("the reseller's choice: %+v", m)
	}
	if m := workedOf(t, web, "root"); !slices.Equal(m.Scope.Except, []string{"alice", "bob"}) || m.Scope.Includes("alice") || !m.Scope.Includes("root") {
		t.Errorf("root's link leaves them out: %+v", m.Scope)
	}
	off, err := web.SetUnique(ctx(), bob, false)
	if err != nil || off.On || off.Members != 1 || workedOf(t, web, "bob").Role != "" || len(workedOf(t, web, "root").Scope.Except) != 0 {
		t.Errorf("off: %+v %v", off, err)
	}
}

// A reseller sees root's members, may change none, and the row says what is ignored.
func TestAResellerManagesItsOwnTableAlone(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	bob := web.reseller(t, "bob", "alice")
	st, err := web.Status(ctx(), bob)
	if err != nil || len(st.Members) != 1 || st.Members[0].User != "root" || st.Members[0].Username != "" {
		t.Fatalf("root's members: %+v %v", st.Members, err)
	}
	role := cluster.WriteOnly
	_, err = web.EditMember(ctx(), bob, control.MemberEdit{Host: "ns1.test", Role: &role})
	wantCode(t, err, control.CodeNotFound)
	_, err = web.RemoveMember(ctx(), bob, control.RemoveRequest{Host: "ns1.test"})
	wantCode(t, err, control.CodeNotFound)
	wantCode(t, web.AddTrustedIP(ctx(), bob, netip.MustParseAddr("192.0.2.9"), ""), control.CodeDenied)
	if _, err := web.ActAs(ctx(), bob, "alice"); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("a reseller as somebody else: %v", err)
	}
}

// Whatever a reseller's server may not be, the answer is one: nothing of the network behind this server is learned.
func TestAResellersServerIsPublic(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	bob := web.reseller(t, "bob", "alice")
	if _, err := web.SetUnique(ctx(), bob, true); err != nil {
		t.Fatal(err)
	}
	token := ns.resellerToken(t, ns.reseller(t, "bob", "alice"))
	var texts []string
	for _, host := range []string{"ns1.test", "10.0.0.1", "no.such.host.test"} { // the first is at 192.0.2.1
		_, err := web.PreviewNewMember(ctx(), bob, control.MemberRequest{Host: host, Token: token, Role: cluster.Standalone})
		wantCode(t, err, control.CodeUnavailable)
		texts = append(texts, strings.TrimPrefix(err.Error(), host))
	}
	if texts[0] != texts[1] || texts[0] != texts[2] {
		t.Errorf("they can be told apart: %q", texts)
	}
	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.1"), ""); err != nil {
		t.Fatal(err)
	}
	web.create(t, "others.example")
	ns.create(t, "others.example")
	v, err := web.PreviewNewMember(ctx(), bob, control.MemberRequest{Host: "ns1.test", Token: token, Role: cluster.Standalone})
	if err != nil || v.Zones != 0 || v.Overlap == nil || v.Overlap.Apart != 0 || v.Overlap.Here != 0 {
		t.Errorf("root trusts it, and of zones of others nothing is said: %+v %v", v.Overlap, err)
	}
}

// With a reseller's token a server reads the zones of that reseller's accounts, and no others.
func TestAResellersTokenReadsItsAccountsAlone(t *testing.T) {
	s := newWorld().server(t, "ns1.test")
	s.reseller(t, "bob", "alice")
	s.reseller(t, "carol", "dave")
	for _, kind := range []cluster.GrantKind{cluster.Leaf, cluster.Relay} {
		g := cluster.Grant{Kind: kind, User: "bob", Holder: "web key"}
		for owner, want := range map[string]bool{"alice": true, "bob": true, "carol": false, "dave": false, "root": false, "nobody": false} {
			if got := s.Reads(g, owner, "another key"); got != want {
				t.Errorf("%s of bob reads a zone of %s: %t", kind, owner, got)
			}
		}
	}
	if !s.Reads(cluster.Grant{Kind: cluster.Relay, User: "root"}, "dave", "") {
		t.Error("a relay of root reads all")
	}
}

// Before a reseller deletes an own server it sees how many of the own accounts' zones are at home there, and moves those alone
// to the trash: the server may be the home of others' zones too.
func TestAResellersDeletionCountsItsOwnZones(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	bob, there := web.reseller(t, "bob", "alice"), ns.reseller(t, "bob", "alice")
	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.1"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := web.SetUnique(ctx(), bob, true); err != nil {
		t.Fatal(err)
	}
	create := func(s *server, z, owner string) {
		t.Helper()
		if _, err := s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(z), Owner: owner}); err != nil {
			t.Fatal(err)
		}
	}
	create(web, "here.example", "alice")
	create(web, "others-here.example", "root")
	create(ns, "there.example", "alice")
	create(ns, "others-there.example", "root")
	exchange(t, web, ns)
	if _, err := web.AddMember(ctx(), bob, control.MemberRequest{Host: "ns1.test", Token: ns.resellerToken(t, there), Role: cluster.Standalone}); err != nil {
		t.Fatal(err)
	}
	bob.Privileges = append(bob.Privileges, acl.KillDNS)
	v, err := web.PreviewRemoval(ctx(), bob, "ns1.test")
	if err != nil || v.Zones != 2 || v.AtHome != 1 {
		t.Fatalf("a reseller is told of %d zones, %d at home there, %v", v.Zones, v.AtHome, err)
	}
	_, err = web.RemoveMember(ctx(), bob, control.RemoveRequest{Host: "ns1.test", Trash: true, Confirm: 2})
	wantCode(t, err, control.CodeStale)
	r, err := web.RemoveMember(ctx(), bob, control.RemoveRequest{Host: "ns1.test", Trash: true, Confirm: 1})
	if err != nil || r.Trashed != 1 || r.ZonesKept != 1 || r.ZonesAtHome != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	for z, live := range map[string]bool{"here.example": true, "there.example": false, "others-there.example": true, "others-here.example": true} {
		if h, err := web.Store.Head(name(z)); err != nil || h.Live != live {
			t.Errorf("%s lives: %v, %v", z, h.Live, err)
		}
	}
}

// Whose account it is decides by whose link its zones go: each change of that is told to the links, which look at their scope.
func TestAnAccountThatMovesIsInTheScopeOfItsOwnersLinks(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	bob, there := web.reseller(t, "bob", "alice"), ns.reseller(t, "bob", "alice")
	carl := web.reseller(t, "carl", "carol")
	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.1"), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := web.SetUnique(ctx(), bob, true); err != nil {
		t.Fatal(err)
	}
	if _, err := web.AddMember(ctx(), bob, control.MemberRequest{Host: "ns1.test", Token: ns.resellerToken(t, there), Role: cluster.Standalone}); err != nil {
		t.Fatal(err)
	}
	scope := func(want ...string) {
		t.Helper()
		if got := workedOf(t, web, "bob").Scope.Owners; !slices.Equal(got, want) {
			t.Errorf("the link carries the zones of %q, want %q", got, want)
		}
	}
	told := func(what string, act func() error) {
		t.Helper()
		before := web.told.Load()
		if err := act(); err != nil {
			t.Fatal(err)
		}
		if web.told.Load() == before {
			t.Errorf("the links are not told that %s", what)
		}
	}
	owner := func(user, owner string) func() error {
		return func() error {
			_, err := web.EditUser(ctx(), root, control.UserEdit{Name: user, Owner: &owner})
			return err
		}
	}
	scope("alice", "bob")
	told("an account is added", func() error {
		_, err := web.AddUser(ctx(), root, control.NewUser{Name: "anna", Owner: "bob"})
		return err
	})
	scope("alice", "anna", "bob")
	told("an account moves away", owner("alice", carl.User))
	scope("anna", "bob")
	told("an account comes", owner("carol", "bob"))
	scope("anna", "bob", "carol")
	told("an account is deleted", func() error {
		_, err := web.DeleteUser(ctx(), root, control.DeleteRequestUser{Name: "carol"})
		return err
	})
	scope("anna", "bob")
}
