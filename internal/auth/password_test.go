package auth

import (
	"context"
	"encoding/base32"
	"strings"
	"testing"
	"time"
)

func TestAPasswordIsVerifiedByWhatIsKeptOfIt(t *testing.T) {
	h, ctx := NewHasher(), context.Background()
	const password = "correct horse battery"
	kept, err := h.Hash(ctx, password)
	if err != nil || !strings.HasPrefix(kept, "$argon2id$v=19$m=47104,t=1,p=1$") || strings.Contains(kept, password) {
		t.Fatalf("%q, %v", kept, err)
	}
	again, err := h.Hash(ctx, password)
	if err != nil || again == kept {
		t.Errorf("the same password is kept the same twice, %v", err)
	}
	for title, c := range map[string]struct {
		kept, password string
		ok             bool
	}{
		"right": {kept, password, true}, "wrong": {kept, password + "x", false}, "empty": {kept, "", false},
		"none is set": {"", password, false}, "none is set, none is given": {"", "", false},
		"other parameters":  {"$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43), password, false},
		"gigabytes":         {"$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzYWx0$" + strings.Repeat("A", 43), password, false},
		"megabytes to hash": {kept, strings.Repeat("x", 1<<20), false},
	} {
		if ok, err := h.Verify(ctx, c.kept, c.password); ok != c.ok || err != nil {
			t.Errorf("%s: %v, %v", title, ok, err)
		}
	}
}

func TestHashingWaitsForItsTurn(t *testing.T) {
	h := NewHasher()
	for range hashedAtOnce {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.Hash(ctx, "correct horse battery"); err == nil {
		t.Error("more are hashed at once than there is memory for")
	}
}

func TestWhatIsNoPassword(t *testing.T) {
	for password, ok := range map[string]bool{
		"ten chars!": true, "äöüäöüäöüß": true, strings.Repeat("xy", 512): true,
		"nine char": false, "": false, strings.Repeat("xy", 513): false, "shopkeeper": false, "ShopKeeper ": false, "aaaaaaaaaaaa": false,
	} {
		if err := CheckPassword("shopkeeper", password); (err == nil) != ok {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// The vectors of RFC 6238 appendix B for SHA-1, cut to six digits.
func TestCodesAreThoseOfTheRFC(t *testing.T) {
	secret := TOTP("12345678901234567890")
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		now := time.Unix(at, 0)
		step, ok := secret.Check(code, now, 0)
		if !ok || step != at/30 {
			t.Errorf("at %d: step %d, %v", at, step, ok)
		}
		if _, ok := secret.Check(code[:3]+" "+code[3:], now.Add(30*time.Second), 0); !ok {
			t.Errorf("at %d, half a minute late: refused", at)
		}
		for title, again := range map[string]bool{
			"a second time": second(secret.Check(code, now, step)), "two minutes late": second(secret.Check(code, now.Add(2*time.Minute), 0)),
			"another": second(secret.Check("000000", now, 0)), "none": second(secret.Check("", now, 0)),
		} {
			if again {
				t.Errorf("at %d, %s: taken", at, title)
			}
		}
	}
}

func second[T any](_ T, ok bool) bool { return ok }

func TestASecretIsReadAsItWasShown(t *testing.T) {
	secret := NewTOTP()
	got, err := ParseTOTP(" " + strings.ToLower(secret.Text()))
	if err != nil || string(got) != string(secret) {
		t.Errorf("%x, %v", got, err)
	}
	if uri := secret.URI("ns1.example.net", "shop"); !strings.Contains(uri, "secret="+base32.StdEncoding.EncodeToString(secret)) || !strings.HasPrefix(uri, "otpauth://totp/ns1.example.net:shop?") {
		t.Error(uri)
	}
	for _, wrong := range []string{"", "ABCD", secret.Text() + "A", "not a secret"} {
		if _, err := ParseTOTP(wrong); err == nil {
			t.Errorf("%q is a secret", wrong)
		}
	}
}

func TestARecoveryCodeIsTakenHoweverItIsTyped(t *testing.T) {
	codes, hashes := NewRecovery()
	if len(codes) != 10 || len(hashes) != 10 {
		t.Fatalf("%d codes", len(codes))
	}
	for i, c := range codes {
		if len(c) != 19 || RecoveryHash(strings.ToUpper(strings.ReplaceAll(c, "-", " "))) != hashes[i] {
			t.Errorf("%q", c)
		}
	}
}
