package node

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// follows lists the targets of the node's followers, and checks that exactly those are waited for.
func (n *Node) follows(t *testing.T) (ids []string) {
	t.Helper()
	for _, f := range n.links.followers.list {
		ids = append(ids, f.ID)
	}
	var expected []string
	for _, s := range n.tracker.Status() {
		if s.ID != localID {
			expected = append(expected, s.ID)
		}
	}
	slices.Sort(ids)
	if !slices.Equal(ids, expected) {
		t.Errorf("followers %v, waited for %v", ids, expected)
	}
	return ids
}

func (n *Node) follow(f follower) follower {
	f, _ = n.links.followers.add(n, f)
	return f
}

func TestAnEarlierLinkOfAServerIsForgotten(t *testing.T) {
	n := newTestNode(t)
	n.follow(follower{ID: "from/ns1/a", Name: "ns1", Fingerprint: "key1"})
	n.follow(follower{ID: "from/ns2/a", Name: "ns2", Fingerprint: "key2"})
	n.links.setBehind("from/ns1/a", []string{"ns9"})
	n.follow(follower{ID: "from/ns1/b", Name: "ns1", Fingerprint: "key1"})
	if got := n.follows(t); !slices.Equal(got, []string{"from/ns1/b", "from/ns2/a"}) {
		t.Errorf("followers %v", got)
	}
	if id, ok := n.links.followerOf("key1"); !ok || id != "from/ns1/b" {
		t.Errorf("the server with key1 follows as %q", id)
	}
	if len(n.links.behind) != 0 {
		t.Errorf("behind it are still %v", n.links.behind)
	}
}

func TestTheStartOfAKnownLinkStands(t *testing.T) {
	n := newTestNode(t)
	n.follow(follower{ID: "from/ns1/a", Fingerprint: "key1", Start: 5})
	if f := n.follow(follower{ID: "from/ns1/a", Fingerprint: "key1", Start: 9}); f.Start != 5 {
		t.Errorf("starts at %d", f.Start)
	}
	n.follows(t)
}

func TestAFollowerWhoseTokenIsRevokedIsForgotten(t *testing.T) {
	n := newTestNode(t)
	token := func(name string) string {
		made, err := n.control.CreateToken(t.Context(), acl.Local(), control.TokenRequest{Name: name, Kind: auth.KindMember})
		if err != nil {
			t.Fatal(err)
		}
		return made.ID
	}
	n.settle.begin(nil)
	revoked, kept := token("ns1"), token("ns2")
	n.follow(follower{ID: "from/ns1/a", Fingerprint: "key1", TokenID: revoked})
	n.follow(follower{ID: "from/ns2/a", Fingerprint: "key2", TokenID: kept})
	if err := n.control.RevokeToken(t.Context(), acl.Local(), revoked); err != nil {
		t.Fatal(err)
	}
	n.links.followers.reconcile(t.Context(), n, nil)
	if got := n.follows(t); !slices.Equal(got, []string{"from/ns2/a"}) {
		t.Errorf("followers %v", got)
	}
}

func TestFollowersAreKeptOverARestart(t *testing.T) {
	dir := t.TempDir()
	n := built(t, dir)
	stop := running(t, n)
	n.links.followers.load(n)
	n.follow(follower{ID: "from/ns1/a", Name: "ns1", Fingerprint: "key1", Start: 7, Grant: cluster.Grant{Kind: cluster.Relay, User: "root"}})
	want := n.links.followers.list[0]
	stop()

	n = built(t, dir)
	running(t, n)
	n.links.followers.load(n)
	if got := n.follows(t); len(got) != 1 || n.links.followers.list[0] != want {
		t.Errorf("followers %+v, want %+v", n.links.followers.list, want)
	}
}

func TestAFollowerThatLeavesIsForgottenWhenItsLinkIsClosed(t *testing.T) {
	n := newTestNode(t)
	n.follow(follower{ID: "from/ns1/a", Fingerprint: "key1"})
	n.follow(follower{ID: "from/ns2/a", Fingerprint: "key2"})
	o := &opened{inbound: true, fingerprint: "key1"}
	n.links.open["from/ns1/a"] = o
	n.links.followers.release(n, "key1")
	if got := n.follows(t); len(got) != 2 {
		t.Errorf("while its link is open: %v", got)
	}
	n.links.left("from/ns1/a", o)
	n.links.followers.sweep(n)
	if got := n.follows(t); !slices.Equal(got, []string{"from/ns2/a"}) {
		t.Errorf("when it is closed: %v", got)
	}
}

// Removed in the first moments of a process, or right before a crash, a member is not in any table that this process reads.
func TestAFollowerThatWasAMemberIsForgottenWhenNoTableNamesItAnyMore(t *testing.T) {
	dir := t.TempDir()
	n := built(t, dir)
	stop := running(t, n)
	n.links.followers.load(n)
	n.follow(follower{ID: "from/ns1/a", Fingerprint: "key1"})
	n.follow(follower{ID: "from/ns2/a", Fingerprint: "key2"})
	n.follow(follower{ID: "from/ns3/a", Fingerprint: "key3"})
	n.links.followers.reconcile(t.Context(), n, []control.Member{withKey("key1"), withKey("key2")})
	stop()

	n = built(t, dir)
	running(t, n)
	n.links.followers.load(n)
	o := &opened{inbound: true, fingerprint: "key2"}
	n.links.open["from/ns2/a"] = o
	n.links.followers.reconcile(t.Context(), n, nil)
	if got := n.follows(t); !slices.Equal(got, []string{"from/ns2/a", "from/ns3/a"}) {
		t.Errorf("while the link of one is open, and with one that was never a member: %v", got)
	}
	n.links.left("from/ns2/a", o)
	n.links.followers.sweep(n)
	if got := n.follows(t); !slices.Equal(got, []string{"from/ns3/a"}) {
		t.Errorf("when it is closed: %v", got)
	}
}

func TestFollowersAreBounded(t *testing.T) {
	n := newTestNode(t)
	for i := range maxFollowers {
		n.links.followers.list = append(n.links.followers.list, follower{ID: numbered(t, i).Text(), Fingerprint: numbered(t, i).Text()})
	}
	n.follow(follower{ID: "from/ns1/a", Fingerprint: "key1"})
	if got := len(n.links.followers.list); got != maxFollowers {
		t.Errorf("%d followers", got)
	}
	for _, s := range n.tracker.Status() {
		if s.ID == "from/ns1/a" {
			t.Error("one without room is waited for")
		}
	}
}

func TestOneFollowerTooManyIsRefusedAndNotWaitedFor(t *testing.T) {
	n := newTestNode(t)
	list := &n.links.followers.list
	for i := range maxFollowers {
		*list = append(*list, follower{ID: fmt.Sprint("from/", i), Fingerprint: fmt.Sprint("key", i)})
	}
	member := acl.Principal{Kind: acl.KindMember, Grant: cluster.Grant{Kind: cluster.Leaf}}
	hello := func(key string) error {
		a := answers{node: n, principal: member, caller: peer.Caller{Fingerprint: key}}
		return a.allow(wire.Hello{Facts: wire.Facts{Fingerprint: key}, Follow: true})
	}
	var refused *wire.Problem
	if err := hello("another"); !errors.As(err, &refused) || refused.Code != wire.CodeBusy {
		t.Errorf("one more is answered %v", err)
	}
	if err := hello("key7"); err != nil {
		t.Errorf("one that follows already: %v", err)
	}
	*list = (*list)[:maxFollowers-1]
	if err := hello("another"); err != nil {
		t.Errorf("the last that there is room for: %v", err)
	}
}

func withKey(fingerprint string) (m control.Member) {
	m.Fingerprint = fingerprint
	return m
}
