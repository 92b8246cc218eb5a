package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

const (
	prefix      = "zf_"
	idOctets    = 6  // 10 characters of base32
	secretBytes = 32 // 256 bits, 43 characters of base64url
	idLen       = 10
	secretLen   = 43
)

// ErrMalformed says that a text is not a token at all.
var ErrMalformed = errors.New("not a zonefleet token (zf_ID_SECRET)")

// Kind says what a token is for.
type Kind string

// Kinds of tokens.
const (
	KindAPI    Kind = "api"    // acts for an account at web, REST and CLI
	KindMember Kind = "member" // lets another server cluster with this one
)

// Hash is the SHA-256 of a whole token text: what is stored, and the key of a proof.
type Hash [sha256.Size]byte

// Token is what this node keeps of a token it gave out; the secret is not in it.
type Token struct {
	ID        string
	Name      string
	Kind      Kind
	User      string // account it acts for
	Hash      Hash
	Grant     cluster.Grant // member tokens
	Created   time.Time
	Expires   time.Time // zero: never
	Addresses []netip.Prefix
	Revoked   bool
	Joined    bool      // it came of joining the holder's cluster with a code
	Scope     acl.Scope // API tokens: the records that it is for; zero: all that its account may
	// Privileges are those of its account that an API token has; nil: all, also those that the account gets later.
	Privileges acl.Privileges `json:",omitempty"`
}

var idCoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Generate makes a new token and returns its id, its text (the only time that it exists) and its hash.
func Generate() (id, text string, h Hash) {
	var b [idOctets + secretBytes]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	id = idCoding.EncodeToString(b[:idOctets])
	text = prefix + id + "_" + base64.RawURLEncoding.EncodeToString(b[idOctets:])
	return id, text, HashOf(text)
}

// HashOf is the hash of a token's text.
func HashOf(text string) Hash { return sha256.Sum256([]byte(text)) }

// IDOf reads the id from a token's text and checks its form; it says nothing about whether the token is known.
func IDOf(text string) (string, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok || len(rest) != idLen+1+secretLen || rest[idLen] != '_' {
		return "", ErrMalformed
	}
	id, secret := rest[:idLen], rest[idLen+1:]
	if _, err := idCoding.DecodeString(id); err != nil {
		return "", fmt.Errorf("%w: id", ErrMalformed)
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(secret); err != nil {
		return "", fmt.Errorf("%w: secret", ErrMalformed)
	}
	return id, nil
}
