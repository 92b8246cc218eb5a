package auth

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"strings"
	"time"
)

// Code is what a new server needs to join: where to call, whose key to expect there, and a secret that works once. Its text
// carries all of that; whoever has the text can join until it is used, revoked or expired.
type Code struct {
	ID          string
	Secret      [secretBytes]byte
	Fingerprint [32]byte // of the key of the server that made it
	Addresses   []string // host:port
	Expires     time.Time
}

// ErrCode says that a text is no code.
var ErrCode = errors.New("not a join code (zfjoin- and about 150 characters): copy the whole code")

const (
	codePrefix = "zfjoin-"
	codeFormat = 1
	// codeMark begins the id of a code, which is one longer than a token's: neither is taken for the other.
	codeMark     = "j"
	maxAddresses = 8
	maxCode      = 4096
)

// IsCodeID tells the id of a code from a token's.
func IsCodeID(id string) bool {
	return len(id) == len(codeMark)+idLen && strings.HasPrefix(id, codeMark)
}

// NewCode makes a code with a fresh id and secret.
func NewCode() (c Code) {
	var id [idOctets]byte
	rand.Read(id[:]) // never fails (crypto/rand)
	rand.Read(c.Secret[:])
	c.ID = codeMark + idCoding.EncodeToString(id[:])
	return c
}

// NewID makes the id of a token whose secret comes from elsewhere.
func NewID() string {
	var id [idOctets]byte
	rand.Read(id[:])
	return idCoding.EncodeToString(id[:])
}

// TokenText is the code's secret in the form of a token, for the proof; the code is no token and is none at any other door.
func (c Code) TokenText() string {
	return prefix + c.ID + "_" + base64.RawURLEncoding.EncodeToString(c.Secret[:])
}

// Text is the code as people copy it.
func (c Code) Text() string {
	b := append([]byte{codeFormat}, c.ID...)
	b = append(b, c.Secret[:]...)
	b = append(b, c.Fingerprint[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Expires.Unix()))
	b = append(b, byte(len(c.Addresses)))
	for _, a := range c.Addresses {
		b = append(append(b, byte(len(a))), a...)
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return codePrefix + base64.RawURLEncoding.EncodeToString(b)
}

// ParseCode reads what Text wrote; line breaks that a terminal or a mail put in do not matter.
func ParseCode(text string) (c Code, err error) {
	text = strings.Join(strings.Fields(text), "")
	rest, ok := strings.CutPrefix(text, codePrefix)
	if !ok || len(text) > maxCode {
		return Code{}, ErrCode
	}
	b, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil || len(b) < 5 {
		return Code{}, ErrCode
	}
	sum := b[len(b)-4:]
	b = b[:len(b)-4]
	if binary.BigEndian.Uint32(sum) != crc32.ChecksumIEEE(b) {
		return Code{}, fmt.Errorf("%w; a character is wrong or missing", ErrCode)
	}
	if b[0] != codeFormat {
		return Code{}, errors.New("the join code was made by a newer version of zonefleet")
	}
	return c, c.parse(b[1:])
}

func (c *Code) parse(b []byte) error {
	take := func(n int) []byte {
		if n > len(b) {
			b = nil
			return make([]byte, n)
		}
		v := b[:n]
		b = b[n:]
		return v
	}
	whole := len(b)
	c.ID = string(take(len(codeMark) + idLen))
	copy(c.Secret[:], take(len(c.Secret)))
	copy(c.Fingerprint[:], take(len(c.Fingerprint)))
	c.Expires = time.Unix(int64(binary.BigEndian.Uint64(take(8))), 0).UTC()
	n := int(take(1)[0])
	if n == 0 || n > maxAddresses || whole == 0 {
		return ErrCode
	}
	for range n {
		if len(b) == 0 {
			return ErrCode
		}
		a := string(take(int(take(1)[0])))
		if _, _, err := net.SplitHostPort(a); err != nil {
			return ErrCode
		}
		c.Addresses = append(c.Addresses, a)
	}
	if len(b) != 0 || !IsCodeID(c.ID) {
		return ErrCode
	}
	return nil
}
