package backup

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Key is a server's recovery key: it opens the sealed part of all its backups, and nothing else. It is made from the key
// in seal.key, so it is the same for the life of a data folder and there is nothing more to keep on the server.
type Key [32]byte

// ErrKey says that a text or file is no recovery key; ErrOtherKey that the backup needs another one.
var (
	ErrKey      = errors.New("not a recovery key (zfrk- and 55 letters and digits) and not a seal.key")
	ErrOtherKey = errors.New("the backup needs another recovery key")
)

// The labels keep the keys made from one secret apart (RFC 5869 section 3.2).
const (
	labelKey   = "zonefleet recovery key"
	labelKeyID = "zonefleet recovery key id"
	labelFile  = "zonefleet backup file"
)

// KeyOf makes the recovery key of the server that seals with this seal.key.
func KeyOf(sealKey []byte) Key { return Key(derive(sealKey, nil, labelKey, len(Key{}))) }

func derive(secret, salt []byte, label string, n int) []byte {
	b, err := hkdf.Key(sha256.New, secret, salt, label, n)
	if err != nil { // only of a length that no hash reaches
		panic("backup: " + err.Error())
	}
	return b
}

// ID names the key and says nothing about it.
func (k Key) ID() string { return hex.EncodeToString(derive(k[:], nil, labelKeyID, 8)) }

const keyPrefix = "zfrk-"

// keyCheck is how many octets of a hash follow the key in its text, so that a slip of the pen is noticed.
const keyCheck = 2

func coding() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

func (k Key) sum() []byte {
	h := sha256.Sum256(k[:])
	return h[:keyCheck]
}

// Text is the form that people keep: groups of five, with a check.
func (k Key) Text() string {
	text := coding().EncodeToString(append(k[:], k.sum()...))
	var groups []string
	for len(text) > 5 {
		groups, text = append(groups, text[:5]), text[5:]
	}
	return keyPrefix + strings.Join(append(groups, text), "-")
}

// ParseKey reads what Text wrote, however it was typed, or the content of a seal.key.
func ParseKey(b []byte) (Key, error) {
	if len(b) == chacha20poly1305.KeySize {
		return KeyOf(b), nil
	}
	text := strings.NewReplacer("-", "", " ", "", "\n", "", "\r", "", "\t", "").Replace(strings.ToLower(string(b)))
	raw, err := coding().DecodeString(strings.TrimPrefix(text, strings.TrimSuffix(keyPrefix, "-")))
	var k Key
	if err != nil || len(raw) != len(k)+keyCheck {
		return Key{}, ErrKey
	}
	copy(k[:], raw)
	if string(raw[len(k):]) != string(k.sum()) {
		return Key{}, fmt.Errorf("%w: a character is wrong", ErrKey)
	}
	return k, nil
}

const saltSize = 32

func newSalt() []byte {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails (crypto/rand)
	return salt
}

// fileKey is the key of one file. A file that carries it in the clear opens no other.
func (k Key) fileKey(salt []byte) []byte {
	return derive(k[:], salt, labelFile, chacha20poly1305.KeySize)
}

// sealer seals the blocks of one file, each for its place: a block cannot be moved, left out or put into another file.
type sealer struct {
	aead   cipher.AEAD
	header [sha256.Size]byte // of the file's header
	next   uint64
}

func newSealer(fileKey []byte, header []byte) (*sealer, error) {
	aead, err := chacha20poly1305.NewX(fileKey)
	if err != nil {
		return nil, err
	}
	return &sealer{aead: aead, header: sha256.Sum256(header)}, nil
}

func (s *sealer) context() []byte {
	s.next++
	return fmt.Appendf(nil, "%s %x %d", labelFile, s.header, s.next)
}

func (s *sealer) seal(plain []byte) []byte {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	rand.Read(nonce)
	return s.aead.Seal(nonce, nonce, plain, s.context())
}

func (s *sealer) open(box []byte) ([]byte, error) {
	n := s.aead.NonceSize()
	context := s.context()
	if len(box) < n {
		return nil, errors.New("too short")
	}
	return s.aead.Open(nil, box[:n], box[n:], context)
}
