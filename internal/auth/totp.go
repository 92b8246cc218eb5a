package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238: what authenticators do; HMAC-SHA-1 is not broken
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Codes that change with the time (RFC 6238), with the values that every authenticator takes for granted.
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	totpSize   = 20 // RFC 4226 section 4, R6
	totpSkew   = 1  // steps that a clock may be off, either way (RFC 6238 section 5.2)
)

var totpCoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// TOTP is the secret that an authenticator and this server share.
type TOTP []byte

// NewTOTP makes one.
func NewTOTP() TOTP {
	t := make(TOTP, totpSize)
	rand.Read(t) // never fails (crypto/rand)
	return t
}

// ParseTOTP reads what Text wrote; spaces do not matter.
func ParseTOTP(text string) (TOTP, error) {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	t, err := totpCoding.DecodeString(text)
	if err != nil || len(t) != totpSize || totpCoding.EncodeToString(t) != text {
		return nil, errors.New("not a secret of an authenticator")
	}
	return t, nil
}

// Text is the secret as people type it into an authenticator.
func (t TOTP) Text() string {
	text := totpCoding.EncodeToString(t)
	var groups []string
	for len(text) > 4 {
		groups, text = append(groups, text[:4]), text[4:]
	}
	return strings.Join(append(groups, text), " ")
}

// URI is what an authenticator reads from a link or a picture.
func (t TOTP) URI(server, user string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + server + ":" + user}
	u.RawQuery = url.Values{"secret": {totpCoding.EncodeToString(t)}, "issuer": {"ZoneFleet"}}.Encode()
	return u.String()
}

// code is the one of a step (RFC 4226 section 5.3).
func (t TOTP) code(step int64) string {
	mac := hmac.New(sha1.New, t)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// Code is the one of a moment, as an authenticator shows it.
func (t TOTP) Code(at time.Time) string { return t.code(at.Unix() / int64(totpStep/time.Second)) }

// Check finds the step of a code; one that is not after last was used before and is none.
func (t TOTP) Check(code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.Join(strings.Fields(code), "")
	at := now.Unix() / int64(totpStep/time.Second)
	for s := at - totpSkew; s <= at+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(t.code(s)), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// Recovery codes let somebody in whose authenticator is gone, each once. They have 80 random bits, so that a plain hash of
// them is enough.
const (
	recoveryCodes = 10
	recoverySize  = 10
)

// NewRecovery makes the codes and what is kept of them.
func NewRecovery() (codes []string, hashes []Hash) {
	for range recoveryCodes {
		var b [recoverySize]byte
		rand.Read(b[:]) // never fails (crypto/rand)
		text := idCoding.EncodeToString(b[:])
		code := text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
		codes, hashes = append(codes, code), append(hashes, RecoveryHash(code))
	}
	return codes, hashes
}

// RecoveryHash is what is kept of a code, however it is typed.
func RecoveryHash(code string) Hash {
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(code))
	return sha256.Sum256([]byte("recovery " + plain))
}
