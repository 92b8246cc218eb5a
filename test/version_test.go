package test

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// later are the protocol versions of a release that has left the previous one behind.
var later = wire.Versions{Min: wire.MaxVersion + 1, Max: wire.MaxVersion + 2}

// identityOf is the key of a server that a test plays.
func identityOf(t *testing.T, name string) *identity.Identity {
	t.Helper()
	id, err := identity.Open(t.TempDir(), identity.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// laterRelease is the door of a server that speaks no version that the previous release speaks.
func laterRelease(t *testing.T) (address string) {
	t.Helper()
	door := peer.New(peer.Options{Versions: later, Logger: slog.New(slog.DiscardHandler)})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{
		Handler: door, TLSConfig: identityOf(t, "later.zonefleet.test").ServerTLS(), HTTP2: peer.HTTP2(),
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0),
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.ServeTLS(l, "", "") }()
	t.Cleanup(func() { s.Close(); <-ended })
	return l.Addr().String()
}

func TestReleasesWithNoVersionInCommonSayWhichToUpdate(t *testing.T) {
	old := newServer(t, "old.zonefleet.test").ofPrevious()
	old.start()
	old.fails("update this server", "member", "add", laterRelease(t), "--role", "synchronize",
		"--api-token", "zf_aaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	if list := old.members(); len(list) != 0 {
		t.Errorf("it was added: %+v", list)
	}

	c, err := zonefleet.New(zonefleet.Options{
		Address: old.https, Token: old.token("relay"), Identity: identityOf(t, "later.zonefleet.test"), Versions: later,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var refused *wire.VersionError
	if _, err := c.Probe(t.Context()); !errors.As(err, &refused) || !strings.Contains(err.Error(), "update the other server") {
		t.Errorf("a later release is told: %v", err)
	}
	old.whole()
}

// A later release that needs another layout marks the folder: the previous one opens it no more, and says why.
func TestAFolderOfALaterFormatIsRefusedByItsName(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	s.has("example.com")
	s.stop()
	db, err := pebble.Open(filepath.Join(s.dir, "db"), &pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Set([]byte("FORMAT"), []byte("99"), pebble.Sync), db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{program, previousProgram(t)} {
		out, err := serveOnce(program, "--data", s.dir, "--dns", freeAddr(t), "--listen", freeAddr(t))
		if err == nil || !containsAll(out, "newer version", "format is 99", s.dir) {
			t.Errorf("%s on it: %v\n%s", program, err, out)
		}
	}
}
