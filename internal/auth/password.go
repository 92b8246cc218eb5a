package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Parameters of new hashes: the first of those that OWASP's password storage cheat sheet names for argon2id. One hash takes
// 46 MiB and about 50 ms of one processor: dear to guess by, and a small server still signs people in.
const (
	argonMemory = 46 << 10 // KiB
	argonTime   = 1
	argonLanes  = 1
	saltSize    = 16 // RFC 9106 section 3.1
	hashSize    = 32
)

// What is read back is bounded, so that a row that was tampered with takes no gigabytes.
const (
	maxArgonMemory = 1 << 20 // KiB
	maxArgonTime   = 16
	maxArgonLanes  = 16
)

// The bounds of a password: ten characters at least (NIST SP 800-63B asks for eight), and no more than a hash should be
// made to read.
const (
	minPassword = 10
	maxPassword = 1024
)

// hashedAtOnce bounds the memory that signing in takes: 92 MiB. More wait for their turn.
const hashedAtOnce = 2

// ErrPassword says that a text cannot be a password.
var ErrPassword = fmt.Errorf("a password has %d characters at least, and %d octets at most", minPassword, maxPassword)

// CheckPassword refuses what is too short to be one, or is the user's name.
func CheckPassword(user, password string) error {
	switch {
	case len([]rune(password)) < minPassword, len(password) > maxPassword:
		return ErrPassword
	case strings.EqualFold(strings.TrimSpace(password), user), strings.Trim(password, password[:1]) == "":
		return errors.New("a password is not the user's name, and not one character over and over")
	}
	return nil
}

// Hasher hashes passwords, a few at a time. It is safe for concurrent use.
type Hasher struct{ slots chan struct{} }

// NewHasher makes one.
func NewHasher() *Hasher { return &Hasher{make(chan struct{}, hashedAtOnce)} }

// run waits for a turn; ctx ends the wait.
func (h *Hasher) run(ctx context.Context, f func()) error {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		f()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Hash makes the text that is kept of a password: argon2id in the PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (text string, err error) {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails (crypto/rand)
	a := argon{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: salt}
	err = h.run(ctx, func() { text = a.of(password).text() })
	return text, err
}

// Verify reports whether text is kept of the password. With an empty text it takes as long and says no, so that nobody
// learns from the time who there is.
func (h *Hasher) Verify(ctx context.Context, text, password string) (ok bool, err error) {
	kept, wrong := parseArgon(text)
	if wrong != nil {
		kept = argon{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, saltSize), hash: make([]byte, hashSize)}
	}
	if len(password) > maxPassword {
		password = ""
	}
	err = h.run(ctx, func() { ok = subtle.ConstantTimeCompare(kept.of(password).hash, kept.hash) == 1 })
	return ok && wrong == nil && err == nil, err
}

// argon is one hash with its parameters.
type argon struct {
	memory, time uint32
	lanes        uint8
	salt, hash   []byte
}

func (a argon) of(password string) argon {
	a.hash = argon2.IDKey([]byte(password), a.salt, a.time, a.memory, a.lanes, hashSize)
	return a
}

func (a argon) text() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.time, a.lanes, b64.EncodeToString(a.salt), b64.EncodeToString(a.hash))
}

var errHash = errors.New("not an argon2id hash")

func parseArgon(text string) (a argon, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return a, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.time, &a.lanes); err != nil {
		return a, errHash
	}
	var errs [2]error
	a.salt, errs[0] = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	a.hash, errs[1] = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	bounded := a.memory >= 8*uint32(a.lanes) && a.memory <= maxArgonMemory && a.time >= 1 && a.time <= maxArgonTime && a.lanes >= 1 && a.lanes <= maxArgonLanes
	if errors.Join(errs[:]...) != nil || !bounded || len(a.hash) != hashSize || len(a.salt) < 8 || len(a.salt) > 64 {
		return a, errHash
	}
	return a, nil
}
