package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/zonefleet/zonefleet/internal/store"
)

// ErrNotBackup says that a file is none of ours at all; ErrNewer that a later version wrote it.
var (
	ErrNotBackup = errors.New("not a backup of zonefleet")
	ErrNewer     = errors.New("the backup was written by a newer version of zonefleet")
)

// Entry is one thing out of a file: a row, or a key file if File is not empty. It is valid until the next one.
type Entry struct {
	Row     store.Row
	File    string
	Content []byte
}

// Reader reads a file entry by entry. Close it.
type Reader struct {
	Header  Header
	Format  int
	Summary Summary // when Next has returned io.EOF
	Opened  bool    // the sealed part is read too

	source source
}

// source is one format.
type source interface {
	next() (Entry, error)
	close() error
}

// Open begins to read a file. With key nil the sealed part is checked and skipped, unless the file opens itself. dir is a
// folder in which a file of the first format is unpacked; "" is the system's.
func Open(ctx context.Context, from io.Reader, key *Key, dir string) (*Reader, error) {
	in := bufio.NewReaderSize(from, 256<<10)
	start, err := in.Peek(len(magic) + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	switch {
	case bytes.HasPrefix(start, []byte(firstMagic)):
		return openFirst(ctx, in, dir)
	case len(start) <= len(magic) || !bytes.HasPrefix(start, []byte(magic)):
		return nil, ErrNotBackup
	case start[len(magic)] > Format:
		return nil, fmt.Errorf("%w: its format is %d, this version reads up to %d", ErrNewer, start[len(magic)], Format)
	case start[len(magic)] != Format:
		return nil, ErrNotBackup
	}
	f := &file{blocks: blockReader{r: in, crc: table(), sum: sha256.New()}}
	r := &Reader{Format: Format, source: f}
	f.reader = r
	if err := f.begin(key); err != nil {
		return nil, err
	}
	return r, nil
}

// Next returns the next entry, io.EOF after the last one of a whole file. A *Damage is not the end: what lies behind it
// comes with the next call, as far as it can be found.
func (r *Reader) Next() (Entry, error) { return r.source.next() }

// Close gives back what Open has taken, not the file.
func (r *Reader) Close() error { return r.source.close() }

// file is a file of format 2.
type file struct {
	reader *Reader
	blocks blockReader
	zstd   *zstd.Decoder
	sealer *sealer // nil: the sealed part is skipped
	block  []byte  // the entries of the current block that are left
	last   string  // zone of the last row
	done   error
}

func (f *file) begin(key *Key) error {
	start := make([]byte, len(magic)+1)
	if err := f.blocks.full(start); err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	kind, head, _, err := f.blocks.next()
	if err != nil {
		return err
	}
	h := &f.reader.Header
	if err := decodeJSON(head, h); kind != blockHeader || err != nil {
		return f.blocks.damage(int64(len(start)), "it does not begin with a header")
	}
	fileKey := h.OpenKey
	if key != nil && fileKey == nil {
		if key.ID() != h.KeyID {
			return fmt.Errorf("%w: it is sealed for the key %s, this one is %s", ErrOtherKey, h.KeyID, key.ID())
		}
		fileKey = key.fileKey(h.Salt)
	}
	if fileKey != nil {
		if f.sealer, err = newSealer(fileKey, head); err != nil {
			return fmt.Errorf("open the sealed part: %w", err)
		}
		f.reader.Opened = true
	}
	f.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*maxBlock))
	return err
}

func (f *file) close() error {
	if f.zstd != nil {
		f.zstd.Close()
	}
	return nil
}

func (f *file) next() (Entry, error) {
	for len(f.block) == 0 {
		if f.done != nil {
			return Entry{}, f.done
		}
		if err := f.nextBlock(); err != nil {
			return Entry{}, f.failed(err)
		}
	}
	e, rest, err := decodeEntry(f.block)
	if err != nil {
		f.block = nil
		return Entry{}, f.blocks.damage(f.blocks.octets, "a block holds what no backup has")
	}
	f.block = rest
	if z := store.ZoneOf(e.Row); z != "" {
		f.last = z.Text()
	}
	return e, nil
}

// failed says where damage lies, and ends what cannot be read on.
func (f *file) failed(err error) error {
	var d *Damage
	if !errors.As(err, &d) {
		f.done = err
		return err
	}
	d.After = f.last
	if d.over {
		f.done = io.ErrUnexpectedEOF
	}
	return d
}

// nextBlock takes the next block with entries, or ends the file.
func (f *file) nextBlock() error {
	at := f.blocks.octets
	kind, payload, before, err := f.blocks.next()
	if err != nil {
		return err
	}
	switch kind {
	case blockRows:
	case blockSealed:
		if f.sealer == nil {
			return nil
		}
		if payload, err = f.sealer.open(payload); err != nil {
			return f.blocks.damage(at, "a sealed block does not open: it was changed, or is of another file")
		}
	case blockEnd:
		return f.end(at, payload, before)
	default:
		return f.blocks.damage(at, "a block is of the unknown kind %q", kind)
	}
	if f.block, err = f.zstd.DecodeAll(payload, nil); err != nil {
		return f.blocks.damage(at, "a block does not decompress: %v", err)
	}
	return nil
}

// end checks that nothing is missing before the end and nothing follows it.
func (f *file) end(at int64, payload, before []byte) error {
	s := &f.reader.Summary
	if err := decodeJSON(payload, s); err != nil {
		return f.blocks.damage(at, "the end cannot be read")
	}
	f.done = io.EOF
	if s.Octets != at || !bytes.Equal(s.SHA256, before) {
		return f.blocks.damage(at, "what comes before the end is not what was written")
	}
	if n, err := io.Copy(io.Discard, f.blocks.r); err != nil || n > 0 {
		return f.blocks.damage(f.blocks.octets, "%d octets follow the end", n)
	}
	return nil
}

func decodeEntry(b []byte) (e Entry, rest []byte, err error) {
	kind, b := b[0], b[1:]
	name, b, ok := cutString(b)
	if !ok {
		return e, nil, errEntry
	}
	content, b, ok := cutString(b)
	switch {
	case !ok:
		return e, nil, errEntry
	case kind == entryRow:
		return Entry{Row: store.Row{Key: name, Value: content}}, b, nil
	case kind == entryFile && len(name) > 0 && len(content) <= maxFile:
		return Entry{File: string(name), Content: content}, b, nil
	}
	return e, nil, errEntry
}

var errEntry = errors.New("malformed entry")

func cutString(b []byte) (s, rest []byte, ok bool) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used) {
		return nil, nil, false
	}
	b = b[used:]
	return b[:n:n], b[n:], true
}
