package auth

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func aCode() Code {
	c := NewCode()
	c.Fingerprint[3], c.Expires = 7, time.Unix(1800000000, 0).UTC()
	c.Addresses = []string{"ns1.example.net:2087", "[2001:db8::1]:2087"}
	return c
}

func TestACodeIsReadAsItWasWrittenAndNoOtherText(t *testing.T) {
	c := aCode()
	text := c.Text()
	got, err := ParseCode(" " + text[:40] + "\n  " + text[40:] + "\n")
	if d := cmp.Diff(c, got); d != "" || err != nil {
		t.Fatalf("%v\n%s", err, d)
	}
	if _, err := IDOf(c.TokenText()); !errors.Is(err, ErrMalformed) {
		t.Errorf("a code passes for a token: %v", err)
	}
	if !IsCodeID(c.ID) || IsCodeID(NewID()) {
		t.Error("ids of codes and tokens are not told apart")
	}
	for i := range text {
		for _, wrong := range []string{text[:i], text[:i] + "A" + text[i+1:], text[:i] + text[i+1:]} {
			if _, err := ParseCode(wrong); err == nil && wrong != text {
				t.Fatalf("%q was taken", wrong)
			}
		}
	}
	for _, wrong := range []string{"", "zfjoin-", "zf_aaa_bbb", strings.Repeat("zfjoin-", 1000)} {
		if _, err := ParseCode(wrong); !errors.Is(err, ErrCode) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add(aCode().Text())
	f.Add("zfjoin-AQ")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCode(text)
		if err != nil {
			return
		}
		again, err := ParseCode(c.Text())
		if d := cmp.Diff(c, again); d != "" || err != nil {
			t.Errorf("%v\n%s", err, d)
		}
	})
}
