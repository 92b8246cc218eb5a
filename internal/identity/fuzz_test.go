package identity

import (
	"crypto/ecdsa"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// FuzzKeyFiles opens a data folder with any key and certificate files. What is opened is one key, under which the folder
// is opened again, and the certificate that is shown is of it.
func FuzzKeyFiles(f *testing.F) {
	dir := f.TempDir()
	o := Options{Name: "ns1.example.net", Logger: slog.New(slog.DiscardHandler)}
	if _, err := Open(dir, o); err != nil {
		f.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	key, cert := read(keyFile), read(certFile)
	f.Add(key, cert)
	f.Add(key, key)
	f.Add(cert, cert)
	f.Add(key, []byte{})
	block, _ := pem.Decode(key)
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: block.Bytes[:40]}), cert)
	f.Fuzz(func(t *testing.T, key, cert []byte) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{keyFile: key, certFile: cert} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		id, err := Open(dir, o)
		if err != nil {
			return
		}
		if !IsFingerprint(id.Fingerprint()) || FingerprintOf(id.node.Leaf) != id.Fingerprint() {
			t.Fatalf("fingerprint %q", id.Fingerprint())
		}
		if private, ok := id.node.PrivateKey.(*ecdsa.PrivateKey); !ok || !private.PublicKey.Equal(id.node.Leaf.PublicKey) {
			t.Fatal("the certificate is of another key")
		}
		again, err := Open(dir, o)
		if err != nil || again.Fingerprint() != id.Fingerprint() {
			t.Fatalf("opened again it is %v, %v", again, err)
		}
	})
}
