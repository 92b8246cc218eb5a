package control_test

import (
	"net/netip"
	"testing"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// wantStays says how many zones a change would leave behind at the one server that there is.
func wantStays(t *testing.T, what string, got []control.Stay, err error, zones int) {
	t.Helper()
	if err != nil || zones == 0 && len(got) > 0 || zones > 0 && (len(got) != 1 || got[0].Zones != zones || got[0].Member != "ns1.test") {
		t.Errorf("%s leaves behind %+v, %v, want %d zones", what, got, err, zones)
	}
}

// Before a scope gets smaller it is said how many zones would stay there: by a role, a removal, an account that moves, and
// unique DNS clustering switched off. Zones at home there are that server's own.
func TestWhatASmallerScopeLeavesBehindIsCountedBefore(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	bob, there := web.reseller(t, "bob", "alice"), ns.reseller(t, "bob", "alice")
	for z, owner := range map[string]string{"hers.example": "alice", "his.example": "bob", "roots.example": "root"} {
		if _, err := web.CreateZone(ctx(), root, control.CreateRequest{Zone: name(z), Owner: owner}); err != nil {
			t.Fatal(err)
		}
	}
	ns.create(t, "there.example")
	exchange(t, web, ns)
	request := synchronize(ns, ns.memberToken(t))
	request.ReverseTrust = false
	if _, err := web.AddMember(ctx(), root, request); err != nil {
		t.Fatal(err)
	}
	role := func(r cluster.Role) []control.Stay {
		v, err := web.PreviewMember(ctx(), root, control.PreviewRequest{Host: "ns1.test", Role: r})
		if err != nil {
			t.Fatal(err)
		}
		return v.Stays
	}
	wantStays(t, "write-only", role(cluster.WriteOnly), nil, 0)
	wantStays(t, "standalone", role(cluster.Standalone), nil, 3)
	v, err := web.PreviewRemoval(ctx(), root, "ns1.test")
	wantStays(t, "a removal", v.Stays, err, 3)
	n.edges[web] = []cluster.Edge{{From: "ns1.test", To: "web1.test", Role: cluster.Standalone}}
	wantStays(t, "standalone, where that server follows without a token", role(cluster.Standalone), nil, 3)

	if err := web.AddTrustedIP(ctx(), root, netip.MustParseAddr("192.0.2.1"), ""); err != nil {
		t.Fatal(err)
	}
	standalone := cluster.Standalone
	if _, err := web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test", Role: &standalone}); err != nil {
		t.Fatal(err)
	}
	if _, err := web.SetUnique(ctx(), bob, true); err != nil {
		t.Fatal(err)
	}
	if _, err := web.AddMember(ctx(), bob, control.MemberRequest{Host: "ns1.test", Token: ns.resellerToken(t, there), Role: cluster.Synchronize}); err != nil {
		t.Fatal(err)
	}
	off, owner := false, "root"
	e, err := web.PreviewUserEdit(ctx(), root, control.UserEdit{Name: "bob", Unique: &off})
	wantStays(t, "unique DNS clustering switched off", e.Stays, err, 2)
	e, err = web.PreviewUserEdit(ctx(), root, control.UserEdit{Name: "alice", Owner: &owner})
	wantStays(t, "an account that moves", e.Stays, err, 1)
	d, err := web.PreviewDeleteUser(ctx(), root, "bob")
	wantStays(t, "a reseller that is deleted", d.Stays, err, 2)
	back := cluster.Synchronize
	p, err := web.PreviewMember(ctx(), root, control.PreviewRequest{Host: "ns1.test", Role: back})
	wantStays(t, "a link that carries all again", p.Stays, err, 0)
}

// A server that follows this one by its own link goes on getting what changes here.
func TestNothingStaysBehindAtAServerThatFollows(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.create(t, "one.example")
	web.join(t, ns) // with reverse trust
	n.edges[web] = []cluster.Edge{{From: "ns1.test", To: "web1.test", Role: cluster.Standalone}}
	v, err := web.PreviewMember(ctx(), root, control.PreviewRequest{Host: "ns1.test", Role: cluster.Standalone})
	if err != nil {
		t.Fatal(err)
	}
	wantStays(t, "standalone", v.Stays, nil, 0)
	r, err := web.PreviewRemoval(ctx(), root, "ns1.test")
	wantStays(t, "a removal, which undoes the trust", r.Stays, err, 1)
}
