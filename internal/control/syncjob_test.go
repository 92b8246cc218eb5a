package control_test

import (
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// One that has ended gives way to the next; while all of them wait, the next is refused.
func TestSynchronizationsAreBounded(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	var last control.SyncJob
	var err error
	for range 20 {
		if last, err = web.StartSync(ctx(), root, control.SyncRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = web.StartSync(ctx(), root, control.SyncRequest{})
	wantCode(t, err, control.CodeTooLarge)
	if list, err := web.SyncJobs(ctx(), root); err != nil || len(list) != 20 || list[0].ID != last.ID || list[0].State != control.SyncWaiting {
		t.Errorf("%d %v", len(list), err)
	}
	if _, err := web.SyncJob(ctx(), root, "nothing"); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("one that is none: %v", err)
	}
	for _, err := range []error{
		second(web.StartSync(ctx(), acl.Principal{}, control.SyncRequest{})), second(web.PreviewSync(ctx(), acl.Principal{}, control.SyncRequest{})),
		second(web.SyncJobs(ctx(), acl.Principal{})),
	} {
		wantCode(t, err, control.CodeUnauthenticated)
	}
	if err := web.DisableClustering(ctx(), root); err != nil {
		t.Fatal(err)
	}
	_, err = web.StartSync(ctx(), root, control.SyncRequest{})
	wantCode(t, err, control.CodeClusteringOff)
}

func second[T any](_ T, err error) error { return err }

// Zones go to the trash only if they are as many as a person was shown, and before the member is gone.
func TestARemovalMovesZonesToTheTrash(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	for _, z := range []string{"one.example", "two.example"} {
		ns.create(t, z)
	}
	ns.sendTo(t, web)
	web.create(t, "mine.example")
	v, err := web.PreviewRemoval(ctx(), root, "ns1.test")
	if err != nil || v.Zones != 3 || v.AtHome != 2 || !says(v.There, "keeps the zones") {
		t.Fatalf("%+v %v", v, err)
	}
	_, err = web.RemoveMember(ctx(), root, control.RemoveRequest{Host: "ns1.test", Trash: true, Confirm: 1})
	wantCode(t, err, control.CodeStale)
	if len(web.members(t)) != 1 || web.live(t) != 3 {
		t.Error("another number has changed something")
	}
	r, err := web.RemoveMember(ctx(), root, control.RemoveRequest{Host: "ns1.test", Trash: true, Confirm: 2})
	if err != nil || r.Trashed != 2 || r.ZonesKept != 1 || r.ZonesAtHome != 0 || web.live(t) != 1 {
		t.Errorf("%+v %v", r, err)
	}
	web.join(t, ns) // a replacement of the same name works at once
}

// Reverse trust is set up and undone later, by editing.
func TestReverseTrustIsEdited(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	if _, err := web.AddMember(ctx(), root, control.MemberRequest{Host: "ns1.test", Token: ns.memberToken(t), Role: "synchronize"}); err != nil {
		t.Fatal(err)
	}
	on, off := true, false
	r, err := web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test", ReverseTrust: &on})
	if err != nil || len(r.Notices) != 0 || len(ns.members(t)) != 1 || !web.members(t)[0].Reverse {
		t.Fatalf("on: %+v %v", r, err)
	}
	r, err = web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test", ReverseTrust: &off})
	if err != nil || len(r.Notices) != 0 || len(ns.members(t)) != 0 || web.members(t)[0].Reverse {
		t.Errorf("off: %+v %v, there %+v", r, err, ns.members(t))
	}
	tokens, err := web.ListTokens(ctx(), root)
	for _, token := range tokens {
		if !token.Revoked {
			t.Errorf("the trust's token still works: %+v %v", token, err)
		}
	}
}
