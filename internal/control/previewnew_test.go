package control_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func says(lines []string, part string) bool {
	return slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, part) })
}

// What is shown before a server is added is what adding it does, in numbers, and nothing is saved by looking.
func TestAPreviewOfANewMemberHasRealNumbers(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.profile[ns] = cluster.ProfileNameserver
	for _, z := range []string{"common.example", "both.example", "newer.example"} {
		web.create(t, z)
	}
	web.sendTo(t, ns)
	web.create(t, "here.example")
	ns.create(t, "there1.example")
	ns.create(t, "there2.example")
	ns.edit(t, "newer.example", set("www.newer.example", zone.TypeA, "192.0.2.1"))
	ns.edit(t, "both.example", set("www.both.example", zone.TypeA, "192.0.2.1"))
	web.edit(t, "both.example", set("ftp.both.example", zone.TypeA, "192.0.2.2"))

	r := control.MemberRequest{Host: "ns1.test", Token: ns.memberToken(t), SyncNow: true, ReverseTrust: true}
	v, err := web.PreviewNewMember(ctx(), root, r)
	if err != nil {
		t.Fatal(err)
	}
	if v.Member.Fingerprint != "key-of-ns1.test" || v.Remote != cluster.ProfileNameserver || v.Member.Role != cluster.Synchronize || v.Member.ReverseTrust {
		t.Errorf("the suggestion: %+v", v.Member)
	}
	want := control.Overlap{Here: 4, There: 5, Same: 1, OnlyHere: 1, OnlyThere: 2, NewerThere: 1, Apart: 1}
	if v.Overlap == nil {
		t.Fatal(v.Unknown)
	}
	o := *v.Overlap
	if len(o.Newer) != 1 || o.Newer[0].Text() != "newer.example" || len(o.Both) != 1 || o.Both[0].Text() != "both.example" {
		t.Errorf("named: %v %v", o.Newer, o.Both)
	}
	if o.Newer, o.Both = nil, nil; o.Here != want.Here || o.There != want.There || o.Same != want.Same || o.OnlyHere != want.OnlyHere || o.OnlyThere != want.OnlyThere || o.NewerThere != want.NewerThere || o.NewerHere != 0 || o.Apart != want.Apart {
		t.Errorf("got %+v, want %+v", o, want)
	}
	for _, part := range []string{"1 zone that only this server has goes", "2 zones that only ns1.test has come here", "1 zone that is newer there comes here", "1 zone changed on both"} {
		if !says(v.Moves, part) {
			t.Errorf("%q is not said: %q", part, v.Moves)
		}
	}
	if len(web.members(t)) != 0 || len(ns.members(t)) != 0 {
		t.Error("looking has added a member")
	}

	for role, parts := range map[cluster.Role][]string{
		cluster.Standalone: {"1 zone that is newer there comes here"},
		cluster.WriteOnly:  {"1 zone that only this server has goes", "something newer is overwritten"},
	} {
		r.Role = role
		if v, err = web.PreviewNewMember(ctx(), root, r); err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !says(v.Moves, part) {
				t.Errorf("%s: %q is not said: %q", role, part, v.Moves)
			}
		}
		if says(v.Moves, "only ns1.test has") {
			t.Errorf("%s: only synchronize pulls all: %q", role, v.Moves)
		}
	}
	r.Role, r.SyncNow = cluster.Synchronize, false
	if v, err = web.PreviewNewMember(ctx(), root, r); err != nil || !says(v.Moves, "nothing moves now: 2 zones differ") {
		t.Errorf("not synchronized at once: %q %v", v.Moves, err)
	}
}

// A zone that one side has deleted is told apart from one that it never had.
func TestAPreviewKnowsWhatWasDeleted(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	for _, z := range []string{"gone-here.example", "gone-there.example"} {
		web.create(t, z)
	}
	web.sendTo(t, ns)
	web.remove(t, "gone-here.example")
	ns.remove(t, "gone-there.example")
	v, err := web.PreviewNewMember(ctx(), root, synchronize(ns, ns.memberToken(t)))
	if err != nil || v.Overlap == nil {
		t.Fatal(err, v.Unknown)
	}
	if v.Overlap.GoneHere != 1 || v.Overlap.GoneThere != 1 || !says(v.Moves, "deleted there too") || !says(v.Moves, "deleted here too") {
		t.Errorf("%+v %q", v.Overlap, v.Moves)
	}
}

// A role that is left open is what the profiles suggest, and reverse trust with it.
func TestAMemberIsAddedAsSuggested(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.profile[web] = cluster.ProfileNameserver
	r, err := web.AddMember(ctx(), root, control.MemberRequest{Host: "ns1.test", Token: ns.memberToken(t), ReverseTrust: true})
	if err != nil || r.Member.Role != cluster.Standalone || len(ns.members(t)) != 0 {
		t.Errorf("%+v %v", r.Member, err)
	}
}

// The second writer is told before it is one, and the first sees it in its table.
func TestTwoWriteOnlyWritersAreShownToBoth(t *testing.T) {
	n := newNetwork()
	web2, ns := n.server(t, "web2.test"), n.server(t, "ns1.test")
	n.edges[web2] = []cluster.Edge{{From: "web1.test", To: "ns1.test", Role: cluster.WriteOnly}}
	v, err := web2.PreviewNewMember(ctx(), root, control.MemberRequest{Host: "ns1.test", Token: ns.memberToken(t), Role: cluster.WriteOnly})
	if err != nil || !strings.Contains(v.Writers, "web1.test") {
		t.Fatalf("before: %q %v", v.Writers, err)
	}
	if _, err := web2.AddMember(ctx(), root, control.MemberRequest{Host: "ns1.test", Token: ns.memberToken(t), Role: cluster.WriteOnly}); err != nil {
		t.Fatal(err)
	}
	st, err := web2.Status(ctx(), root)
	if err != nil || len(st.Members) != 1 || !strings.Contains(st.Members[0].Writers, "web1.test") {
		t.Errorf("in the table: %+v %v", st.Members, err)
	}
}

func TestTheFormOfABackend(t *testing.T) {
	n := newNetwork()
	web := n.server(t, "web1.test")
	list, err := web.Backends(ctx(), root)
	if err != nil || len(list) != 4 || list[0].Name != control.BackendZonefleet || !list[0].Available || list[1].Available {
		t.Fatalf("%+v %v", list, err)
	}
	if _, err := web.Backends(ctx(), acl.Principal{}); control.CodeOf(err) != control.CodeUnauthenticated {
		t.Errorf("nobody: %v", err)
	}
	good := map[string]string{"host": " ns1.test:3000\r\n", "username": "ro\x00ot", "token": "-----BEGIN WHM ACCESS KEY-----\r\nzf_a\r\nbc\r\n-----END WHM ACCESS KEY-----\n", "role": "standalone"}
	r, err := control.MemberForm("", good)
	if err != nil || r.Host != "ns1.test" || r.Port != 3000 || r.Username != "root" || r.Token != "zf_abc" || r.Role != cluster.Standalone {
		t.Errorf("%+v %v", r, err)
	}
	for field, value := range map[string]string{"host": "", "username": " ", "token": "\r\n", "role": "leader", "zones": "some"} {
		bad := map[string]string{}
		for k, v := range good {
			bad[k] = v
		}
		bad[field] = value
		_, err := control.MemberForm("zonefleet", bad)
		var e *control.Error
		if !errors.As(err, &e) || e.Subject != field || e.Code != control.CodeInvalid {
			t.Errorf("%s=%q: %v", field, value, err)
		}
	}
	for _, backend := range []string{"cpanel", "nothing"} {
		if _, err := control.MemberForm(backend, good); control.CodeOf(err) != control.CodeInvalid {
			t.Errorf("%s: %v", backend, err)
		}
	}
}
