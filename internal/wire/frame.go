package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Bounds of frames. They are part of the protocol: who sends more is cut off.
const (
	// MaxFrame bounds the payload of one frame, as sent and after decompression.
	MaxFrame = 16 << 20
	// partSize is how much of a long message one frame carries, so that acknowledgements and heartbeats pass between.
	partSize = 1 << 20
	// compressFrom is the payload size from which compression is tried.
	compressFrom = 512

	headerSize = 6 // u32 length of the payload, u8 type, u8 flags
)

// Type says what a frame carries.
type Type uint8

// Frame types. Numbers are never used again for something else.
const (
	TypeHello     Type = 1
	TypeWelcome   Type = 2
	TypeDeltas    Type = 3
	TypeAcks      Type = 4
	TypeReports   Type = 5
	TypeTopology  Type = 6
	TypeHeartbeat Type = 7
	TypeBye       Type = 8
	TypeCaughtUp  Type = 9 | mayIgnore
	TypeSettled   Type = 10 | mayIgnore
	TypeNames     Type = 16
	// 17 and 18 were lists and heads, which no release has sent.
	TypeBranches  Type = 19
	TypeParts     Type = 20
	TypeStandings Type = 21

	// mayIgnore marks types that who does not know them skips.
	mayIgnore Type = 0x80
)

// Flags of a frame. An unknown flag changes what the payload means, so it ends the stream.
const (
	flagZstd  = 1 << 0 // the payload is one zstd frame
	flagMore  = 1 << 1 // parts of the same message follow
	flagsKnow = flagZstd | flagMore
)

// ErrProtocol says that the other side sent what the protocol does not allow.
var ErrProtocol = errors.New("protocol violated")

type frame struct {
	kind    Type
	more    bool
	payload []byte
}

// frameWriter encodes frames. Not for concurrent use.
type frameWriter struct {
	w   io.Writer
	enc *zstd.Encoder
	buf []byte
}

func newFrameWriter(w io.Writer) *frameWriter { return &frameWriter{w: w} }

// write sends one frame with a single Write, so that the stream below can flush it at once.
func (f *frameWriter) write(fr frame) error {
	b, err := f.encode(fr)
	if err != nil {
		return err
	}
	_, err = f.w.Write(b)
	return err
}

// encode returns the octets of a frame, valid until the next call.
func (f *frameWriter) encode(fr frame) ([]byte, error) {
	if len(fr.payload) > MaxFrame {
		return nil, fmt.Errorf("frame of %d octets exceeds %d", len(fr.payload), MaxFrame)
	}
	var flags uint8
	if fr.more {
		flags |= flagMore
	}
	f.buf = append(f.buf[:0], 0, 0, 0, 0, byte(fr.kind), flags)
	if len(fr.payload) >= compressFrom {
		if err := f.compress(fr.payload); err != nil {
			return nil, err
		}
	}
	if len(f.buf) == headerSize || len(f.buf)-headerSize >= len(fr.payload) { // not tried, or no gain
		f.buf = append(f.buf[:headerSize], fr.payload...)
		f.buf[5] = flags
	}
	binary.BigEndian.PutUint32(f.buf, uint32(len(f.buf)-headerSize))
	return f.buf, nil
}

func (f *frameWriter) compress(payload []byte) error {
	if f.enc == nil {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithWindowSize(partSize), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return fmt.Errorf("start compression: %w", err)
		}
		f.enc = enc
	}
	f.buf = f.enc.EncodeAll(payload, f.buf)
	f.buf[5] |= flagZstd
	return nil
}

// frameReader decodes frames. Not for concurrent use.
type frameReader struct {
	r   io.Reader
	dec *zstd.Decoder
}

func newFrameReader(r io.Reader) *frameReader { return &frameReader{r: r} }

// read returns the next frame; its payload is the caller's. io.EOF means that the stream ended between two frames.
func (f *frameReader) read() (frame, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(f.r, h[:]); err != nil {
		return frame{}, err // io.EOF as it is; a cut header is io.ErrUnexpectedEOF
	}
	n, kind, flags := binary.BigEndian.Uint32(h[:4]), Type(h[4]), h[5]
	if n > MaxFrame {
		return frame{}, fmt.Errorf("%w: frame of %d octets exceeds %d", ErrProtocol, n, MaxFrame)
	}
	if flags&^flagsKnow != 0 {
		return frame{}, fmt.Errorf("%w: frame with unknown flags %#x", ErrProtocol, flags)
	}
	payload, err := readPayload(f.r, int(n))
	if err != nil {
		return frame{}, err
	}
	if flags&flagZstd != 0 {
		if payload, err = f.decompress(payload); err != nil {
			return frame{}, err
		}
	}
	return frame{kind: kind, more: flags&flagMore != 0, payload: payload}, nil
}

// readPayload takes memory as the octets come in: a header alone makes nobody allocate MaxFrame.
func readPayload(r io.Reader, n int) ([]byte, error) {
	b := make([]byte, 0, min(n, partSize))
	for len(b) < n {
		step := min(n-len(b), partSize)
		b = append(b, make([]byte, step)...)
		if _, err := io.ReadFull(r, b[len(b)-step:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return b, nil
}

func (f *frameReader) decompress(payload []byte) ([]byte, error) {
	if f.dec == nil {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(MaxFrame), zstd.WithDecoderMaxWindow(MaxFrame))
		if err != nil {
			return nil, fmt.Errorf("start decompression: %w", err)
		}
		f.dec = dec
	}
	out, err := f.dec.DecodeAll(payload, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: decompress frame: %w", ErrProtocol, err)
	}
	return out, nil
}

// close releases what decompression holds.
func (f *frameReader) close() {
	if f.dec != nil {
		f.dec.Close()
	}
}
