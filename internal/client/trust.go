package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/zonefleet/zonefleet/internal/identity"
)

// UnknownKeyError says that nothing vouches for the key that a server showed. No token was sent.
type UnknownKeyError struct {
	Server      string
	Fingerprint string
}

func (e *UnknownKeyError) Error() string {
	return fmt.Sprintf("the key of %s is not known, its fingerprint is %s", e.Server, e.Fingerprint)
}

// ChangedKeyError says that a server showed another key than the one that is known or given. No token was sent.
type ChangedKeyError struct {
	Server string
	Want   string
	Got    string
	Where  string // where the wanted one is from
}

func (e *ChangedKeyError) Error() string {
	return fmt.Sprintf("%s shows the key %s, but %s says %s", e.Server, e.Got, e.Where, e.Want)
}

// ErrFingerprint says that a text is no fingerprint.
var ErrFingerprint = errors.New("not a fingerprint: SHA256: and 64 hexadecimal digits")

// parseFingerprint takes the forms in which fingerprints are copied around: upper case, colons, nothing in front.
func parseFingerprint(s string) (string, error) {
	plain := strings.ToLower(strings.TrimSpace(s))
	plain = strings.TrimPrefix(plain, "sha256:")
	plain = "SHA256:" + strings.NewReplacer(":", "", " ", "").Replace(plain)
	if !identity.IsFingerprint(plain) {
		return "", fmt.Errorf("%q: %w", s, ErrFingerprint)
	}
	return plain, nil
}

// tlsConfig makes the handshake itself fail when the key is not to be trusted, which is before any request is written.
func (o Options) tlsConfig(hostport, given string, known *knownServers) *tls.Config {
	host, _, _ := net.SplitHostPort(hostport)
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ServerName: host,
		// A node's own certificate is signed by nobody; verify below decides instead of the library.
		InsecureSkipVerify: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			return verify(hostport, given, known, cs, o.AcceptNewKey)
		},
	}
}

// verify accepts, in this order: the fingerprint that was given, the one that is pinned, anything on loopback, a
// certificate of an authority that this machine trusts, and a new key if that was allowed, which is then pinned.
func verify(hostport, given string, known *knownServers, cs tls.ConnectionState, acceptNew bool) error {
	if len(cs.PeerCertificates) == 0 {
		return errors.New("the server shows no certificate")
	}
	got := identity.FingerprintOf(cs.PeerCertificates[0])
	if given != "" {
		if got != given {
			return &ChangedKeyError{hostport, given, got, "--fingerprint"}
		}
		return known.pin(hostport, got)
	}
	pinned, err := known.lookup(hostport)
	if err != nil {
		return err
	}
	switch {
	case pinned == got:
		return nil
	case pinned != "":
		return &ChangedKeyError{hostport, pinned, got, known.path}
	case isLoopback(hostport):
		return nil
	case vouchedFor(cs):
		return nil
	case acceptNew:
		return known.pin(hostport, got)
	}
	return &UnknownKeyError{hostport, got}
}

func vouchedFor(cs tls.ConnectionState) bool {
	between := x509.NewCertPool()
	for _, c := range cs.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := cs.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: cs.ServerName, Intermediates: between})
	return err == nil
}
