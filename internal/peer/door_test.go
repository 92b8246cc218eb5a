package peer_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token      = "zf_abcdefghij_0123456789012345678901234567890123456789012"
	wrongToken = "zf_abcdefghij_9999999999012345678901234567890123456789012"
)

var example = mustName("example.com")

func mustName(s string) zone.Name {
	n, err := zone.ParseName(s)
	if err != nil {
		panic(err)
	}
	return n
}

func newIdentity(t testing.TB, name string) *identity.Identity {
	t.Helper()
	id, err := identity.Open(t.TempDir(), identity.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// server is a node's HTTPS port with nothing but a peer door on it; it is its own Cluster and keeps what it is sent.
type server struct {
	id       *identity.Identity
	door     *peer.Door
	address  string
	off      bool // clustering is disabled
	holder   string
	attend   func(context.Context, *wire.Link)
	receive  func(context.Context, []wire.Item) []wire.Outcome
	mu       sync.Mutex
	secrets  int // how often a token was looked up
	items    []wire.Item
	reports  []wire.Report
	topology []string
	hello    wire.Hello
	trusted  wire.TrustRequest
	caller   peer.Caller
}

func newServer(t testing.TB, change ...func(*peer.Options)) *server {
	t.Helper()
	s := &server{id: newIdentity(t, "ns1.example.net")}
	o := peer.Options{Cluster: s, Logger: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&o)
	}
	s.door = peer.New(o)
	s.address = serve(t, s.id.ServerTLS(), s.door)
	t.Cleanup(func() { s.door.Close(context.Background()) })
	return s
}

// serve runs an HTTPS server as a node does, with time limits that a link must outlive.
func serve(t testing.TB, c *tls.Config, h http.Handler) string {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", c, h)
}

func serveAt(t testing.TB, address string, c *tls.Config, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{
		Handler: h, TLSConfig: c, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0),
		ReadTimeout: 500 * time.Millisecond, WriteTimeout: 500 * time.Millisecond, HTTP2: peer.HTTP2(),
	}
	var all sync.WaitGroup
	all.Go(func() { srv.ServeTLS(l, "", "") })
	t.Cleanup(func() { srv.Close(); all.Wait() })
	return l.Addr().String()
}

func (s *server) Secret(_ context.Context, id string, _ netip.Addr) (wire.TokenHash, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets++
	if id != "abcdefghij" {
		return wire.TokenHash{}, errors.New("token not known")
	}
	return sha256.Sum256([]byte(token)), nil
}

func (s *server) Admit(_ context.Context, c peer.Caller) (peer.Answers, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == "" {
		s.holder = c.Fingerprint
	}
	if s.holder != c.Fingerprint {
		return nil, &wire.Problem{Code: wire.CodeToken, Message: "the token belongs to another server"}
	}
	s.caller = c
	return s, nil
}

func (s *server) facts() wire.Facts {
	return wire.Facts{
		Name: "ns1.example.net", Instance: "instance-ns1", Fingerprint: s.id.Fingerprint(), Version: "1.0", Software: "embedded",
		Capabilities: map[string]string{"dnssec": "no"}, Zones: 3, Clock: zone.Millis(time.Now().Add(time.Hour).UnixMilli()),
	}
}

func (s *server) Introduce(context.Context) (wire.Introduction, error) {
	return wire.Introduction{Facts: s.facts(), Grant: wire.Grant{Kind: "relay", User: "root"}, Clustering: !s.off}, nil
}

func (s *server) check() error {
	if s.off {
		return &wire.Problem{Code: wire.CodeOff, Message: "clustering is off here"}
	}
	return nil
}

func (s *server) Exists(_ context.Context, names []zone.Name) (known []zone.Name, err error) {
	for _, n := range names {
		if n == example {
			known = append(known, n)
		}
	}
	return known, s.check()
}

var exampleStands = wire.Standing{Zone: example, Position: 7, Live: true, State: zone.Sum{Low: 1}, Vector: zone.Vector{{1}: 7}, Base: 2026112300}

func (s *server) Compare(_ context.Context, q digest.Question) ([]digest.Part, error) {
	return []digest.Part{{Equal: q.Branches[0].Zones == 1}}, s.check()
}

func (s *server) Stand(_ context.Context, names []zone.Name) ([]wire.Standing, error) {
	if len(names) == 1 && names[0] == example {
		return []wire.Standing{exampleStands}, s.check()
	}
	return nil, errors.New("a secret of the disk")
}

func (s *server) Fetch(_ context.Context, z zone.Name) (wire.Item, error) {
	if z != example {
		return wire.Item{}, &wire.Problem{Code: wire.CodeNotFound, Message: "no such zone"}
	}
	return state(z, 100), s.check()
}

func (s *server) Trust(_ context.Context, r wire.TrustRequest, c peer.Caller) (wire.TrustAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trusted = r
	return wire.TrustAnswer{Host: c.Address.Addr().String(), Port: r.Port}, nil
}

func (s *server) Untrust(context.Context, wire.UntrustRequest) error {
	return &wire.Problem{Code: wire.CodeRefused, Message: "web1 was not added by this token"}
}

func (s *server) Leave(context.Context, wire.LeaveRequest) (wire.LeaveAnswer, error) {
	return wire.LeaveAnswer{Removed: 2}, nil
}

func (s *server) Open(_ context.Context, h wire.Hello) (peer.Reception, error) {
	if err := s.check(); err != nil {
		return peer.Reception{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hello = h
	return peer.Reception{Welcome: wire.Welcome{Facts: s.facts(), Stored: 41}, Receiver: s, Attend: s.attend}, nil
}

func (s *server) Receive(ctx context.Context, items []wire.Item) []wire.Outcome {
	if s.receive != nil {
		return s.receive(ctx, items)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, items...)
	out := make([]wire.Outcome, len(items))
	for i := range out {
		out[i].Result = wire.Stored
	}
	return out
}

func (s *server) Reported(r []wire.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, r...)
}

func (s *server) Topology(names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topology = names
}

// state is a whole state of n TXT records.
func state(z zone.Name, n int) wire.Item {
	dot := zone.Dot{Node: zone.NodeID{1}, Counter: 1}
	it := wire.Item{Position: 9, Delta: zone.Delta{Zone: z, Whole: true, Vector: zone.Vector{{1}: 1}, Base: 5}}
	for i := range n {
		it.Delta.Keys = append(it.Delta.Keys, zone.KeyVersions{
			Key:      zone.Key{Life: dot, Owner: mustName(fmt.Sprintf("n%06d.%s", i, z)), Type: 16},
			Versions: []zone.Version{{Dot: dot, Time: 1, Value: zone.EncodeRRset(300, [][]byte{{3, 'a', 'b', 'c'}})}},
		})
	}
	return it
}

func newClient(t testing.TB, address string, change ...func(*zonefleet.Options)) *zonefleet.Client {
	t.Helper()
	o := zonefleet.Options{Address: address, Token: token, Identity: newIdentity(t, "web1.example.net")}
	for _, c := range change {
		c(&o)
	}
	c, err := zonefleet.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func withToken(s string) func(*zonefleet.Options) { return func(o *zonefleet.Options) { o.Token = s } }

func withPin(s string) func(*zonefleet.Options) { return func(o *zonefleet.Options) { o.Pin = s } }

func as(id *identity.Identity) func(*zonefleet.Options) {
	return func(o *zonefleet.Options) { o.Identity = id }
}

func TestFirstContactProvesBothSidesAndShowsTheKey(t *testing.T) {
	s, web := newServer(t), newIdentity(t, "web1.example.net")
	found, err := newClient(t, s.address, as(web)).Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found.Fingerprint != s.id.Fingerprint() || found.Address.String() != s.address {
		t.Errorf("found %s at %s", found.Fingerprint, found.Address)
	}
	if found.Name != "ns1.example.net" || found.Grant.Kind != "relay" || !found.Clustering || found.Capabilities["dnssec"] != "no" {
		t.Errorf("introduced as %+v", found.Introduction)
	}
	if skew := found.Skew.Round(time.Minute); skew != time.Hour {
		t.Errorf("clock skew %v", skew)
	}
	if s.caller.Fingerprint != web.Fingerprint() || s.caller.TokenID != "abcdefghij" {
		t.Errorf("called by %+v", s.caller)
	}
	if _, err := newClient(t, s.address, as(web), withPin(s.id.Fingerprint())).Probe(t.Context()); err != nil {
		t.Errorf("with the key pinned: %v", err)
	}
}

func TestServerIsReachedOverIPv6(t *testing.T) {
	s := newServer(t)
	address := serveAt(t, "[::1]:0", s.id.ServerTLS(), s.door)
	c := newClient(t, address)
	found, err := c.Probe(t.Context())
	if err != nil || found.Address.String() != address {
		t.Errorf("found %s, %v", found.Address, err)
	}
	open(t, c, wire.Hello{}, member())
}

func TestWrongOrUnknownTokenIsNotAccepted(t *testing.T) {
	s := newServer(t)
	for _, text := range []string{wrongToken, "zf_unknownxxx_0123456789012345678901234567890123456789012"} {
		c := newClient(t, s.address, withToken(text))
		if _, err := c.Probe(t.Context()); !errors.Is(err, zonefleet.ErrToken) {
			t.Errorf("probe: %v", err)
		}
		if _, err := c.Exists(t.Context(), []zone.Name{example}); !errors.Is(err, zonefleet.ErrToken) {
			t.Errorf("exists: %v", err)
		}
		if s.caller != (peer.Caller{}) {
			t.Error("an unproved caller was admitted")
		}
	}
	if _, err := zonefleet.New(zonefleet.Options{Address: s.address, Token: "letmein"}); !errors.Is(err, wire.ErrMalformedToken) {
		t.Errorf("malformed: %v", err)
	}
}

func TestTokenIsBoundToItsFirstHolder(t *testing.T) {
	s := newServer(t)
	if _, err := newClient(t, s.address).Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := newClient(t, s.address).Probe(t.Context()); !errors.Is(err, zonefleet.ErrToken) {
		t.Errorf("another server with the same token: %v", err)
	}
}

func TestChangedKeyIsRefusedBeforeAnythingIsSent(t *testing.T) {
	s := newServer(t)
	old := newIdentity(t, "old").Fingerprint()
	_, err := newClient(t, s.address, withPin(old)).Probe(t.Context())
	var changed *zonefleet.KeyChangedError
	if !errors.As(err, &changed) || changed.Old != old || changed.New != s.id.Fingerprint() {
		t.Errorf("got %v", err)
	}
	if s.secrets != 0 {
		t.Error("a proof was sent to a server with another key")
	}
}

func TestClusteringOffIsSaidAndIsNoFailure(t *testing.T) {
	s := newServer(t)
	s.off = true
	c := newClient(t, s.address)
	found, err := c.Probe(t.Context())
	if err != nil || found.Clustering {
		t.Errorf("probe: %v, clustering %v", err, found.Clustering)
	}
	_, questionErr := c.Exists(t.Context(), []zone.Name{example})
	_, linkErr := c.Link(t.Context(), wire.Hello{}, s)
	for _, err := range []error{questionErr, linkErr} {
		if !errors.Is(err, zonefleet.ErrOff) || zonefleet.IsFailure(err) {
			t.Errorf("%v, counts %v", err, zonefleet.IsFailure(err))
		}
	}
}

func TestVersionsThatDoNotMeetAreNamed(t *testing.T) {
	s := newServer(t, func(o *peer.Options) { o.Versions = wire.Versions{Min: 2, Max: 3} })
	_, err := newClient(t, s.address).Probe(t.Context())
	var v *wire.VersionError
	if !errors.As(err, &v) || v.Theirs != (wire.Versions{Min: 2, Max: 3}) {
		t.Errorf("got %v", err)
	}
}

func TestOlderVersionIsNegotiated(t *testing.T) {
	s := newServer(t, func(o *peer.Options) { o.Versions = wire.Versions{Min: 1, Max: 4} })
	l, err := newClient(t, s.address, func(o *zonefleet.Options) { o.Versions = wire.Versions{Min: 1, Max: 2} }).Link(t.Context(), wire.Hello{}, s)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Welcome.Protocol != 2 {
		t.Errorf("version %d", l.Welcome.Protocol)
	}
}

func TestQuestionsAreAnswered(t *testing.T) {
	s := newServer(t)
	c := newClient(t, s.address)
	ctx := t.Context()

	known, err := c.Exists(ctx, []zone.Name{mustName("example.net"), example})
	if d := cmp.Diff([]zone.Name{example}, known); d != "" || err != nil {
		t.Errorf("exists: %v\n%s", err, d)
	}
	parts, err := c.Compare(ctx, digest.Question{Branches: []digest.Known{{Total: digest.Total{Zones: 1}}}})
	if err != nil || len(parts) != 1 || !parts[0].Equal {
		t.Errorf("compare: %+v, %v", parts, err)
	}
	standings, err := c.Stand(ctx, []zone.Name{example})
	if d := cmp.Diff([]wire.Standing{exampleStands}, standings); d != "" || err != nil {
		t.Errorf("stand: %v %s", err, d)
	}
	if _, err := c.Stand(ctx, make([]zone.Name, wire.MaxStandings+1)); err == nil {
		t.Error("more names than allowed were answered")
	}
	got, err := c.Fetch(ctx, example)
	if d := cmp.Diff(state(example, 100), got, cmp.Comparer(sameVector)); d != "" || err != nil {
		t.Errorf("fetch: %v\n%s", err, d)
	}
	if _, err := c.Fetch(ctx, mustName("example.net")); !errors.Is(err, zonefleet.ErrNotFound) {
		t.Errorf("fetch of an unknown zone: %v", err)
	}
	request := wire.TrustRequest{Name: "web1", Port: 2087, Token: "zf_x_y", Fingerprint: "SHA256:00"}
	answer, err := c.Trust(ctx, request)
	if err != nil || answer != (wire.TrustAnswer{Host: "127.0.0.1", Port: 2087}) || s.trusted != request {
		t.Errorf("trust: %+v, %v, %+v", answer, err, s.trusted)
	}
	var p *wire.Problem
	if err := c.Untrust(ctx, wire.UntrustRequest{Name: "web1"}); !errors.As(err, &p) || p.Code != wire.CodeRefused || zonefleet.IsFailure(err) {
		t.Errorf("untrust: %v", err)
	}
	if left, err := c.Leave(ctx, wire.LeaveRequest{Name: "web1"}); err != nil || left.Removed != 2 {
		t.Errorf("leave: %v, %v", left, err)
	}
}

func sameVector(a, b zone.Vector) bool { return a.Equal(b) }

func TestInternalErrorsTellTheCallerNothing(t *testing.T) {
	s := newServer(t)
	_, err := newClient(t, s.address).Stand(t.Context(), []zone.Name{mustName("example.net")})
	var p *wire.Problem
	if !errors.As(err, &p) || p.Code != wire.CodeInternal || bytes.Contains([]byte(err.Error()), []byte("disk")) {
		t.Errorf("got %v", err)
	}
}

func TestMistakesOfTheAddressAreToldApart(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	web := serve(t, newIdentity(t, "web").ServerTLS(), http.NotFoundHandler())
	plain := plainText(t)
	for address, want := range map[string]error{
		closed.Addr().String(): zonefleet.ErrConnect,
		"no-such-host.invalid": zonefleet.ErrResolve,
		web:                    zonefleet.ErrNotZoneFleet,
		plain:                  zonefleet.ErrNotZoneFleet,
	} {
		if _, err := newClient(t, address).Probe(t.Context()); !errors.Is(err, want) || !zonefleet.IsFailure(err) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"", "host:http", "host:0", "a:b:c", "host:99999"} {
		if _, err := zonefleet.New(zonefleet.Options{Address: address, Token: token}); !errors.Is(err, zonefleet.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
	deny := func(o *zonefleet.Options) { o.Allow = func(netip.Addr) error { return errors.New("private address") } }
	if _, err := newClient(t, web, deny).Probe(t.Context()); !errors.Is(err, zonefleet.ErrNotAllowed) {
		t.Errorf("an address that is not allowed: %v", err)
	}
}

// plainText is a server that speaks before anybody asks, like SMTP.
func plainText(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "220 mail.example.net ESMTP\r\n")
			c.Close()
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}

func (s *server) Join(_ context.Context, r wire.JoinRequest, c peer.Caller) (wire.JoinAnswer, error) {
	return wire.JoinAnswer{Name: "ns1.example.net", TokenID: c.Session.Token(r.BackID, wire.TokenForward)}, nil
}
