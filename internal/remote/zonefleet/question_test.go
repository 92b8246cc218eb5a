package zonefleet

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// A question of a later release is a path that the door of an older one does not have.
func TestAQuestionThatAnOlderReleaseDoesNotKnowIsNoFailure(t *testing.T) {
	own := func(name string) *identity.Identity {
		id, err := identity.Open(t.TempDir(), identity.Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{
		Handler: peer.New(peer.Options{Logger: slog.New(slog.DiscardHandler)}), TLSConfig: own("ns1.example.net").ServerTLS(), HTTP2: peer.HTTP2(),
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.ServeTLS(l, "", "") }()
	defer func() { s.Close(); <-ended }()
	c, err := New(Options{Address: l.Addr().String(), Token: "zf_a_b", Identity: own("web1.example.net")})
	if err != nil {
		t.Fatal(err)
	}
	cn, err := c.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer cn.http.Close()
	if _, err := cn.send(t.Context(), http.MethodPost, wire.PathPrefix+"later", nil); !errors.Is(err, ErrNotKnown) || IsFailure(err) {
		t.Errorf("it is told %v, a failure: %v", err, IsFailure(err))
	}
}
