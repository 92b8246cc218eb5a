package control_test

import (
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
)

func TestInvitesAreBounded(t *testing.T) {
	n := newNetwork()
	s := n.server(t, "ns1.example.net")
	s.Self.Fingerprint = "SHA256:" + strings.Repeat("0a", 32)
	for _, r := range []control.InviteRequest{
		{Expires: 31 * 24 * time.Hour},
		{Expires: time.Second},
		{Expires: -time.Hour},
		{Name: strings.Repeat("x", 101)},
		{Name: "a\nb"},
		{Addresses: []string{"no port"}},
		{Addresses: strings.Split(strings.Repeat("a.example:1,", 9)+"a.example:1", ",")},
	} {
		if _, err := s.CreateInvite(ctx(), root, r); control.CodeOf(err) != control.CodeInvalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := s.CreateInvite(ctx(), root, control.InviteRequest{Replaces: "nobody.example"}); control.CodeOf(err) != control.CodeNotFound {
		t.Errorf("for a server that is no member: %v", err)
	}
	for range 1000 {
		if _, err := s.CreateInvite(ctx(), root, control.InviteRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.CreateInvite(ctx(), root, control.InviteRequest{}); control.CodeOf(err) != control.CodeTooLarge {
		t.Errorf("one more than are remembered: %v", err)
	}
}
