package test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/api"
)

// leftAt are the zones that no link of a server carries to another any more, and that one has.
func (s *server) leftAt(t *testing.T, other *server, want ...string) {
	t.Helper()
	l := s.drift(other).Left
	slices.Sort(l.Zones)
	if l.Count != len(want) || !slices.Equal(l.Zones, want) && len(want) > 0 {
		t.Fatalf("left behind at %s: %+v, want %v", other.name, l, want)
	}
}

// A role that does not send leaves zones behind at the other server. It is said before, they are listed afterwards, and nothing
// deletes them.
func TestZonesThatAChangedRoleLeavesBehindAreNamed(t *testing.T) {
	here, there := two(t)
	here.has("one.example", "two.example")
	there.has("theirs.example")
	link(t, here, there, "--role", "write-only", "--sync-now")
	here.connected(there.name)
	there.answers("www.two.example", 1, "192.0.2.1")
	here.leftAt(t, there)
	if said := here.run("member", "role", there.name, "standalone", "--dry-run"); !strings.Contains(said, "up to 2 zones that this server sends to "+there.name) {
		t.Fatalf("before: %q", said)
	}
	if said := here.run("member", "remove", there.name, "--dry-run"); !strings.Contains(said, "up to 2 zones that this server sends") {
		t.Fatalf("before it is removed: %q", said)
	}
	here.run("member", "role", there.name, "standalone")
	here.connected(there.name)
	here.leftAt(t, there, "one.example", "two.example")
	here.tells("left-behind", "2 zones", there.name)
	if said, _ := here.try("cluster", "drift"); !strings.Contains(said, "2 zones that no link carries there any more: one.example, two.example") {
		t.Errorf("people read %q", said)
	}
	here.set("one.example", "192.0.2.9")
	there.keepsAnswering("www.one.example", "192.0.2.1")
	there.run("zone", "delete", "two.example")
	here.leftAt(t, there, "one.example")
	here.run("member", "role", there.name, "write-only")
	here.connected(there.name)
	here.leftAt(t, there)
}

// An account that goes to another reseller goes out of the scope of the former one's link.
func TestZonesThatAMovedAccountLeavesBehindAreNamed(t *testing.T) {
	here, there := two(t)
	for _, s := range []*server{here, there} {
		s.run("user", "add", "bob", "--privileges", "clustering,create-dns,kill-dns,edit-dns,manage-api-tokens")
		s.run("user", "add", "alice", "--owner", "bob")
		s.password("bob", "a long pass phrase of bob")
	}
	here.importAs("alice", "hers.example", "192.0.2.1")
	here.importAs("bob", "his.example", "192.0.2.1")
	link(t, here, there, "--role", "standalone")
	here.run("reseller", "unique-clustering", "bob", "on")
	as := func(r *http.Request) { r.SetBasicAuth("bob", "a long pass phrase of bob") }
	_, made := newVisitor(t, there, "bob", as).asks(t, http.MethodPost, "/api/v1/tokens", []byte(`{"name":"here","kind":"leaf"}`))
	var token api.CreatedToken
	if err := json.Unmarshal([]byte(made[strings.Index(made, "{"):]), &token); err != nil {
		t.Fatalf("%v: %s", err, made)
	}
	body, err := json.Marshal(api.NewMember{Host: there.https, Username: "bob", Token: token.Token, Role: "synchronize", SyncNow: true})
	if err != nil {
		t.Fatal(err)
	}
	if status, said := newVisitor(t, here, "bob", as).asks(t, http.MethodPost, "/api/v1/members", body); status/100 != 2 {
		t.Fatalf("bob adds it: %d %s", status, said)
	}
	there.answers("www.hers.example", 1, "192.0.2.1")
	there.answers("www.his.example", 1, "192.0.2.1")
	here.leftAt(t, there)
	if said := here.run("reseller", "unique-clustering", "bob", "off", "--dry-run"); !strings.Contains(said, "up to 2 zones") {
		t.Errorf("before it is switched off: %q", said)
	}
	if said := here.run("user", "edit", "alice", "--owner", "root", "--dry-run"); !strings.Contains(said, "up to 1 zone ") {
		t.Errorf("before: %q", said)
	}
	here.run("user", "edit", "alice", "--owner", "root")
	here.leftAt(t, there, "hers.example")
	here.run("user", "edit", "alice", "--owner", "bob")
	here.leftAt(t, there)
}
