package store

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/crypto/chacha20poly1305"
)

// sealFormat is the first octet of a sealed value: then come the key's id, the nonce, and XChaCha20-Poly1305 with the
// context as additional data.
const sealFormat = 1

const sealIDSize = 8

// sealFile is the key's file in the data folder.
const sealFile = "seal.key"

// sealer seals secrets with the key in DIR/seal.key, so that the database, and a copy of it, holds none in the clear.
type sealer struct {
	id   []byte // names the key, tells nothing about it
	aead cipher.AEAD
}

// openSealer reads the key file. A folder that has none gets a new key; what an old one sealed then names the key that
// is missing when it is opened, which is said here already.
func openSealer(dir string, log *slog.Logger, fresh bool) (*sealer, error) {
	path := filepath.Join(dir, sealFile)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !fresh {
			log.Error("seal.key is missing: secrets sealed with it cannot be opened, put it back or enter them again",
				slog.String("folder", dir))
		}
		key = make([]byte, chacha20poly1305.KeySize)
		rand.Read(key)
		err = writeFile(path, key)
	}
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not a key of 32 octets", ErrCorrupt, path)
	}
	id := sha256.Sum256(append([]byte("zonefleet seal key id\x00"), key...))
	return &sealer{id: id[:sealIDSize], aead: aead}, nil
}

// Seal encrypts a secret. Only Unseal with the same context (what the secret is and whose) opens it, so that one
// sealed value cannot be put in another's place.
func (s *Store) Seal(plain []byte, context string) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	rand.Read(nonce)
	box := append([]byte{sealFormat}, s.seal.id...)
	box = append(box, nonce...)
	return s.seal.aead.Seal(box, nonce, plain, []byte(context))
}

// Unseal opens what Seal returned. It fails with ErrSealKey when the key is not the one in seal.key, with ErrSealed when
// the value is damaged or has another context.
func (s *Store) Unseal(box []byte, context string) ([]byte, error) {
	const head = 1 + sealIDSize + chacha20poly1305.NonceSizeX
	if len(box) < head || box[0] != sealFormat {
		return nil, ErrSealed
	}
	if id := box[1 : 1+sealIDSize]; !bytes.Equal(id, s.seal.id) {
		return nil, fmt.Errorf("%w: it needs the key %x, this is %x; hint: put the old seal.key back", ErrSealKey, id, s.seal.id)
	}
	plain, err := s.seal.aead.Open(nil, box[1+sealIDSize:head], box[head:], []byte(context))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}
