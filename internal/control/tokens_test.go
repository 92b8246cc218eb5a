package control_test

import (
	"fmt"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
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
