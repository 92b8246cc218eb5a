package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// sealer lets a secret of a form go through the browser and come back, while a person looks at what the form will do: the
// page has only a box that this process alone can open, for this session and for a while. Nothing has to be kept here, so
// there is nothing to bound.
type sealer struct{ aead cipher.AEAD }

// sealedFor is how long a person may look at a review; after it, and after a restart, the secret is typed in again.
const sealedFor = 30 * time.Minute

func newSealer() sealer {
	key := make([]byte, 32)
	rand.Read(key) // never fails (crypto/rand)
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has one of the lengths of AES
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // the block has the length of AES
	}
	return sealer{aead}
}

func (s sealer) seal(session, secret string, now time.Time) string {
	if secret == "" {
		return ""
	}
	text := binary.BigEndian.AppendUint64(nil, uint64(now.Add(sealedFor).Unix()))
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, append(text, secret...), []byte(session)))
}

// open returns "" for what is no box of this session, or an old one.
func (s sealer) open(session, box string, now time.Time) string {
	b, err := base64.RawURLEncoding.DecodeString(box)
	if err != nil {
		return ""
	}
	text, err := s.aead.Open(nil, nil, b, []byte(session))
	if err != nil || len(text) < 8 || now.Unix() > int64(binary.BigEndian.Uint64(text)) {
		return ""
	}
	return string(text[8:])
}
