package wire

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// seedGoldens adds the golden frames as first inputs.
func seedGoldens(f *testing.F) {
	paths, err := filepath.Glob("testdata/golden/v1/*.bin")
	if err != nil || len(paths) == 0 {
		f.Fatal("no golden frames", err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// FuzzFrame: whatever a frame decodes to is encoded and decoded to the same.
func FuzzFrame(f *testing.F) {
	seedGoldens(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := readFrame(b)
		if err != nil {
			return
		}
		again, err := readFrame(encodeFrame(t, fr))
		if err != nil || again.kind != fr.kind || again.more != fr.more || !bytes.Equal(again.payload, fr.payload) {
			t.Fatalf("%v: %v became %v", err, fr, again)
		}
	})
}

// FuzzPayload: the same for every kind of message.
func FuzzPayload(f *testing.F) {
	paths, err := filepath.Glob("testdata/golden/v1/*.bin")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		fr, err := readFrame(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(fr.kind), fr.payload)
	}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		v, err := decodePayload(Type(kind), b)
		if err != nil || v == nil {
			return
		}
		again, err := decodeGolden(encodeGolden(&testing.T{}, v))
		if err != nil {
			t.Fatalf("%#v is not decoded again: %v", v, err)
		}
		if d := cmp.Diff(v, again, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("(-first +second):\n%s", d)
		}
	})
}

// replay is a stream that says something and hears nothing.
type replay struct{ io.Reader }

func (replay) Write(p []byte) (int, error) { return len(p), nil }
func (replay) Close() error                { return nil }

// FuzzSequence: whatever a side says, from its first octet, the other ends the link in order.
func FuzzSequence(f *testing.F) {
	hello := encodeFrame(f, frame{kind: TypeHello, payload: []byte(magic + "\x01\x01{}")})
	f.Add(hello)
	var all []byte
	all = append(all, hello...)
	for _, name := range []string{"heartbeat", "deltas", "reports", "topology", "acks", "bye"} {
		b, err := os.ReadFile("testdata/golden/v1/" + name + ".bin")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(bytes.Clone(hello), b...))
		all = append(all, b...)
	}
	f.Add(all)
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Accept(context.Background(), replay{bytes.NewReader(b)}, Versions{}, Options{}, func(*Link, Hello) (Welcome, error) { return Welcome{}, nil })
		if err != nil {
			return
		}
		if err := l.Run(context.Background(), discard{}); err == nil {
			t.Fatal("the link ended without saying why")
		}
	})
}

// discard stores everything and keeps nothing.
type discard struct{}

func (discard) Receive(_ context.Context, items []Item) []Outcome {
	out := make([]Outcome, len(items))
	for i := range out {
		out[i].Result = Stored
	}
	return out
}
func (discard) Reported([]Report) {}
func (discard) Topology([]string) {}
