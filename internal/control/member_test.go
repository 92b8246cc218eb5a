package control_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func synchronize(to *server, token string) control.MemberRequest {
	return control.MemberRequest{Host: to.Self.Name, Token: token, Role: cluster.Synchronize, Zones: cluster.All, ReverseTrust: true, SyncNow: true}
}

func (s *server) join(t tb, to *server) control.MemberResult {
	t.Helper()
	r, err := s.AddMember(ctx(), root, synchronize(to, to.memberToken(t)))
	if err != nil {
		t.Fatalf("add %s at %s: %v", to.Self.Name, s.Self.Name, err)
	}
	return r
}

func (s *server) members(t tb) []control.Member {
	t.Helper()
	list, err := s.Links(ctx())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAddingAMemberWithReverseTrust(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	ns.create(t, "old.example")
	if err := ns.DisableClustering(ctx(), root); err != nil {
		t.Fatal(err)
	}
	r := web.join(t, ns)
	if len(r.Notices) != 0 {
		t.Errorf("notices: %q", r.Notices)
	}
	m := web.members(t)[0]
	if m.Name != "ns1.test" || m.Fingerprint != "key-of-ns1.test" || m.Role != cluster.Synchronize || !m.Reverse ||
		!m.PullAll || !m.PullOthers || m.PushFrom != 0 || m.Target == "" || !m.Relay {
		t.Errorf("the member is %+v", m)
	}
	back := ns.members(t)
	if len(back) != 1 || back[0].Role != cluster.Standalone || back[0].Name != "web1.test" || back[0].ByTrust == "" || back[0].PushFrom == 0 {
		t.Fatalf("the reverse member is %+v", back)
	}
	if !ns.Clustering() {
		t.Error("reverse trust does not enable clustering there")
	}
	e, err := ns.Endpoint(ctx(), back[0])
	if err != nil || e.Token == "" {
		t.Fatalf("endpoint: %v", err)
	}
	if strings.Contains(fmt.Sprint(e), e.Token) {
		t.Error("an endpoint prints its token")
	}
	tokens, err := web.ListTokens(ctx(), root)
	if err != nil || len(tokens) != 1 || !tokens[0].Grant.Trust || tokens[0].Grant.Holder != "ns1.test key-of-ns1.test" {
		t.Errorf("the trust token is %+v, %v", tokens, err)
	}
}

func TestAPersonsEntryReplacesTheOneOfReverseTrust(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	ns.join(t, web)
	if m := ns.members(t); len(m) != 1 || m[0].Role != cluster.Synchronize || m[0].ByTrust != "" {
		t.Fatalf("ns1 has %+v", m)
	}
	if m := web.members(t); len(m) != 1 || m[0].Role != cluster.Synchronize || m[0].ByTrust != "" {
		t.Fatalf("web1 has %+v", m)
	}
	if _, err := ns.RemoveMember(ctx(), root, control.RemoveRequest{Host: "web1.test"}); err != nil {
		t.Fatal(err)
	}
	if m := web.members(t); len(m) != 1 || m[0].Role != cluster.Synchronize {
		t.Fatalf("removing the one removed the other: %+v", m)
	}
}

func TestEachCheckOfANewMemberHasItsOwnMessage(t *testing.T) {
	n := newNetwork()
	web, ns, other := n.server(t, "web1.test"), n.server(t, "ns1.test"), n.server(t, "ns2.test")
	n.at["also-web1.test:2087"], n.at["also-ns1.test:2087"] = web, ns
	token := ns.memberToken(t)
	api, err := ns.CreateToken(ctx(), root, control.TokenRequest{Name: "script"})
	if err != nil {
		t.Fatal(err)
	}
	n.down[other] = true
	for title, c := range map[string]struct {
		change func(*control.MemberRequest)
		code   control.Code
		says   string
	}{
		"backend":            {func(r *control.MemberRequest) { r.Backend = "other" }, control.CodeInvalid, `backend type "other" is not known`},
		"no backend yet":     {func(r *control.MemberRequest) { r.Backend = "softlayer" }, control.CodeInvalid, "cannot work with SoftLayer yet"},
		"role":               {func(r *control.MemberRequest) { r.Role = "both" }, control.CodeInvalid, `role "both" is not known`},
		"no host":            {func(r *control.MemberRequest) { r.Host = "" }, control.CodeInvalid, "needs a host"},
		"host that is none":  {func(r *control.MemberRequest) { r.Host = "ns1/../x" }, control.CodeInvalid, "not a name or an address"},
		"unknown host":       {func(r *control.MemberRequest) { r.Host = "nowhere.test" }, control.CodeInvalid, "does not resolve"},
		"its own name":       {func(r *control.MemberRequest) { r.Host = "web1.test" }, control.CodeConflict, "this is the server itself"},
		"its own, elsewhere": {func(r *control.MemberRequest) { r.Host, r.Token = "also-web1.test", web.memberToken(t) }, control.CodeConflict, "own"},
		"no token":           {func(r *control.MemberRequest) { r.Token = "" }, control.CodeInvalid, "API token is missing"},
		"half a token":       {func(r *control.MemberRequest) { r.Token = token[:20] }, control.CodeInvalid, "not a zonefleet token"},
		"a wrong token":      {func(r *control.MemberRequest) { r.Token = other.memberToken(t) }, control.CodeRefused, "the token is not accepted there"},
		"an api token":       {func(r *control.MemberRequest) { r.Token = api.Text }, control.CodeRefused, "not allowed to cluster"},
		"another key":        {func(r *control.MemberRequest) { r.Fingerprint = "abc" }, control.CodeRefused, "its key is not the expected one"},
		"no answer":          {func(r *control.MemberRequest) { r.Host = "ns2.test" }, control.CodeUnavailable, "does not answer"},
	} {
		t.Run(title, func(t *testing.T) {
			r := synchronize(ns, token)
			c.change(&r)
			_, err := web.AddMember(ctx(), root, r)
			if e := wantCode(t, err, c.code); !strings.Contains(e.Error(), c.says) {
				t.Errorf("it says %q, want %q", e, c.says)
			}
			if len(web.members(t)) != 0 {
				t.Error("the member was saved")
			}
		})
	}
	if _, err := web.AddMember(ctx(), root, synchronize(ns, token)); err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"ns1.test", "also-ns1.test"} {
		r := synchronize(ns, token)
		r.Host = host
		_, err := web.AddMember(ctx(), root, r)
		if e := wantCode(t, err, control.CodeExists); !strings.Contains(e.Error(), "already a member") {
			t.Errorf("it says %q", e)
		}
	}
}

func TestTwoServersOfOneNameAreNotMembersOfOneCluster(t *testing.T) {
	n := newNetwork()
	web, ns, impostor := n.server(t, "web1.test"), n.server(t, "ns1.test"), n.server(t, "other.test")
	impostor.Self.Name = "ns1.test"
	web.join(t, ns)
	r := synchronize(impostor, impostor.memberToken(t))
	r.Host = "other.test"
	_, err := web.AddMember(ctx(), root, r)
	if e := wantCode(t, err, control.CodeConflict); !strings.Contains(e.Error(), "calls itself ns1.test") {
		t.Errorf("it says %q", e)
	}
	impostor.Self.Name = web.Self.Name
	_, err = web.AddMember(ctx(), root, r)
	wantCode(t, err, control.CodeConflict)
	if len(web.members(t)) != 1 {
		t.Error("the member was saved")
	}
}

func TestClockSkewAndAFailedReverseTrustLeaveTheMemberAdded(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.skew = 60_000
	web.Self.Advertise = "unreachable.test"
	r := web.join(t, ns)
	if len(r.Notices) != 2 || !strings.Contains(r.Notices[0], "clock skew") || !strings.Contains(r.Notices[1], "reverse trust was not established") {
		t.Errorf("notices: %q", r.Notices)
	}
	if len(web.members(t)) != 1 || len(ns.members(t)) != 0 {
		t.Error("the member is not added, or the reverse one is")
	}
	tokens, err := web.ListTokens(ctx(), root)
	if err != nil || len(tokens) != 1 || !tokens[0].Revoked {
		t.Errorf("the token of the failed trust still works: %+v, %v", tokens, err)
	}
}

func TestRemovingAMemberDropsTheReverseTrustAndKeepsTheZones(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	ns.create(t, "old.example")
	web.create(t, example)
	web.join(t, ns)
	exchange(t, web, ns)
	first := web.members(t)[0].Target
	r, err := web.RemoveMember(ctx(), root, control.RemoveRequest{Host: "ns1.test"})
	if err != nil || r.ZonesKept != 2 || r.ZonesAtHome != 1 || len(r.Notices) != 0 {
		t.Fatalf("removing: %+v, %v", r, err)
	}
	if len(web.members(t)) != 0 || len(ns.members(t)) != 0 {
		t.Error("a row is left")
	}
	tokens, err := web.ListTokens(ctx(), root)
	if err != nil || !tokens[0].Revoked {
		t.Errorf("the trust token still works: %+v, %v", tokens, err)
	}
	if web.join(t, ns); web.members(t)[0].Target == first {
		t.Error("the new link would go on from the old cursor")
	}

	n.down[ns] = true
	if r, err = web.RemoveMember(ctx(), root, control.RemoveRequest{Host: "ns1.test"}); err != nil || len(r.Notices) != 1 || !strings.Contains(r.Notices[0], "zonefleet member remove web1.test") {
		t.Errorf("removing a dead member: %+v, %v", r, err)
	}
}

func TestTheOtherSideCanRemoveTheReverseLinkToo(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	if _, err := ns.RemoveMember(ctx(), root, control.RemoveRequest{Host: "web1.test"}); err != nil {
		t.Fatal(err)
	}
	m := web.members(t)
	if len(m) != 1 || m[0].Reverse || m[0].TrustToken != "" {
		t.Errorf("the member is %+v", m)
	}
}

func TestLeavingTheCluster(t *testing.T) {
	n := newNetwork()
	web, ns1, ns2 := n.server(t, "web1.test"), n.server(t, "ns1.test"), n.server(t, "ns2.test")
	web.join(t, ns1)
	web.join(t, ns2)
	n.down[ns2] = true
	r, err := web.LeaveCluster(ctx(), root, time.Minute)
	if err != nil || len(r.Removed) != 1 || r.Removed[0] != "ns1.test" || len(r.Unreached) != 1 ||
		r.Unreached[0].Name != "ns2.test" || r.Unreached[0].Command != "zonefleet member remove web1.test" {
		t.Fatalf("leaving: %+v, %v", r, err)
	}
	if web.Clustering() || len(ns1.members(t)) != 0 {
		t.Error("clustering is on, or ns1 still lists the server")
	}
}

func TestAServerThatIsListedWithoutTrustLeavesByHand(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	r := synchronize(ns, ns.memberToken(t))
	r.ReverseTrust = false
	if _, err := web.AddMember(ctx(), root, r); err != nil {
		t.Fatal(err)
	}
	left, err := ns.LeaveCluster(ctx(), root, time.Minute)
	if err != nil || len(left.Unreached) != 1 || left.Unreached[0].Name != "web1.test" {
		t.Errorf("leaving: %+v, %v", left, err)
	}
}

func TestEditingAMember(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	n.at["ns1.test:3087"] = ns
	web.join(t, ns)
	before := web.members(t)[0]
	secret := func() string {
		e, err := web.Endpoint(ctx(), web.members(t)[0])
		if err != nil {
			t.Fatal(err)
		}
		return e.Token
	}
	token, on, port := secret(), true, 3087
	if _, err := web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test", Debug: &on, Port: &port}); err != nil {
		t.Fatal(err)
	}
	after := web.members(t)
	if len(after) != 1 || !after[0].Debug || after[0].Port != 3087 || after[0].Target != before.Target || secret() != token {
		t.Errorf("the member is %+v", after)
	}
	if _, err := web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test", Token: token[:len(token)-1] + "x"}); err == nil {
		t.Error("a wrong token was saved")
	}
	writeOnly := cluster.WriteOnly
	r, err := web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test:3087", Role: &writeOnly})
	if err != nil || !strings.Contains(strings.Join(r.Does, "; "), "replace what it serves") {
		t.Errorf("the new role does %q, %v", r.Does, err)
	}
	if _, err = web.SyncMember(ctx(), root, "ns1.test"); err != nil {
		t.Fatal(err)
	}
	if m := web.members(t)[0]; m.Target == before.Target || m.PushFrom != 0 || !m.Overwrite {
		t.Errorf("after sync the member is %+v", m)
	}
	if err := web.FirstPassDone(ctx(), web.members(t)[0].Target, true, true); err != nil {
		t.Fatal(err)
	}
	if m := web.members(t)[0]; m.Overwrite {
		t.Error("the overwrite would be repeated")
	}
	_, err = web.EditMember(ctx(), root, control.MemberEdit{Host: "ns9.test", Role: &writeOnly})
	wantCode(t, err, control.CodeNotFound)
}

func TestFailuresDisableAMemberAndASuccessBringsItBack(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	target := web.members(t)[0].Target
	if err := web.SetThreshold(ctx(), root, cluster.Threshold{Count: 3}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := web.LinkFailed(ctx(), target, control.ErrUnreachable); err != nil {
			t.Fatal(err)
		}
	}
	status, err := web.Status(ctx(), root)
	if err != nil || status.Exit != cluster.MustAct || !strings.Contains(status.Sentence, "ns1.test is disabled after failures (no answer)") ||
		status.Members[0].Health.Failures != 3 || status.Members[0].Threshold != 3 {
		t.Errorf("status is %+v, %v", status, err)
	}
	web.restart(t)
	if h := web.Health(target); h.Current() != cluster.DisabledFailures {
		t.Errorf("after a restart the health is %+v", h)
	}
	if h, err := web.LinkWorked(ctx(), target); err != nil || h.Current() != cluster.Active || h.Failures != 0 {
		t.Errorf("after an answer the health is %+v, %v", h, err)
	}
	if _, err := web.DisableMember(ctx(), root, "ns1.test"); err != nil {
		t.Fatal(err)
	}
	if h, err := web.LinkWorked(ctx(), target); err != nil || h.Current() != cluster.DisabledByHand {
		t.Errorf("an answer undid a person's decision: %+v, %v", h, err)
	}
	_, err = web.Receive(ctx(), ns.link(), nil)
	wantCode(t, err, control.CodeClusteringOff)
	if _, err := web.EnableMember(ctx(), root, "ns1.test"); err != nil || web.Health(target).Current() != cluster.Active {
		t.Errorf("enabling: %v", err)
	}
}

func TestMembersAreAskedBeforeAZoneIsCreated(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	ns.create(t, example)
	web.join(t, ns)
	_, err := web.CreateZone(ctx(), root, control.CreateRequest{Zone: name(example), Text: text(example)})
	if e := wantCode(t, err, control.CodeExists); !strings.Contains(e.Error(), "exists at ns1.test") {
		t.Errorf("it says %q", e)
	}
	if _, err := ns.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)}); err != nil {
		t.Fatal(err)
	}
	if r, err := web.CreateZone(ctx(), root, control.CreateRequest{Zone: name(example), Text: text(example)}); err != nil || len(r.Warnings) != 0 {
		t.Errorf("creating what the member has deleted: %+v, %v", r, err)
	}
	if _, err := web.DeleteZone(ctx(), root, control.DeleteRequest{Zone: name(example)}); err != nil {
		t.Fatal(err)
	}
	n.down[ns] = true
	r, err := web.CreateZone(ctx(), root, control.CreateRequest{Zone: name(example), Text: text(example)})
	if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "ns1.test did not answer") {
		t.Errorf("creating while the member is down: %+v, %v", r, err)
	}
}

func TestATokenBelongsToTheKeyThatUsedItFirst(t *testing.T) {
	n := newNetwork()
	web, web2, ns := n.server(t, "web1.test"), n.server(t, "web2.test"), n.server(t, "ns1.test")
	token := ns.memberToken(t)
	if _, err := web.AddMember(ctx(), root, synchronize(ns, token)); err != nil {
		t.Fatal(err)
	}
	id, err := auth.IDOf(token)
	if err != nil {
		t.Fatal(err)
	}
	if err := ns.Pin(ctx(), id, "", web.Self.Fingerprint); err != nil {
		t.Fatal(err)
	}
	if kept, err := ns.Token(ctx(), id); err != nil || kept.Grant.Holder != web.home() {
		t.Errorf("the token is held by %q, %v", kept.Grant.Holder, err)
	}
	_, err = web2.AddMember(ctx(), root, synchronize(ns, token))
	if err == nil || !strings.Contains(err.Error(), "the token belongs to web1.test") {
		t.Errorf("a second server with the token: %v", err)
	}
}

func TestTokens(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	made, err := s.FirstToken(ctx(), s.dir)
	if err != nil || !made {
		t.Fatalf("the first token: %v, %v", made, err)
	}
	if made, err = s.FirstToken(ctx(), s.dir); err != nil || made {
		t.Fatalf("a second first token: %v, %v", made, err)
	}
	text, err := os.ReadFile(filepath.Join(s.dir, auth.RootFile))
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(text))
	id, err := auth.IDOf(token)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.Token(ctx(), id)
	if err != nil || kept.Hash != auth.HashOf(token) || kept.User != "root" {
		t.Errorf("the root token is kept as %+v, %v", kept, err)
	}
	listed, err := s.ListTokens(ctx(), root)
	if err != nil || len(listed) != 1 || listed[0].Hash != (auth.Hash{}) {
		t.Errorf("tokens are listed as %+v, %v", listed, err)
	}
	if err := s.RevokeToken(ctx(), root, id); err != nil {
		t.Fatal(err)
	}
	if kept, err = s.Token(ctx(), id); err != nil || !kept.Revoked {
		t.Errorf("after revoking it is %+v, %v", kept, err)
	}
	if made, err = s.FirstToken(ctx(), s.dir); err != nil || !made {
		t.Errorf("a node whose only token is revoked gets no new one: %v", err)
	}
	wantCode(t, s.RevokeToken(ctx(), root, "nosuchtokn"), control.CodeNotFound)
	for _, r := range []control.TokenRequest{
		{}, {Name: "a\nb"}, {Name: "x", Kind: "admin"}, {Name: "x", Relay: true}, {Name: "x", Expires: s.time()},
	} {
		_, err := s.CreateToken(ctx(), root, r)
		wantCode(t, err, control.CodeInvalid)
	}
}

func TestAnAcknowledgedChangeAndAllSettingsSurviveARestart(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	web.create(t, example, "www A 192.0.2.1")
	etag := web.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.2")).ETag
	if err := web.SetThreshold(ctx(), root, cluster.Threshold{KeepOnline: true}); err != nil {
		t.Fatal(err)
	}
	web.restart(t)
	if web.show(t, example).ETag != etag || !web.Threshold().KeepOnline || len(web.members(t)) != 1 {
		t.Error("something is lost")
	}
	if e, err := web.Endpoint(ctx(), web.members(t)[0]); err != nil || e.Token == "" {
		t.Errorf("the member's token: %v", err)
	}
	if got := web.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.3")); got.ETag == etag {
		t.Error("nothing can be written")
	}
}
