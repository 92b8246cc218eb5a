package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// node is a control over a real store, behind a real HTTPS door.
type node struct {
	*testing.T
	ctx    context.Context
	door   *Server
	http   *httptest.Server
	token  string
	client *client.Client
}

func newNode(t *testing.T) *node {
	t.Helper()
	ctx, door, token := newDoor(t)
	srv := httptest.NewUnstartedServer(door)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	cl, err := client.New(client.Options{Server: srv.URL, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return &node{t, ctx, door, srv, token, cl}
}

// newDoor is a door over a control over a real store, and root's token for it.
func newDoor(t testing.TB) (ctx context.Context, door *Server, token string) {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var committer sync.WaitGroup
	committer.Go(func() { _ = st.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		committer.Wait()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	c := control.New(control.Deps{
		Store: st, Now: func() zone.Millis { return zone.Millis(time.Now().UnixMilli()) },
		Self: control.Identity{Name: "web1.example.net", Fingerprint: strings.Repeat("ab", 32), Version: "test"},
	})
	made, err := c.CreateToken(ctx, acl.Local(), control.TokenRequest{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return ctx, New(Deps{
		Control: c, Tokens: auth.Verifier{Book: c, Now: time.Now}, Backups: oneBackup{st},
		Logger: slog.New(slog.DiscardHandler),
	}), made.Text
}

// ask sends a raw request with the node's token, unless headers say otherwise ("Name: value").
func (n *node) ask(method, path, body string, headers ...string) *http.Response {
	n.Helper()
	req, err := http.NewRequest(method, n.http.URL+path, strings.NewReader(body))
	if err != nil {
		n.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+n.token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			req.Header.Del(name)
		} else {
			req.Header.Set(name, value)
		}
	}
	res, err := n.http.Client().Do(req)
	if err != nil {
		n.Fatal(err)
	}
	n.Cleanup(func() { res.Body.Close() })
	return res
}

// oneBackup writes backups of a store, as node does.
type oneBackup struct{ store *store.Store }

func (b oneBackup) Write(ctx context.Context, w io.Writer, open bool) (backup.Summary, error) {
	key, err := b.store.SealKey()
	if err != nil {
		return backup.Summary{}, err
	}
	return backup.Write(w, backup.Header{Server: "ns1.example.net", Time: time.Now()}, backup.KeyOf(key), open, backup.Source{
		Rows:   func(f func(store.Row) error) error { return b.store.Dump(ctx, f) },
		Secret: func(r store.Row) bool { _, is := r.Record(); return is },
	})
}

func (oneBackup) Run(context.Context) error { return errors.New("no room") }

func (oneBackup) Files() ([]BackupFile, error) {
	return []BackupFile{{Path: "/x/y.zfb", Bytes: 5}}, nil
}
