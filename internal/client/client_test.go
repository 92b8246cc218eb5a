package client

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/identity"
)

// server is an HTTPS server with a key of its own that counts the tokens that reach it.
type server struct {
	*httptest.Server
	tokens      atomic.Int32
	fingerprint string
}

func newServer(t *testing.T, h http.HandlerFunc) *server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{fingerprint: identity.FingerprintOf(cert)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			s.tokens.Add(1)
		}
		h(w, r)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"name":"x"}`)) }

// elsewhere makes a client that takes the server for one that is not on loopback.
func elsewhere(t *testing.T, s *server, o Options) *Client {
	t.Helper()
	o.Server, o.Token = "ns1.example.net:2087", "zf_secret"
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", s.Listener.Addr().String())
	}
	return c
}

func call(c *Client) error {
	var doc api.Version
	return c.Do(context.Background(), Request{Method: "GET", Path: Path("version")}, &doc)
}

func TestAStrangersKeyIsRefusedBeforeTheTokenIsSent(t *testing.T) {
	s := newServer(t, ok)
	err := call(elsewhere(t, s, Options{}))
	var unknown *UnknownKeyError
	if !errors.As(err, &unknown) || unknown.Fingerprint != s.fingerprint {
		t.Errorf("error %v", err)
	}
	if s.tokens.Load() != 0 {
		t.Error("the token was sent")
	}
}

func TestAKeyIsKeptAtFirstSightAndAnotherIsRefused(t *testing.T) {
	known := filepath.Join(t.TempDir(), "config", "known_servers")
	first, second := newServer(t, ok), newServer(t, ok)
	pinned := 0
	o := Options{AcceptNewKey: true, KnownServers: known, Pinned: func(string, string) { pinned++ }}
	if err := call(elsewhere(t, first, o)); err != nil {
		t.Fatal(err)
	}
	if err := call(elsewhere(t, first, Options{KnownServers: known})); err != nil {
		t.Errorf("a known key: %v", err)
	}
	err := call(elsewhere(t, second, o))
	var changed *ChangedKeyError
	if !errors.As(err, &changed) || changed.Got != second.fingerprint || second.tokens.Load() != 0 {
		t.Errorf("error %v, %d tokens sent", err, second.tokens.Load())
	}
	if pinned != 1 {
		t.Errorf("pinned %d times", pinned)
	}
	// The new key, given by a person, replaces the old one and no other line.
	if err := os.WriteFile(known, append([]byte("other.example:2087 "+first.fingerprint+"\n"), mustRead(t, known)...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := call(elsewhere(t, second, Options{KnownServers: known, Fingerprint: strings.ToUpper(second.fingerprint)})); err != nil {
		t.Errorf("a given key: %v", err)
	}
	want := "other.example:2087 " + first.fingerprint + "\nns1.example.net:2087 " + second.fingerprint + "\n"
	if got := string(mustRead(t, known)); got != want {
		t.Errorf("known servers:\n%swant:\n%s", got, want)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAGivenKeyMustBeShown(t *testing.T) {
	s := newServer(t, ok)
	wrong := "SHA256:" + strings.Repeat("0", 64)
	var changed *ChangedKeyError
	if err := call(elsewhere(t, s, Options{Fingerprint: wrong})); !errors.As(err, &changed) || s.tokens.Load() != 0 {
		t.Errorf("error %v, %d tokens sent", err, s.tokens.Load())
	}
	if _, err := New(Options{Fingerprint: "abc"}); !errors.Is(err, ErrFingerprint) {
		t.Errorf("%v", err)
	}
}

func TestOnLoopbackAnyKeyIsAccepted(t *testing.T) {
	s := newServer(t, ok)
	c, err := New(Options{Server: s.URL, Token: "zf_secret"})
	if err != nil {
		t.Fatal(err)
	}
	if err := call(c); err != nil || s.tokens.Load() != 1 {
		t.Errorf("error %v, %d tokens sent", err, s.tokens.Load())
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	other := newServer(t, ok)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	c, err := New(Options{Server: s.URL, Token: "zf_secret"})
	if err != nil {
		t.Fatal(err)
	}
	var p *api.Problem
	if err := call(c); !errors.As(err, &p) || p.Status != http.StatusTemporaryRedirect || other.tokens.Load() != 0 {
		t.Errorf("error %v, %d tokens reached the other server", err, other.tokens.Load())
	}
}

func TestServersAreNamedInManyWays(t *testing.T) {
	for text, want := range map[string]string{
		"https://ns1.example.net": "ns1.example.net:2087", "https://ns1.example.net:8443/": "ns1.example.net:8443",
		"NS1.example.net": "ns1.example.net:2087", "192.0.2.1:99": "192.0.2.1:99", "2001:db8::1": "[2001:db8::1]:2087",
		"[2001:db8::1]:99": "[2001:db8::1]:99", "https://[::1]": "[::1]:2087",
	} {
		if got, err := parseServer(text); got != want || err != nil {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "http://x", "https://", "https://u:p@x", "https://x/api", "https://x?q=1", "a b", "x:"} {
		if got, err := parseServer(text); err == nil {
			t.Errorf("%q is taken as %s", text, got)
		}
	}
	for text, want := range map[string]bool{"localhost:1": true, "127.9.9.9:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true, "127.0.0.1.example.net:1": false, "192.0.2.1:1": false} {
		if isLoopback(text) != want {
			t.Errorf("%s: loopback is not %v", text, want)
		}
	}
}
