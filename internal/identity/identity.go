package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// Files in the data folder.
const (
	keyFile  = "node.key"
	certFile = "node.crt"
)

// A certificate's dates mean nothing to members, who pin the key; they are long for people who accepted it in a browser.
const (
	validity = 10 * 365 * 24 * time.Hour
	renewAt  = 365 * 24 * time.Hour
)

// Options of Open.
type Options struct {
	Name      string       // the node's FQDN
	Addresses []netip.Addr // by which it is reached
	// CertFile and KeyFile are the operator's own certificate for people and programs; both or none.
	CertFile, KeyFile string
	Logger            *slog.Logger     // nil: slog.Default
	Now               func() time.Time // nil: time.Now
}

// Identity is a node's key and certificates. It is safe for concurrent use.
type Identity struct {
	name        string
	fingerprint string
	node        tls.Certificate
	operator    atomic.Pointer[pair] // nil: the node's own certificate is shown to everybody
	options     Options
}

// Open reads the node key in dir, or makes it at first start, and the certificate that shows it.
func Open(dir string, o Options) (*Identity, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	key, err := openKey(filepath.Join(dir, keyFile))
	if err != nil {
		return nil, err
	}
	cert, err := openCertificate(filepath.Join(dir, certFile), key, o)
	if err != nil {
		return nil, err
	}
	id := &Identity{
		name:        o.Name,
		fingerprint: FingerprintOf(cert),
		node:        tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert},
		options:     o,
	}
	return id, id.Show(o.CertFile, o.KeyFile)
}

// Show chooses the operator's certificate anew, or with no files the node's own, and reads it now. When it cannot be
// read, nothing changes.
func (id *Identity) Show(certFile, keyFile string) error {
	if certFile == "" && keyFile == "" {
		id.operator.Store(nil)
		return nil
	}
	o := id.options
	o.CertFile, o.KeyFile = certFile, keyFile
	p, err := openPair(o)
	if err != nil {
		return err
	}
	id.operator.Store(p)
	return nil
}

// Name is the node's FQDN.
func (id *Identity) Name() string { return id.name }

// Fingerprint is of the node key: what members pin.
func (id *Identity) Fingerprint() string { return id.fingerprint }

// Home is how zones name this node as their home: its name and key.
func (id *Identity) Home() string { return id.name + " " + id.fingerprint }

func openKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read node key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("node key %s holds no PEM block; hint: put back the file from a backup, members know this node by it", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read node key %s: %w", path, err)
	}
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("node key %s is of type %T instead of ECDSA", path, key)
	}
	return ec, nil
}

// makeKey makes a P-256 key: browsers, who are shown the same certificate, know no Ed25519.
func makeKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make node key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make node key: %w", err)
	}
	if err := writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("keep node key: %w", err)
	}
	return key, nil
}

// openCertificate keeps the certificate as long as it fits, so that who accepted it is not asked again at each start.
func openCertificate(path string, key *ecdsa.PrivateKey, o Options) (*x509.Certificate, error) {
	want := template(o)
	if text, err := os.ReadFile(path); err == nil {
		if c := parseCertificate(text); c != nil && fits(c, want, key, o.Now()) {
			return c, nil
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, want, want, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make certificate for %s: %w", o.Name, err)
	}
	if err := writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return nil, fmt.Errorf("keep certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

func template(o Options) *x509.Certificate {
	serial := make([]byte, 16)
	rand.Read(serial)
	serial[0] &= 0x7f // positive (RFC 5280 section 4.1.2.2)
	t := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial),
		Subject:               pkix.Name{CommonName: o.Name},
		NotBefore:             o.Now().Add(-24 * time.Hour), // clocks of members differ
		NotAfter:              o.Now().Add(validity),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
	}
	if o.Name != "" && o.Name != "localhost" {
		t.DNSNames = append(t.DNSNames, o.Name)
	}
	addresses := append([]netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}, o.Addresses...)
	slices.SortFunc(addresses, netip.Addr.Compare)
	for _, a := range slices.Compact(addresses) {
		t.IPAddresses = append(t.IPAddresses, a.Unmap().AsSlice())
	}
	return t
}

func parseCertificate(text []byte) *x509.Certificate {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return c
}

func fits(c, want *x509.Certificate, key *ecdsa.PrivateKey, now time.Time) bool {
	same := func(a, b []byte) bool { return bytes.Equal(a, b) }
	var ips, wantIPs [][]byte
	for _, ip := range c.IPAddresses {
		ips = append(ips, ip.To16())
	}
	for _, ip := range want.IPAddresses {
		wantIPs = append(wantIPs, ip.To16())
	}
	return key.PublicKey.Equal(c.PublicKey) && slices.Equal(c.DNSNames, want.DNSNames) &&
		slices.EqualFunc(ips, wantIPs, same) && now.Add(renewAt).Before(c.NotAfter) && now.After(c.NotBefore)
}

// writeFile makes a file that is there whole or not at all, also after a power cut.
func writeFile(path string, content []byte, mode os.FileMode) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Chmod(mode), temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
