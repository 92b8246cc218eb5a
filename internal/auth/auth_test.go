package auth_test

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
)

// book is tokens in memory.
type book map[string]auth.Token

func (b book) Token(_ context.Context, id string) (auth.Token, error) {
	t, ok := b[id]
	if !ok {
		return t, auth.ErrUnknown
	}
	return t, nil
}

func (b book) Account(_ context.Context, user string) (auth.Account, error) {
	if user != "root" {
		return auth.Account{}, auth.ErrNobody
	}
	return auth.Account{}, nil
}

var now = time.Date(2026, 9, 21, 12, 0, 0, 0, time.UTC)

func TestATokenIsVerifiedByItsWholeText(t *testing.T) {
	id, text, hash := auth.Generate()
	api := auth.Token{ID: id, Name: "deploy", Kind: auth.KindAPI, User: "root", Hash: hash}
	other, otherText, _ := auth.Generate()
	here := netip.MustParseAddr("192.0.2.7")
	for title, c := range map[string]struct {
		text   string
		change func(*auth.Token)
		err    error
	}{
		"right":                      {text: text},
		"unknown":                    {text: otherText, err: auth.ErrUnknown},
		"another's secret":           {text: strings.Replace(otherText, other, id, 1), err: auth.ErrWrong},
		"revoked":                    {text: text, change: func(t *auth.Token) { t.Revoked = true }, err: auth.ErrRevoked},
		"expired":                    {text: text, change: func(t *auth.Token) { t.Expires = now }, err: auth.ErrExpired},
		"not yet expired":            {text: text, change: func(t *auth.Token) { t.Expires = now.Add(1) }},
		"from elsewhere":             {text: text, change: addresses("198.51.100.0/24"), err: auth.ErrAddress},
		"from a listed address":      {text: text, change: addresses("198.51.100.0/24", "192.0.2.7/32")},
		"a wrong one also revoked":   {text: strings.Replace(otherText, other, id, 1), change: func(t *auth.Token) { t.Revoked = true }, err: auth.ErrWrong},
		"nothing":                    {text: "", err: auth.ErrMalformed},
		"an id alone":                {text: "zf_" + id, err: auth.ErrMalformed},
		"one character less":         {text: text[:len(text)-1], err: auth.ErrMalformed},
		"one character more":         {text: text + "A", err: auth.ErrMalformed},
		"a character that is none":   {text: text[:len(text)-1] + "!", err: auth.ErrMalformed},
		"the prefix of another kind": {text: "xx" + text[2:], err: auth.ErrMalformed},
	} {
		kept := api
		if c.change != nil {
			c.change(&kept)
		}
		v := auth.Verifier{Book: book{id: kept}, Now: func() time.Time { return now }}
		p, err := v.Verify(context.Background(), c.text, here)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", title, err, c.err)
		}
		if err == nil && (p.User != "root" || !p.Root || p.TokenID != id || p.Kind != acl.KindAPI || p.From != "192.0.2.7") {
			t.Errorf("%s: the principal is %+v", title, p)
		}
		if err != nil && !reflect.DeepEqual(p, acl.Principal{}) {
			t.Errorf("%s: a refusal comes with the principal %+v", title, p)
		}
		if secret := text[len(text)-43:]; err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the secret is in the error", title)
		}
	}
}

func addresses(list ...string) func(*auth.Token) {
	return func(t *auth.Token) {
		for _, p := range list {
			t.Addresses = append(t.Addresses, netip.MustParsePrefix(p))
		}
	}
}

func TestAMembersTokenIsNeverRoot(t *testing.T) {
	id, text, hash := auth.Generate()
	grant := cluster.Grant{Kind: cluster.Relay, User: "root"}
	v := auth.Verifier{Now: time.Now, Book: book{id: {ID: id, Kind: auth.KindMember, User: "root", Hash: hash, Grant: grant}}}
	p, err := v.Verify(context.Background(), text, netip.MustParseAddr("::ffff:192.0.2.7"))
	if err != nil || p.Root || p.Kind != acl.KindMember || p.Grant != grant {
		t.Errorf("the principal is %+v, %v", p, err)
	}
	kept, p, err := v.HashFor(context.Background(), id, netip.MustParseAddr("192.0.2.7"))
	if err != nil || kept != auth.HashOf(text) || p.Grant != grant {
		t.Errorf("for a proof: %x, %+v, %v", kept, p, err)
	}
}

func TestTheRootFileIsForItsOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"zf_first", "zf_second"} {
		if err := auth.WriteRootFile(dir, text); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, auth.RootFile)); err != nil || string(got) != text+"\n" {
			t.Fatalf("read %q, %v", got, err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, auth.RootFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
	if err := auth.WriteRootFile(filepath.Join(dir, "missing"), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}

func FuzzIDOf(f *testing.F) {
	_, text, _ := auth.Generate()
	f.Add(text)
	f.Add("zf_aaaaaaaaaa_" + strings.Repeat("A", 43))
	f.Add("zf__")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := auth.IDOf(text)
		if err == nil && !strings.HasPrefix(text, "zf_"+id+"_") {
			t.Errorf("%q has the id %q", text, id)
		}
	})
}
