package control_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// An account has so many tokens; the oldest that is revoked makes room.
func TestTokensAreBounded(t *testing.T) {
	s := newNetwork().server(t, "web1.test")
	const bound = 500
	var first string
	for i := range bound {
		made, err := s.CreateToken(ctx(), root, control.TokenRequest{Name: fmt.Sprintf("t%d", i)})
		if err != nil {
			t.Fatalf("token %d: %v", i, err)
		}
		if i == 0 {
			first = made.ID
		}
	}
	_, err := s.CreateToken(ctx(), root, control.TokenRequest{Name: "more"})
	wantCode(t, err, control.CodeTooLarge)
	if err := s.RevokeToken(ctx(), root, first); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateToken(ctx(), root, control.TokenRequest{Name: "more"}); err != nil {
		t.Fatal(err)
	}
	_, err = s.ShowToken(ctx(), root, first)
	wantCode(t, err, control.CodeNotFound)
}

// A token that has expired is worth nothing, and stays in the list until somebody revokes it.
func TestAnExpiredTokenStaysListed(t *testing.T) {
	w := newWorld()
	s := w.server(t, "web1.test")
	now := func() time.Time { return time.UnixMilli(int64(w.clock())) }
	made, err := s.CreateToken(ctx(), root, control.TokenRequest{Name: "deploy", Expires: now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	w.now += zone.Millis((366 * 24 * time.Hour).Milliseconds())
	v := auth.Verifier{Book: s, Now: now}
	if _, err := v.Verify(ctx(), made.Text, netip.MustParseAddr("192.0.2.7")); !errors.Is(err, auth.ErrExpired) {
		t.Errorf("a year later it is verified: %v", err)
	}
	if list, err := s.ListTokens(ctx(), root); err != nil || len(list) != 1 || list[0].ID != made.ID || list[0].Revoked {
		t.Errorf("listed are %+v, %v", list, err)
	}
}
