package wire

import (
	"bytes"
	"errors"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestPageOfTheLargestSizeTravels(t *testing.T) {
	names := make([]zone.Name, MaxNames)
	h := Heads{Heads: make([]Head, MaxHeads), Next: example}
	for i := range names {
		names[i], h.Heads[i] = example, Head{Zone: example, Position: uint64(i), ETag: "ab12", Owner: "root", Home: "web1.example.net SHA256:ab"}
	}
	var b bytes.Buffer
	if err := WriteNames(&b, names); err != nil || b.Len() > MaxQuestion {
		t.Errorf("%d octets of names, %v", b.Len(), err)
	}
	if got, err := ReadNames(t.Context(), &b); err != nil || len(got) != MaxNames {
		t.Errorf("%d names, %v", len(got), err)
	}
	if err := WriteHeads(&b, h); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadHeads(t.Context(), &b); err != nil || len(got.Heads) != MaxHeads || got.Next != example {
		t.Errorf("%d heads, %v", len(got.Heads), err)
	}
}

func TestMoreThanAPageIsRefused(t *testing.T) {
	var b bytes.Buffer
	if err := WriteNames(&b, make([]zone.Name, MaxNames+1)); err != nil { // empty names are no names either
		t.Fatal(err)
	}
	if _, err := ReadNames(t.Context(), &b); !errors.Is(err, ErrProtocol) {
		t.Errorf("names: %v", err)
	}
}

func TestAnswerToAFetchIsOneWholeState(t *testing.T) {
	var b bytes.Buffer
	if err := WriteState(&b, change(example, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadState(t.Context(), &b, nil); !errors.Is(err, ErrProtocol) {
		t.Errorf("a delta was taken for a state: %v", err)
	}
}

func TestVersionsAsText(t *testing.T) {
	for text, want := range map[string]Versions{"1": {1, 1}, "1-3": {1, 3}, "255": {255, 255}} {
		v, err := ParseVersions(text)
		if err != nil || v != want || v.String() != text {
			t.Errorf("%q: %v, %v", text, v, err)
		}
	}
	for _, text := range []string{"", "0", "0-1", "2-1", "256", "1-", "-1", "1-2-3", "x", " 1"} {
		if v, err := ParseVersions(text); !errors.Is(err, ErrProtocol) {
			t.Errorf("%q: %v, %v", text, v, err)
		}
	}
}

func TestTokenIsSplitAtItsId(t *testing.T) {
	id, h, err := SplitToken("zf_abc_de_f")
	if _, whole, _ := SplitToken("zf_abc_de_g"); id != "abc" || err != nil || h == whole {
		t.Errorf("id %q, %v", id, err)
	}
	for _, text := range []string{"", "zf_", "zf_abc", "zf__secret", "zf_abc_", "xx_abc_def"} {
		if _, _, err := SplitToken(text); !errors.Is(err, ErrMalformedToken) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
