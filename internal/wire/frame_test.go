package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/semaphore"
)

func encodeFrame(t testing.TB, f frame) []byte {
	t.Helper()
	b, err := newFrameWriter(nil).encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b)
}

func readFrame(b []byte) (frame, error) {
	r := newFrameReader(bytes.NewReader(b))
	defer r.close()
	return r.read()
}

func TestFramesComeBackAsTheyWere(t *testing.T) {
	noise := huge(example, 200_000).Delta.Keys[0].Versions[0].Value
	for name, payload := range map[string][]byte{
		"empty":        {},
		"short":        []byte("hello"),
		"compressible": bytes.Repeat([]byte("example.com "), 100_000),
		"noise":        noise,
		"largest":      make([]byte, MaxFrame),
	} {
		for _, more := range []bool{false, true} {
			b := encodeFrame(t, frame{kind: TypeDeltas, more: more, payload: payload})
			got, err := readFrame(b)
			if err != nil || got.kind != TypeDeltas || got.more != more || !bytes.Equal(got.payload, payload) {
				t.Errorf("%s: %d octets, %v", name, len(got.payload), err)
			}
			if len(b) > headerSize+len(payload) {
				t.Errorf("%s: compression made it longer", name)
			}
		}
	}
}

func TestFrameThatIsCutAnywhereIsNoFrame(t *testing.T) {
	b := encodeFrame(t, frame{kind: TypeDeltas, payload: bytes.Repeat([]byte("example.com "), 100)})
	for n := range b {
		_, err := readFrame(b[:n])
		if n == 0 && err != io.EOF || n > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	r := newFrameReader(iotest.OneByteReader(bytes.NewReader(b)))
	defer r.close()
	if _, err := r.read(); err != nil {
		t.Errorf("octet by octet: %v", err)
	}
}

func TestFramesThatAreNotAllowed(t *testing.T) {
	header := func(n uint32, kind Type, flags byte, payload []byte) []byte {
		return append(append(binary.BigEndian.AppendUint32(nil, n), byte(kind), flags), payload...)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	bomb := enc.EncodeAll(make([]byte, MaxFrame+1), nil)
	for name, b := range map[string][]byte{
		"longer than a frame may be": header(MaxFrame+1, TypeDeltas, 0, nil),
		"unknown flag":               header(0, TypeDeltas, 1<<2, nil),
		"zstd of nothing known":      header(4, TypeDeltas, flagZstd, []byte("abcd")),
		"zstd bomb":                  header(uint32(len(bomb)), TypeDeltas, flagZstd, bomb),
	} {
		if _, err := readFrame(b); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newFrameWriter(nil).encode(frame{payload: make([]byte, MaxFrame+1)}); err == nil {
		t.Error("a frame that is too long was encoded")
	}
}

func TestTamperedCompressedFrameIsNoticed(t *testing.T) {
	b := encodeFrame(t, frame{kind: TypeDeltas, payload: bytes.Repeat([]byte("example.com. 300 IN A 192.0.2.1 "), 1000)})
	want, err := readFrame(b)
	if err != nil {
		t.Fatal(err)
	}
	var in bytes.Reader
	r := newFrameReader(&in)
	defer r.close()
	for i := headerSize; i < len(b); i++ {
		bad := bytes.Clone(b)
		bad[i] ^= 0x40
		in.Reset(bad)
		if got, err := r.read(); err == nil && !bytes.Equal(got.payload, want.payload) {
			t.Errorf("octet %d: another payload came through", i)
		}
	}
}

func TestHeaderAloneTakesNoMemory(t *testing.T) {
	b := append(binary.BigEndian.AppendUint32(nil, MaxFrame), byte(TypeDeltas), 0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		if _, err := readFrame(b); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / 10; got > 4*partSize {
		t.Errorf("%d octets for a header", got)
	}
}

func TestPartsMustAddUp(t *testing.T) {
	first := func(total uint64, payload string) []byte {
		return append(binary.BigEndian.AppendUint64(nil, total), payload...)
	}
	for name, c := range map[string]struct {
		frames []frame
		fits   bool
	}{
		"two parts":           {[]frame{{TypeDeltas, true, first(6, "abc")}, {TypeDeltas, false, []byte("def")}}, true},
		"others in between":   {[]frame{{TypeDeltas, true, first(6, "abc")}, {TypeHeartbeat, false, nil}, {TypeDeltas, false, []byte("def")}}, true},
		"too long":            {[]frame{{TypeDeltas, true, first(5, "abc")}, {TypeDeltas, false, []byte("def")}}, false},
		"too short":           {[]frame{{TypeDeltas, true, first(7, "abc")}, {TypeDeltas, false, []byte("def")}}, false},
		"empty part":          {[]frame{{TypeDeltas, true, first(7, "abc")}, {TypeDeltas, true, nil}}, false},
		"no length":           {[]frame{{TypeDeltas, true, []byte("abc")}}, false},
		"first part too long": {[]frame{{TypeDeltas, true, first(2, "abc")}}, false},
		"longer than allowed": {[]frame{{TypeDeltas, true, first(MaxMessage+1, "abc")}}, false},
		"type without parts":  {[]frame{{TypeBye, true, first(6, "abc")}}, false},
	} {
		budget := semaphore.NewWeighted(MaxMessage)
		a := assembly{budget: budget}
		var err error
		var got []byte
		for _, f := range c.frames {
			var m message
			var whole bool
			if m, whole, err = a.add(t.Context(), f); err != nil {
				break
			}
			if whole && m.kind == TypeDeltas {
				got = m.payload
				a.release(m.held)
			}
		}
		if c.fits && string(got) != "abcdef" || c.fits == (err != nil) || !c.fits && !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		a.close()
		if !budget.TryAcquire(MaxMessage) {
			t.Errorf("%s: the budget was not given back", name)
		}
	}
}

func TestLongMessageWaitsForTheBudget(t *testing.T) {
	budget := semaphore.NewWeighted(100)
	a := assembly{budget: budget}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := budget.Acquire(t.Context(), 60); err != nil {
		t.Fatal(err)
	}
	f := frame{kind: TypeDeltas, more: true, payload: append(binary.BigEndian.AppendUint64(nil, 50), 'a')}
	if _, _, err := a.add(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	budget.Release(60)
	if _, _, err := a.add(t.Context(), f); err != nil {
		t.Error(err)
	}
}
