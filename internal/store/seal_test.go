package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestASealedSecretOpensOnlyInItsContext(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{})
	secret := []byte("a token")
	box := s.Seal(secret, "member/ns1/token")
	if bytes.Contains(box, secret) || bytes.Equal(box, s.Seal(secret, "member/ns1/token")) {
		t.Error("the secret is seen, or two boxes are equal")
	}
	if got, err := s.Unseal(box, "member/ns1/token"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q, error %v", got, err)
	}
	if _, err := s.Unseal(box, "member/ns2/token"); !errors.Is(err, ErrSealed) {
		t.Errorf("another context: %v", err)
	}
	for i := range box {
		damaged := bytes.Clone(box)
		damaged[i] ^= 1
		if _, err := s.Unseal(damaged, "member/ns1/token"); err == nil {
			t.Errorf("octet %d may be changed", i)
		}
		if _, err := s.Unseal(box[:i], "member/ns1/token"); !errors.Is(err, ErrSealed) {
			t.Errorf("cut to %d: %v", i, err)
		}
	}
	stop()
	s, _ = openStore(t, dir, Options{})
	if got, err := s.Unseal(box, "member/ns1/token"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened again: %q, error %v", got, err)
	}
}

// Without its key a secret stays shut, which is said; with the old key put back it opens again.
func TestALostKeyIsNamed(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{})
	must(create(testContext(t), s, numbered(1), 1))(t)
	box := s.Seal([]byte("a token"), "x")
	stop()
	path := filepath.Join(dir, "seal.key")
	key, err := os.ReadFile(path)
	if err != nil || len(key) != 32 {
		t.Fatalf("key of %d octets, error %v", len(key), err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	s, stop = openStore(t, dir, Options{})
	if _, err := s.Unseal(box, "x"); !errors.Is(err, ErrSealKey) {
		t.Errorf("without the key: %v", err)
	}
	stop()
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	s, stop = openStore(t, dir, Options{})
	if got, err := s.Unseal(box, "x"); err != nil || string(got) != "a token" {
		t.Errorf("with the key back: %q, error %v", got, err)
	}
	stop()
	if err := os.WriteFile(path, key[:31], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("with a cut key: %v", err)
	}
}
