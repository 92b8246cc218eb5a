package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
)

// ExporterLabel is the label under which both ends take 32 octets from their TLS session (RFC 5705, RFC 8446 section
// 7.5). They differ between the two sessions of a man in the middle, so a proof is worth nothing in another session.
const ExporterLabel = "EXPORTER-zonefleet-peer"

// ExporterLen is how many octets both ends take.
const ExporterLen = 32

// Sides of a proof. They differ, so that no side can send the other's proof back.
const (
	SideClient = "client"
	SideServer = "server"
)

// TokenHash is the SHA-256 of a whole token text: the key of a proof, and all that the giver keeps.
type TokenHash [sha256.Size]byte

// ErrMalformedToken says that a text is no token.
var ErrMalformedToken = errors.New("not a zonefleet token (zf_ID_SECRET)")

// SplitToken returns the id and the hash of a token's text.
func SplitToken(text string) (id string, h TokenHash, err error) {
	rest, ok := strings.CutPrefix(text, "zf_")
	id, secret, both := strings.Cut(rest, "_")
	if !ok || !both || id == "" || secret == "" {
		return "", TokenHash{}, ErrMalformedToken
	}
	return id, sha256.Sum256([]byte(text)), nil
}

// Prove returns a side's proof that it knows the token, bound to the TLS session.
func Prove(h TokenHash, side string, exporter []byte) []byte {
	mac := hmac.New(sha256.New, h[:])
	mac.Write([]byte(side))
	mac.Write(exporter)
	return mac.Sum(nil)
}

// Proved compares in constant time.
func Proved(h TokenHash, side string, exporter, proof []byte) bool {
	return hmac.Equal(Prove(h, side, exporter), proof)
}
