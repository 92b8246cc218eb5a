package identity_test

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zonefleet/zonefleet/internal/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string, o identity.Options) *identity.Identity {
	t.Helper()
	id, err := identity.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// handshake makes a session over loopback and returns both ends' view of it.
func handshake(t *testing.T, server, client *tls.Config) (atClient, atServer tls.ConnectionState) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan tls.ConnectionState, 1)
	go func() {
		defer close(accepted)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		s := c.(*tls.Conn)
		if s.Handshake() == nil {
			accepted <- s.ConnectionState()
		}
	}()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := tls.Client(raw, client)
	defer c.Close()
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	return c.ConnectionState(), <-accepted
}

func TestKeyIsMadeOnceAndIsSecret(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, identity.Options{Name: "ns1.example.net"})
	info, err := os.Stat(filepath.Join(dir, "node.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info, err)
	}
	if !identity.IsFingerprint(first.Fingerprint()) || first.Home() != "ns1.example.net "+first.Fingerprint() {
		t.Errorf("fingerprint %q, home %q", first.Fingerprint(), first.Home())
	}
	if again := open(t, dir, identity.Options{Name: "ns1.example.net"}); again.Fingerprint() != first.Fingerprint() {
		t.Error("the key changed at the second start")
	}
	if other := open(t, t.TempDir(), identity.Options{Name: "ns1.example.net"}); other.Fingerprint() == first.Fingerprint() {
		t.Error("two nodes have one key")
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestCertificateIsKeptWhileItFitsAndRenewedWithTheSameKey(t *testing.T) {
	dir := t.TempDir()
	o := identity.Options{Name: "ns1.example.net", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}
	show := func(o identity.Options) (raw, fingerprint string) {
		id := open(t, dir, o)
		c, _ := handshake(t, id.ServerTLS(), &tls.Config{InsecureSkipVerify: true})
		leaf := c.PeerCertificates[0]
		for _, name := range []string{o.Name, "localhost", "127.0.0.1", "192.0.2.1", "2001:db8::1"} {
			if err := leaf.VerifyHostname(name); err != nil {
				t.Error(err)
			}
		}
		return string(leaf.Raw), id.Fingerprint()
	}
	first, fingerprint := show(o)
	if again, _ := show(o); again != first {
		t.Error("the certificate changed although it fits")
	}
	o.Now = func() time.Time { return time.Now().Add(9*365*24*time.Hour + time.Hour) }
	later, pin := show(o)
	if later == first || pin != fingerprint {
		t.Errorf("after nine years: renewed %v, same key %v", later != first, pin == fingerprint)
	}
	o.Name, o.Now = "ns9.example.net", nil
	renamed, pin := show(o)
	if renamed == first || pin != fingerprint {
		t.Errorf("renamed: renewed %v, same key %v", renamed != first, pin == fingerprint)
	}
}

func TestBrokenKeyFileIsNotReplaced(t *testing.T) {
	for _, text := range []string{"", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "node.key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := identity.Open(dir, identity.Options{Name: "a"}); err == nil {
			t.Errorf("%q was taken for a key", text)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != text {
			t.Errorf("%q became %q, %v", text, now, err)
		}
	}
}

func TestMembersSeeEachOthersNodeKeys(t *testing.T) {
	server, member := open(t, t.TempDir(), identity.Options{Name: "ns1"}), open(t, t.TempDir(), identity.Options{Name: "web1"})
	var seen string
	c, s := handshake(t, server.ServerTLS(), member.PeerTLS("ns1.example.net", func(f string) error { seen = f; return nil }))
	if seen != server.Fingerprint() {
		t.Errorf("the member saw %s", seen)
	}
	if len(s.PeerCertificates) != 1 || identity.FingerprintOf(s.PeerCertificates[0]) != member.Fingerprint() {
		t.Error("the server did not see the member's key")
	}
	if c.Version != tls.VersionTLS13 || c.NegotiatedProtocol != "h2" || s.ServerName != "ns1.example.net" {
		t.Errorf("version %x, protocol %q, name %q", c.Version, c.NegotiatedProtocol, s.ServerName)
	}
}

func TestKeyThatIsRefusedEndsTheHandshake(t *testing.T) {
	server, member := open(t, t.TempDir(), identity.Options{Name: "ns1"}), open(t, t.TempDir(), identity.Options{Name: "web1"})
	l, err := tls.Listen("tcp", "127.0.0.1:0", server.ServerTLS())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := l.Accept(); err == nil {
			c.(*tls.Conn).Handshake()
			c.Close()
		}
	}()
	changed := errors.New("key changed")
	if _, err := tls.Dial("tcp", l.Addr().String(), member.PeerTLS("", func(string) error { return changed })); !errors.Is(err, changed) {
		t.Errorf("got %v", err)
	}
	l.Close()
	<-done
}

func TestPeopleAreAskedForNoCertificate(t *testing.T) {
	server := open(t, t.TempDir(), identity.Options{Name: "ns1"})
	asked := false
	handshake(t, server.ServerTLS(), &tls.Config{InsecureSkipVerify: true, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return new(tls.Certificate), nil
	}})
	if asked {
		t.Error("a browser would ask which certificate to show")
	}
}

// operatorFiles copies another node's key and certificate as an operator's.
func operatorFiles(t *testing.T, to, name string) string {
	t.Helper()
	dir := t.TempDir()
	id := open(t, dir, identity.Options{Name: name})
	for from, file := range map[string]string{"node.crt": "tls.crt", "node.key": "tls.key"} {
		b, err := os.ReadFile(filepath.Join(dir, from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, file), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return id.Fingerprint()
}

func TestOperatorsCertificateIsShownToPeopleAndReadAgain(t *testing.T) {
	files := t.TempDir()
	first := operatorFiles(t, files, "www.example.net")
	now := time.Now()
	o := identity.Options{
		Name: "ns1", CertFile: filepath.Join(files, "tls.crt"), KeyFile: filepath.Join(files, "tls.key"),
		Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler),
	}
	id := open(t, t.TempDir(), o)
	shown := func() string {
		now = now.Add(2 * time.Second)
		c, _ := handshake(t, id.ServerTLS(), &tls.Config{InsecureSkipVerify: true})
		return identity.FingerprintOf(c.PeerCertificates[0])
	}
	if got := shown(); got != first || id.ShownFingerprint() != first {
		t.Errorf("shown is %s", got)
	}
	var member string
	handshake(t, id.ServerTLS(), id.PeerTLS("", func(f string) error { member = f; return nil }))
	if member != id.Fingerprint() || member == first {
		t.Error("members do not see the node key")
	}

	if err := os.WriteFile(o.CertFile, []byte("half written"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := shown(); got != first {
		t.Errorf("while the files do not fit: %s", got)
	}
	second := operatorFiles(t, files, "www2.example.net")
	if got := shown(); got != second {
		t.Errorf("after the renewal: %s", got)
	}

	if err := id.Show(o.KeyFile, o.CertFile); err == nil || shown() != second {
		t.Errorf("files that are no certificate: %v, shown %s", err, shown())
	}
	if err := id.Show("", ""); err != nil || shown() != member {
		t.Errorf("no files any more: %v, shown %s", err, shown())
	}
	if err := id.Show(o.CertFile, o.KeyFile); err != nil || shown() != second {
		t.Errorf("the files again: %v, shown %s", err, shown())
	}
}

func TestOperatorsCertificateMustBeReadable(t *testing.T) {
	files := t.TempDir()
	operatorFiles(t, files, "www")
	cert, key := filepath.Join(files, "tls.crt"), filepath.Join(files, "tls.key")
	for _, o := range []identity.Options{{CertFile: cert}, {KeyFile: key}, {CertFile: key, KeyFile: cert}, {CertFile: cert, KeyFile: "/nonexistent"}} {
		if _, err := identity.Open(t.TempDir(), o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}
