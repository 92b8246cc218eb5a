package identity

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
)

const fingerprintPrefix = "SHA256:"

// FingerprintOf returns the fingerprint of a certificate's key: "SHA256:" and 64 hexadecimal digits of the SHA-256 of
// its SubjectPublicKeyInfo (RFC 7469 section 2.4).
func FingerprintOf(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return fingerprintPrefix + hex.EncodeToString(sum[:])
}

// IsFingerprint says whether a text has the form of a fingerprint.
func IsFingerprint(s string) bool {
	digits, ok := strings.CutPrefix(s, fingerprintPrefix)
	b, err := hex.DecodeString(digits)
	return ok && err == nil && len(b) == sha256.Size && strings.ToLower(digits) == digits
}
