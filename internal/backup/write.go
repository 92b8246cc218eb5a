package backup

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/zonefleet/zonefleet/internal/store"
)

// Source is what goes into a file.
type Source struct {
	// Rows calls f with every row in the order of their keys, twice the same: it is called once, f keeps what is secret.
	Rows func(f func(store.Row) error) error
	// Secret says that a row may lie in the file sealed only.
	Secret func(store.Row) bool
	// Files are the key files of the data folder, sealed too.
	Files map[string][]byte
}

// Entries of a block: rows have kind 'r', files kind 'f'.
const (
	entryRow  = 'r'
	entryFile = 'f'
)

// Write writes a file to w while the source goes on working. The sealed part is for the holder of key; with open, which
// only a person may ask for, the file opens itself.
func Write(w io.Writer, h Header, key Key, open bool, src Source) (Summary, error) {
	h.KeyID, h.Salt = key.ID(), newSalt()
	fileKey := key.fileKey(h.Salt)
	if open {
		h.OpenKey = fileKey
	}
	head, err := json.Marshal(h)
	if err != nil {
		return Summary{}, fmt.Errorf("write backup: %w", err)
	}
	f := &writer{blocks: newBlockWriter(w)}
	if f.sealer, err = newSealer(fileKey, head); err != nil {
		return Summary{}, fmt.Errorf("write backup: %w", err)
	}
	if f.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)); err != nil {
		return Summary{}, fmt.Errorf("write backup: %w", err)
	}
	defer f.zstd.Close()
	if err := f.write(head, src); err != nil {
		return Summary{}, fmt.Errorf("write backup: %w", err)
	}
	return f.summary, nil
}

type writer struct {
	blocks  *blockWriter
	zstd    *zstd.Encoder
	sealer  *sealer
	zones   store.Assembly
	open    []byte // entries of the block that is being filled
	secret  [][]byte
	held    []byte // secret entries of the block that is being filled
	summary Summary
}

func (f *writer) write(head []byte, src Source) error {
	if err := f.blocks.raw(append([]byte(magic), Format)); err != nil {
		return err
	}
	if err := f.blocks.block(blockHeader, head); err != nil {
		return err
	}
	err := src.Rows(func(r store.Row) error { return f.row(r, src.Secret(r)) })
	if err != nil {
		return err
	}
	if err := f.flush(); err != nil {
		return err
	}
	for name, content := range src.Files {
		f.keep(appendEntry(nil, entryFile, []byte(name), content))
	}
	if err := f.sealed(); err != nil {
		return err
	}
	s := &f.summary
	s.Zones, s.Deleted = f.zones.Live, f.zones.Deleted
	s.Octets, s.SHA256 = f.blocks.octets, f.blocks.sum.Sum(nil)
	end, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return f.blocks.block(blockEnd, end)
}

func (f *writer) row(r store.Row, secret bool) error {
	if secret {
		f.keep(appendEntry(nil, entryRow, r.Key, r.Value))
		return nil
	}
	if err := f.zones.Add(r); err != nil {
		return err
	}
	f.summary.Rows++
	f.open = appendEntry(f.open, entryRow, r.Key, r.Value)
	if len(f.open) < blockSize {
		return nil
	}
	return f.flush()
}

func appendEntry(b []byte, kind byte, name, content []byte) []byte {
	b = binary.AppendUvarint(append(b, kind), uint64(len(name)))
	b = binary.AppendUvarint(append(b, name...), uint64(len(content)))
	return append(b, content...)
}

func (f *writer) flush() error {
	if len(f.open) == 0 {
		return nil
	}
	err := f.blocks.block(blockRows, f.zstd.EncodeAll(f.open, nil))
	if f.open = f.open[:0]; cap(f.open) > 4*blockSize {
		f.open = nil // a huge row is over
	}
	return err
}

// keep puts a secret entry aside: secrets are tokens, members and registers, a few hundred octets each and compressed at
// once, so that those of a thousand members take a megabyte until the rows are written.
func (f *writer) keep(entry []byte) {
	f.summary.Sealed++
	f.held = append(f.held, entry...)
	if len(f.held) >= blockSize {
		f.pack()
	}
}

func (f *writer) pack() {
	if len(f.held) > 0 {
		f.secret = append(f.secret, f.zstd.EncodeAll(f.held, nil))
		f.held = nil
	}
}

func (f *writer) sealed() error {
	f.pack()
	for _, plain := range f.secret {
		if err := f.blocks.block(blockSealed, f.sealer.seal(plain)); err != nil {
			return err
		}
	}
	return nil
}
