package test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// gone is a member that has the right key and knows its token, and of which nothing else works as it should.
type gone struct {
	id      *identity.Identity
	hash    wire.TokenHash
	address string
	mad     atomic.Bool
	calls   atomic.Int64
	garbage [][]byte // what it answers, in turn
	stays   bool     // and then it hears what is said to it, and says nothing more
}

func (g *gone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	exporter, err := r.TLS.ExportKeyingMaterial(wire.ExporterLabel, nil, wire.ExporterLen)
	if err != nil {
		return
	}
	w.Header().Set(wire.HeaderProtocol, "1")
	w.Header().Set(wire.HeaderProof, hex.EncodeToString(wire.Prove(g.hash, wire.SideServer, exporter)))
	if r.URL.Path == wire.PathHello && !g.mad.Load() {
		_ = json.NewEncoder(w).Encode(wire.Introduction{
			Clustering: true, Grant: wire.Grant{Kind: "relay", User: "root"},
			Facts: wire.Facts{Name: "mad.zonefleet.test", Instance: "mad", Fingerprint: g.id.Fingerprint(), Version: "1", Software: "embedded"},
		})
		return
	}
	n := g.calls.Add(1)
	_, _ = w.Write(g.garbage[int(n)%len(g.garbage)])
	if g.stays {
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

// garbageOf is what no member should say: noise, frames that are cut, lie about their length, or say what was not asked.
func garbageOf(fingerprint string) [][]byte {
	noise := make([]byte, 64<<10)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(noise)
	welcome := func(rest ...byte) []byte { return welcomeAnd(fingerprint, rest...) }
	return [][]byte{
		noise, nil, []byte("{"), []byte(strings.Repeat("[", 60_000)), []byte(`{"fingerprint":"x"}`),
		{0xff, 0xff, 0xff, 0xff, 3, 0},
		{0, 0, 0, 4, 3, 1, 1, 2, 3, 4},
		welcome(), welcome(noise...), welcome(0, 0, 0, 0, byte(wire.TypeHello), 0), welcome(0, 0, 0, 9, byte(wire.TypeAcks), 0, 0, 0, 0, 0, 0, 0, 0, 1, 0),
		welcome(0, 0, 0, 8, byte(wire.TypeDeltas), 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), welcome(0, 0, 0, 1, 0x7f, 0, 0),
	}
}

// welcomeAnd is a good welcome to a link, and what follows it.
func welcomeAnd(fingerprint string, rest ...byte) []byte {
	text := fmt.Sprintf("ZFLT\x01\x01{\"name\":\"mad.zonefleet.test\",\"instance\":\"mad\",\"fingerprint\":%q}", fingerprint)
	head := []byte{0, 0, byte(len(text) >> 8), byte(len(text)), byte(wire.TypeWelcome), 0}
	return append(append(head, text...), rest...)
}

// play starts it, for a token of the server's. It answers what garbage makes for its fingerprint.
func play(t *testing.T, token string, garbage func(fingerprint string) [][]byte, stays bool) *gone {
	t.Helper()
	_, hash, err := wire.SplitToken(token)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gone{id: identityOf(t, "mad.zonefleet.test"), hash: hash, address: l.Addr().String(), stays: stays}
	g.garbage = garbage(g.id.Fingerprint())
	s := &http.Server{Handler: g, TLSConfig: g.id.ServerTLS(), HTTP2: peer.HTTP2(), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.ServeTLS(l, "", "") }()
	t.Cleanup(func() { s.Close(); <-ended })
	return g
}

func TestAMemberThatAnswersGarbageIsDisabledAndDisturbsNobody(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	token := b.token("relay") // any token: the mad member knows its hash
	mad := play(t, token, garbageOf, false)
	a.run("cluster", "threshold", "4")
	a.run("member", "add", mad.address, "--api-token", token, "--role", "synchronize", "--zones", "all", "--output", "json")
	mad.mad.Store(true)
	for i := range 5 {
		addr := fmt.Sprintf("192.0.2.%d", 10+i)
		if out, err := a.try("record", "set", "example.com", "www", "300", "A", addr, "--wait=2", "--timeout", "5s"); err != nil {
			t.Errorf("an edit beside it: %v\n%s", err, out)
		}
		b.answers("www.example.com", dns.TypeA, addr)
	}
	eventually(t, 40*time.Second, "it is disabled", func() error {
		if m := a.member("mad.zonefleet.test"); !strings.HasPrefix(m.State, "disabled") {
			return fmt.Errorf("%+v after %d calls", m, mad.calls.Load())
		}
		return nil
	})
	if mad.calls.Load() < 4 {
		t.Errorf("it was called %d times", mad.calls.Load())
	}
	b.set("example.com", "192.0.2.99")
	a.answers("www.example.com", dns.TypeA, "192.0.2.99")
	a.run("zone", "check")
}
