package wire

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestPageOfTheLargestSizeTravels(t *testing.T) {
	names := make([]zone.Name, MaxNames)
	for i := range names {
		names[i] = example
	}
	var b bytes.Buffer
	if err := WriteNames(&b, names); err != nil || b.Len() > MaxQuestion {
		t.Errorf("%d octets of names, %v", b.Len(), err)
	}
	if got, err := ReadNames(t.Context(), &b); err != nil || len(got) != MaxNames {
		t.Errorf("%d names, %v", len(got), err)
	}
	// Each zone in a home of its own is the largest answer about digests, of which a page keeps a whole branch.
	parts := []digest.Part{{Below: make([]digest.Known, 200_000)}}
	for i := range parts[0].Below {
		parts[0].Below[i] = digest.Known{Branch: digest.Branch{Level: digest.Home, Group: digest.Group{Home: fmt.Sprintf("web%d.example.net SHA256:ab", i)}}}
	}
	if err := WriteParts(&b, parts); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadParts(t.Context(), &b, nil); err != nil || len(got) != 1 || len(got[0].Below) != 200_000 {
		t.Errorf("%d parts, %v", len(got), err)
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
