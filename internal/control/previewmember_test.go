package control_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// A preview says what EditMember and SyncMember say afterwards, and changes nothing.
func TestAPreviewSaysWhatWillBeSaid(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.create(t, "one.example")
	web.create(t, "two.example")
	web.join(t, ns)
	before := web.members(t)[0]
	for _, role := range cluster.Roles() {
		shown, err := web.PreviewMember(ctx(), root, control.PreviewRequest{Host: "ns1.test", Role: role})
		if err != nil {
			t.Fatal(err)
		}
		if shown.Zones != 2 || shown.Role != role || shown.Member.Role != before.Role || len(shown.Starts) != 0 {
			t.Errorf("%s: the preview is %+v", role, shown)
		}
		done, err := web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test", Role: &role})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(done.Does, shown.Does) || !slices.Equal(done.Notices, shown.Notices) {
			t.Errorf("%s: shown %q %q, done %q %q", role, shown.Does, shown.Notices, done.Does, done.Notices)
		}
		sync, err := web.PreviewMember(ctx(), root, control.PreviewRequest{Host: "ns1.test", Sync: true})
		if err != nil {
			t.Fatal(err)
		}
		synced, err := web.SyncMember(ctx(), root, "ns1.test")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(synced.Does, append(sync.Starts, sync.Does...)) || sync.Overwrites != synced.Member.Overwrite {
			t.Errorf("%s: shown %+v, done %+v", role, sync, synced)
		}
		if _, err := web.EditMember(ctx(), root, control.MemberEdit{Host: "ns1.test", Role: &before.Role}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPreviewNamesWhatStopsAndChangesNothing(t *testing.T) {
	n := newNetwork()
	web, ns := n.server(t, "web1.test"), n.server(t, "ns1.test")
	web.join(t, ns)
	before := web.members(t)[0]
	v, err := web.PreviewMember(ctx(), root, control.PreviewRequest{Host: "ns1.test", Role: cluster.WriteOnly})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(v.Stops, func(s string) bool { return strings.Contains(s, "asked before a zone is created") }) {
		t.Errorf("what stops: %q", v.Stops)
	}
	if after := web.members(t)[0]; after.Role != before.Role || after.Target != before.Target {
		t.Errorf("the member is %+v now", after)
	}
	for host, role := range map[string]cluster.Role{"ns1.test": "leader", "nobody.test": cluster.Standalone} {
		if _, err := web.PreviewMember(ctx(), root, control.PreviewRequest{Host: host, Role: role}); control.CodeOf(err) != control.CodeInvalid && control.CodeOf(err) != control.CodeNotFound {
			t.Errorf("%s %s: %v", host, role, err)
		}
	}
	if _, err := web.PreviewMember(ctx(), acl.Principal{}, control.PreviewRequest{Host: "ns1.test"}); control.CodeOf(err) != control.CodeUnauthenticated {
		t.Errorf("nobody: %v", err)
	}
	if _, err := web.Topology(ctx(), acl.Principal{}); control.CodeOf(err) != control.CodeUnauthenticated {
		t.Errorf("nobody: %v", err)
	}
	if edges, err := web.Topology(ctx(), root); err != nil || len(edges) != 1 || edges[0].To != "ns1.test" {
		t.Errorf("the links are %v %v", edges, err)
	}
}
