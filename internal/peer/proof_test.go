package peer_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// middle terminates TLS with its own key and passes everything on to the real server, over a session of its own that
// shows the key it is given.
func middle(t *testing.T, to string, own, shown *identity.Identity) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", own.ServerTLS())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			down, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer down.Close()
				up, err := tls.Dial("tcp", to, shown.PeerTLS("", func(string) error { return nil }))
				if err != nil {
					return
				}
				defer up.Close()
				all.Go(func() { io.Copy(up, down); up.Close() })
				io.Copy(down, up)
			})
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}

func TestManInTheMiddleGetsNothing(t *testing.T) {
	s, web := newServer(t), newIdentity(t, "web1.example.net")
	// The worst case: it even holds the web server's own key.
	proxy := middle(t, s.address, newIdentity(t, "middle"), web)

	if _, err := newClient(t, proxy, as(web)).Probe(t.Context()); !errors.Is(err, zonefleet.ErrToken) {
		t.Errorf("first contact: %v", err)
	}
	_, err := newClient(t, proxy, as(web), withPin(s.id.Fingerprint())).Probe(t.Context())
	var changed *zonefleet.KeyChangedError
	if !errors.As(err, &changed) {
		t.Errorf("with the key pinned: %v", err)
	}
	if s.holder != "" {
		t.Error("the man in the middle was admitted")
	}
}

func TestServerThatDoesNotKnowTheTokenIsNotAsked(t *testing.T) {
	id := newIdentity(t, "liar")
	var mu sync.Mutex
	var asked []string
	address := serve(t, id.ServerTLS(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.Path)
		mu.Unlock()
		w.Header().Set(wire.HeaderProtocol, "1")
		w.Header().Set(wire.HeaderProof, strings.Repeat("00", 32))
		json.NewEncoder(w).Encode(wire.Introduction{Facts: wire.Facts{Name: "ns1.example.net", Fingerprint: id.Fingerprint()}})
	}))
	c := newClient(t, address)
	_, probeErr := c.Probe(t.Context())
	_, trustErr := c.Trust(t.Context(), wire.TrustRequest{Token: "a secret"})
	_, linkErr := c.Link(t.Context(), wire.Hello{}, newServer(t))
	for _, err := range []error{probeErr, trustErr, linkErr} {
		if !errors.Is(err, zonefleet.ErrNotProved) {
			t.Errorf("got %v", err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, path := range asked {
		if path != wire.PathHello {
			t.Errorf("asked %s", path)
		}
	}
}

// rawSession dials as a member does and sends what it is told.
type rawSession struct {
	http     *http.ClientConn
	exporter []byte
	address  string
}

func dialRaw(t *testing.T, address string, c *tls.Config) rawSession {
	t.Helper()
	raw, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	session := tls.Client(raw, c)
	if err := session.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	state := session.ConnectionState()
	exporter, err := state.ExportKeyingMaterial(wire.ExporterLabel, nil, wire.ExporterLen)
	if err != nil {
		t.Fatal(err)
	}
	transport := http.Transport{
		ForceAttemptHTTP2: true,
		DialTLSContext:    func(context.Context, string, string) (net.Conn, error) { return session, nil },
	}
	cc, err := transport.NewClientConn(t.Context(), "https", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cc.Close() })
	return rawSession{cc, exporter, address}
}

func (s rawSession) post(t *testing.T, path, authorization string, body io.Reader) (status int, proof string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+s.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", authorization)
	req.Header.Set(wire.HeaderProtocol, "1")
	res, err := s.http.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, res.Header.Get(wire.HeaderProof)
}

func (s rawSession) authorization(t *testing.T) string {
	t.Helper()
	id, hash, err := wire.SplitToken(token)
	if err != nil {
		t.Fatal(err)
	}
	return wire.AuthScheme + " " + id + " " + hexOf(wire.Prove(hash, wire.SideClient, s.exporter))
}

func TestProofIsWorthNothingOnAnotherConnection(t *testing.T) {
	s, web := newServer(t), newIdentity(t, "web1")
	anyKey := web.PeerTLS("", func(string) error { return nil })
	first, second := dialRaw(t, s.address, anyKey), dialRaw(t, s.address, anyKey)
	if status, _ := first.post(t, wire.PathUntrust, first.authorization(t), strings.NewReader("{}")); status != http.StatusUnprocessableEntity {
		t.Fatalf("on its own connection: %d", status)
	}
	status, proof := second.post(t, wire.PathUntrust, first.authorization(t), strings.NewReader("{}"))
	if status != http.StatusUnauthorized || proof != "" {
		t.Errorf("replayed: %d, proof %q", status, proof)
	}
}

func TestServerProofIsNoClientProof(t *testing.T) {
	s, web := newServer(t), newIdentity(t, "web1")
	c := dialRaw(t, s.address, web.PeerTLS("", func(string) error { return nil }))
	_, proof := c.post(t, wire.PathUntrust, c.authorization(t), strings.NewReader("{}"))
	if status, _ := c.post(t, wire.PathUntrust, wire.AuthScheme+" abcdefghij "+proof, strings.NewReader("{}")); status != http.StatusUnauthorized {
		t.Errorf("reflected: %d", status)
	}
}

func TestCallerWithoutNodeKeyIsRefused(t *testing.T) {
	s := newServer(t)
	c := dialRaw(t, s.address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if status, _ := c.post(t, wire.PathUntrust, c.authorization(t), strings.NewReader("{}")); status != http.StatusUnauthorized {
		t.Errorf("got %d", status)
	}
}

func TestNoBodyIsWaitedForBeforeTheProof(t *testing.T) {
	s, web := newServer(t), newIdentity(t, "web1")
	c := dialRaw(t, s.address, web.PeerTLS("", func(string) error { return nil }))
	for _, path := range []string{wire.PathLink, wire.PathExists, wire.PathTrust} {
		body, _ := io.Pipe() // nothing ever comes
		if status, _ := c.post(t, path, "Bearer "+token, body); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestOversizedAndBrokenQuestionsAreBadRequests(t *testing.T) {
	s, web := newServer(t), newIdentity(t, "web1")
	c := dialRaw(t, s.address, web.PeerTLS("", func(string) error { return nil }))
	for name, body := range map[string]string{
		"empty":     "",
		"no frame":  "hello",
		"oversized": "\xff\xff\xff\xff\x10\x00",
		"wrong":     "\x00\x00\x00\x00\x07\x00",
		"huge":      strings.Repeat("\x00\x00\x00\x00\x90\x00", 1<<20),
	} {
		if status, _ := c.post(t, wire.PathExists, c.authorization(t), strings.NewReader(body)); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := c.post(t, wire.PathTrust, c.authorization(t), strings.NewReader(strings.Repeat(" ", 100_000)+"{}")); status != http.StatusBadRequest {
		t.Errorf("long JSON: %d", status)
	}
}

func TestFailedProofsAreThrottledPerAddress(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s.address, withToken(wrongToken))
	var err error
	for range 25 {
		_, err = c.Probe(t.Context())
	}
	if !errors.Is(err, zonefleet.ErrBusy) {
		t.Errorf("got %v", err)
	}
	before := s.secrets
	if _, err := newClient(t, s.address).Exists(t.Context(), []zone.Name{example}); !errors.Is(err, zonefleet.ErrBusy) {
		t.Errorf("another caller from there: %v", err)
	}
	if s.secrets != before {
		t.Error("a token was looked up")
	}
}
