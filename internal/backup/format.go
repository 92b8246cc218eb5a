package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"time"
)

// magic begins a file, before the octet of its format.
const magic = "ZFBK"

// Format is the format that this version writes. It reads this one and the first, that of release 0.1.0.
const Format = 2

// Kinds of blocks.
const (
	blockHeader = 'H'
	blockRows   = 'R'
	blockSealed = 'S'
	blockEnd    = 'E'
)

// Bounds. A block is closed when it holds blockSize; a row that is larger (the history entry of a huge import) has one for
// itself. maxBlock is above the largest that the store takes.
const (
	blockSize  = 1 << 20
	maxBlock   = 1 << 30
	maxHeader  = 64 << 10
	blockHead  = 1 + 4 + 4 + 4
	maxFile    = 1 << 20 // a key file
	readAtOnce = 1 << 20 // a length is believed as far as octets come
)

// Header says what a file is, in the clear.
type Header struct {
	Server      string    `json:"server"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	Version     string    `json:"version"`
	Time        time.Time `json:"time"`
	KeyID       string    `json:"key_id,omitempty"` // of the recovery key that opens the sealed part
	Salt        []byte    `json:"salt,omitempty"`
	// OpenKey opens the sealed part of this file. It is there only if somebody asked for a file that needs no recovery key.
	OpenKey []byte `json:"open_key,omitempty"`
}

// Summary is what a file holds; it is at its end.
type Summary struct {
	Zones   int    `json:"zones"`
	Deleted int    `json:"deleted"` // zones of which only what is left is there
	Rows    int    `json:"rows"`
	Sealed  int    `json:"sealed"` // secret rows and key files
	Octets  int64  `json:"octets"` // before the end
	SHA256  []byte `json:"sha256"` // of them
}

// Damage is one place of a file that is not as it was written.
type Damage struct {
	At    int64  // octet
	Block int    // counted from 1, the header
	What  string // is wrong
	After string // what was read before it: a zone, "" if nothing
	Until string // and behind it
	over  bool   // nothing behind it can be found
}

func (d *Damage) Error() string {
	text := fmt.Sprintf("damaged at octet %d (block %d): %s", d.At, d.Block, d.What)
	switch {
	case d.After != "" && d.Until != "":
		text += fmt.Sprintf("; it is what lay between %s and %s", d.After, d.Until)
	case d.After != "":
		text += "; it is what lay behind " + d.After
	}
	return text
}

func table() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// blockWriter writes blocks and keeps the sum of all octets.
type blockWriter struct {
	w      io.Writer
	crc    *crc32.Table
	sum    hash.Hash
	octets int64
}

func newBlockWriter(w io.Writer) *blockWriter {
	return &blockWriter{w: w, crc: table(), sum: sha256.New()}
}

func (b *blockWriter) raw(p []byte) error {
	n, err := b.w.Write(p)
	b.sum.Write(p[:n])
	b.octets += int64(n)
	return err
}

func (b *blockWriter) block(kind byte, payload []byte) error {
	if len(payload) > maxBlock {
		return fmt.Errorf("a block of %d octets exceeds %d", len(payload), maxBlock)
	}
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	head = binary.BigEndian.AppendUint32(head, crc32.Checksum(payload, b.crc))
	head = binary.BigEndian.AppendUint32(head, crc32.Checksum(head, b.crc))
	if err := b.raw(head); err != nil {
		return err
	}
	return b.raw(payload)
}

// blockReader reads blocks. Of one whose content is damaged the next can still be found, of one whose head is, not.
type blockReader struct {
	r      io.Reader
	crc    *crc32.Table
	sum    hash.Hash
	octets int64
	count  int
}

func (b *blockReader) damage(at int64, format string, args ...any) *Damage {
	return &Damage{At: at, Block: b.count, What: fmt.Sprintf(format, args...)}
}

func (b *blockReader) full(p []byte) error {
	n, err := io.ReadFull(b.r, p)
	b.sum.Write(p[:n])
	b.octets += int64(n)
	return err
}

// next returns the next block, and the sum of what came before it.
func (b *blockReader) next() (kind byte, payload, before []byte, err error) {
	b.count++
	at := b.octets
	before = b.sum.Sum(nil)
	head := make([]byte, blockHead)
	if err := b.full(head); err != nil {
		return 0, nil, nil, b.cut(at, err)
	}
	length := binary.BigEndian.Uint32(head[1:])
	if crc32.Checksum(head[:9], b.crc) != binary.BigEndian.Uint32(head[9:]) || length > maxBlock {
		d := b.damage(at, "the block's head has another checksum, the rest cannot be read")
		d.over = true
		return 0, nil, nil, d
	}
	payload, err = b.read(int64(length))
	if err != nil {
		return 0, nil, nil, b.cut(at, err)
	}
	if crc32.Checksum(payload, b.crc) != binary.BigEndian.Uint32(head[5:]) {
		return 0, nil, nil, b.damage(at, "%s has another checksum", nameOfBlock(head[0]))
	}
	return head[0], payload, before, nil
}

func nameOfBlock(kind byte) string {
	switch kind {
	case blockHeader:
		return "the header"
	case blockRows:
		return "a block of rows"
	case blockSealed:
		return "a sealed block"
	case blockEnd:
		return "the end"
	}
	return "a block"
}

// cut names a file that ends too early; another error is the disk's.
func (b *blockReader) cut(at int64, err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	d := b.damage(at, "the file ends here, before its end was written")
	d.over = true
	return d
}

func (b *blockReader) read(n int64) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(min(n, readAtOnce)))
	got, err := io.CopyN(io.MultiWriter(&buf, b.sum), b.r, n)
	b.octets += got
	return buf.Bytes(), err
}

func decodeJSON(b []byte, v any) error {
	if len(b) > maxHeader {
		return fmt.Errorf("it has %d octets", len(b))
	}
	return json.Unmarshal(b, v)
}
