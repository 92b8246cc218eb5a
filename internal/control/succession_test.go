package control_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// key gives a server a key that looks like one.
func (s *server) key(octet string) *server {
	s.Self.Fingerprint = "SHA256:" + strings.Repeat(octet, 32)
	return s
}

// replaced is a cluster in which a is told that another server has the place of ns2, while b is away with a zone of it.
func replaced(t *testing.T) (a, b *server, fresh string) {
	t.Helper()
	n := newNetwork()
	a, b = n.server(t, "a.example.net").key("0a"), n.server(t, "b.example.net").key("0b")
	ns2 := n.server(t, "ns2.example.net").key("02")
	a.join(t, ns2)
	ns2.create(t, "early.example", "@ A 192.0.2.1")
	ns2.sendTo(t, a)
	ns2.create(t, "late.example", "@ A 192.0.2.1")
	ns2.sendTo(t, b)
	fresh = "SHA256:" + strings.Repeat("22", 32)
	r, err := a.AcceptKey(ctx(), root, "ns2.example.net", fresh)
	if err != nil || r.Moved != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	b.sendTo(t, a)
	if h := a.homeOf(t, "late.example"); strings.HasSuffix(h, fresh) {
		t.Fatalf("the late zone is at home at %s already", h)
	}
	return a, b, fresh
}

func TestAZoneOfAReplacedServerThatComesLateMovesToo(t *testing.T) {
	a, _, fresh := replaced(t)
	if k, err := a.ShowKey(ctx(), root, "ns2.example.net"); err != nil || k.Left != 1 {
		t.Errorf("%+v, %v", k, err)
	}
	if err := a.Expire(ctx()); err != nil {
		t.Fatal(err)
	}
	for _, z := range []string{"early.example", "late.example"} {
		if h := a.homeOf(t, z); h != "ns2.example.net "+fresh {
			t.Errorf("%s is at home at %s", z, h)
		}
	}
}

func TestAcceptingAKeyAgainMovesWhatIsLeft(t *testing.T) {
	a, _, fresh := replaced(t)
	if r, err := a.AcceptKey(ctx(), root, "ns2.example.net", fresh); err != nil || r.Moved != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if h := a.homeOf(t, "late.example"); h != "ns2.example.net "+fresh {
		t.Errorf("it is at home at %s", h)
	}
	if _, err := a.AcceptKey(ctx(), root, "ns2.example.net", fresh); control.CodeOf(err) != control.CodeExists {
		t.Errorf("a third time: %v", err)
	}
}

func TestTheReplacementOfAReplacementHasAllItsZones(t *testing.T) {
	a, _, _ := replaced(t)
	third := "SHA256:" + strings.Repeat("33", 32)
	if _, err := a.AcceptKey(ctx(), root, "ns2.example.net", third); err != nil {
		t.Fatal(err)
	}
	for _, z := range []string{"early.example", "late.example"} {
		if h := a.homeOf(t, z); h != "ns2.example.net "+third {
			t.Errorf("%s is at home at %s", z, h)
		}
	}
	first := "SHA256:" + strings.Repeat("02", 32) // it is found again, and gets its place back
	if _, err := a.AcceptKey(ctx(), root, "ns2.example.net", first); err != nil {
		t.Fatal(err)
	}
	if err := a.Expire(ctx()); err != nil {
		t.Fatal(err)
	}
	if h := a.homeOf(t, "late.example"); h != "ns2.example.net "+first {
		t.Errorf("it is at home at %s", h)
	}
}

func TestACodeForAReplacementIsForThatName(t *testing.T) {
	n := newNetwork()
	a, ns2 := n.server(t, "a.example.net").key("0a"), n.server(t, "ns2.example.net").key("02")
	a.join(t, ns2)
	other := n.server(t, "ns3.example.net").key("03")
	code, err := a.CreateInvite(ctx(), root, control.InviteRequest{Replaces: "ns2.example.net", Addresses: []string{"a.example.net:2087"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.JoinCluster(ctx(), root, control.JoinRequest{Code: code.Text}); err == nil || !strings.Contains(err.Error(), "ns2.example.net") {
		t.Errorf("another name: %v", err)
	}
	if i, err := a.ListInvites(ctx(), root); err != nil || i[0].UsedBy != "" {
		t.Errorf("the code was used up: %+v, %v", i, err)
	}
}

func TestAServerThatCallsByItsKeyHasFewTokensHoweverOftenItCalls(t *testing.T) {
	n := newNetwork()
	a, b := n.server(t, "a.example.net").key("0a"), n.server(t, "b.example.net").key("0b")
	c := n.server(t, "c.example.net").key("0c")
	b.join(t, c) // b vouches for c
	code, err := b.CreateInvite(ctx(), root, control.InviteRequest{Addresses: []string{"b.example.net:2087"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.JoinCluster(ctx(), root, control.JoinRequest{Code: code.Text}); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		text := func(id string) string { return "zf_" + id + "_" + strings.Repeat("A", 43) }
		_, err := a.AcceptJoin(ctx(), control.Caller{Key: c.Self.Fingerprint, Token: text, Back: text},
			control.JoinCall{Name: c.Self.Name, Host: "c.example.net", Port: 2087, BackID: auth.NewID()})
		if err != nil {
			t.Fatal(err)
		}
	}
	if list, err := a.ListTokens(ctx(), root); err != nil || len(list) > 80 {
		t.Errorf("it has %d tokens, %v", len(list), err)
	}
}

func (s *server) homeOf(t *testing.T, z string) string {
	t.Helper()
	name, err := zone.ParseName(z)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Store.Head(name)
	if err != nil {
		t.Fatal(err)
	}
	return h.Home
}
