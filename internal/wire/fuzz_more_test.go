package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/digest"
)

// FuzzHeaders reads what stands in the headers of a request or an answer: a range of versions, a token's text.
func FuzzHeaders(f *testing.F) {
	for _, s := range []string{"1", "1-2", "0", "2-1", "1-255", "1-256", "-", "zf_abc_def", "zf__", "zf_a_b_c", strings.Repeat("1", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := ParseVersions(s); err == nil {
			if again, err := ParseVersions(v.String()); err != nil || again != v || v.Min == 0 || v.Min > v.Max {
				t.Fatalf("%q reads as %v, which reads as %v, %v", s, v, again, err)
			}
			if common, err := v.Common(Versions{1, 3}); err == nil && (common < v.Min || common > v.Max || common > 3) {
				t.Fatalf("%v and 1-3 have %d in common", v, common)
			}
		}
		if id, h, err := SplitToken(s); err == nil && (!strings.HasPrefix(s, "zf_"+id+"_") || h != sha256.Sum256([]byte(s))) {
			t.Fatalf("%q has the id %q", s, id)
		}
	})
}

// FuzzGreet: a server says whatever it likes to the side that dialled. The greeting fails or the link ends, in order.
func FuzzGreet(f *testing.F) {
	welcome := encodeFrame(f, frame{kind: TypeWelcome, payload: []byte(magic + "\x01\x01{}")})
	f.Add(welcome)
	f.Add(encodeFrame(f, frame{kind: TypeWelcome, payload: []byte(magic + "\x02\x02{}")}))
	f.Add(encodeFrame(f, frame{kind: TypeBye, payload: appendBye(nil, ByeError{Reason: ReasonOff})}))
	for _, name := range []string{"deltas", "reports", "topology", "acks", "bye", "state"} {
		b, err := os.ReadFile("testdata/golden/v1/" + name + ".bin")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(bytes.Clone(welcome), b...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		l, w, err := Greet(ctx, replay{bytes.NewReader(b)}, Hello{}, Options{})
		if err != nil {
			return
		}
		if w.Protocol < MinVersion || w.Protocol > MaxVersion {
			t.Fatalf("a link of version %d", w.Protocol)
		}
		if err := l.Run(ctx, discard{}); err == nil || ctx.Err() != nil {
			t.Fatalf("the link ended with %v, %v", err, ctx.Err())
		}
	})
}

// FuzzQuestion reads the bodies of single questions and their answers, from the first octet on. What is read is written
// and read as the same.
func FuzzQuestion(f *testing.F) {
	for _, name := range []string{"names", "branches", "parts", "standings", "state", "deltas"} {
		b, err := os.ReadFile("testdata/golden/v1/" + name + ".bin")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx := t.Context()
		var again bytes.Buffer
		if names, err := ReadNames(ctx, bytes.NewReader(b)); err == nil {
			if err := WriteNames(&again, names); err != nil {
				t.Fatal(err)
			}
			if second, err := ReadNames(ctx, &again); err != nil || len(second) != len(names) || len(names) > MaxNames {
				t.Fatalf("%d names became %d: %v", len(names), len(second), err)
			}
		}
		if q, err := ReadBranches(ctx, bytes.NewReader(b)); err == nil {
			if err := WriteBranches(&again, q); err != nil {
				t.Fatal(err)
			}
			if second, err := ReadBranches(ctx, &again); err != nil || len(second.Branches) != len(q.Branches) || len(q.Branches) > digest.MaxBranches {
				t.Fatalf("%v became %v: %v", q, second, err)
			}
		}
		if parts, err := ReadParts(ctx, bytes.NewReader(b), nil); err == nil {
			if err := WriteParts(&again, parts); err != nil {
				t.Fatal(err)
			}
			if second, err := ReadParts(ctx, &again, nil); err != nil || len(second) != len(parts) {
				t.Fatalf("%v became %v: %v", parts, second, err)
			}
		}
		if standings, err := ReadStandings(ctx, bytes.NewReader(b)); err == nil {
			if err := WriteStandings(&again, standings); err != nil {
				t.Fatal(err)
			}
			if second, err := ReadStandings(ctx, &again); err != nil || len(second) != len(standings) || len(standings) > MaxStandings {
				t.Fatalf("%v became %v: %v", standings, second, err)
			}
		}
		if it, err := ReadState(ctx, bytes.NewReader(b), nil); err == nil {
			if err := WriteState(&again, it); err != nil {
				t.Fatal(err)
			}
			if second, err := ReadState(ctx, &again, nil); err != nil || second.Position != it.Position || second.Delta.Zone != it.Delta.Zone {
				t.Fatalf("%v became %v: %v", it, second, err)
			}
		}
	})
}
