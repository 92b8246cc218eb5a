package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/control"
)

// Three tokens: one that works, one that ends soon, one that has ended.
func (b *book) ListTokens(context.Context, acl.Principal) ([]auth.Token, error) {
	day := func(n int) time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	return []auth.Token{
		{ID: "aaaaaaaaaa", Name: "deploy", Kind: auth.KindAPI, User: "root", Created: day(-400)},
		{ID: "bbbbbbbbbb", Name: "soon", Kind: auth.KindAPI, User: "root", Created: day(-10), Expires: day(5), Scope: acl.Scope{Names: "_acme-challenge.*", Types: "TXT"}},
		{ID: "cccccccccc", Name: "over", Kind: auth.KindMember, User: "root", Created: day(-10), Expires: day(-5)},
	}, b.err
}

func (b *book) ShowToken(ctx context.Context, p acl.Principal, id string) (auth.Token, error) {
	all, err := b.ListTokens(ctx, p)
	return all[1], err
}

func (b *book) CreateToken(_ context.Context, _ acl.Principal, r control.TokenRequest) (control.NewToken, error) {
	if r.Name == "taken" {
		return control.NewToken{}, &control.Error{Code: control.CodeExists, Subject: r.Name, Message: "there is a token of that name already"}
	}
	return control.NewToken{Text: "zf_shown_once", Token: auth.Token{ID: "dddddddddd", Name: r.Name, Kind: r.Kind, Scope: r.Scope, Privileges: r.Privileges, Expires: r.Expires, Addresses: r.Addresses}}, b.err
}

func (b *book) EditToken(_ context.Context, _ acl.Principal, e control.TokenEdit) (auth.Token, error) {
	b.token = e
	return auth.Token{}, b.err
}

func (b *book) RevokeToken(context.Context, acl.Principal, string) error { return b.err }

func (b *book) RevokeTokens(context.Context, acl.Principal, bool, bool) (control.RevokedTokens, error) {
	return control.RevokedTokens{Programs: 3, Servers: 2}, b.err
}

func (b *book) Unheard(acl.Principal) string { return "there is no contact address, so nobody is told" }

// The box that asks for notification says when it does nothing.
func TestTheBoxSaysThatNobodyIsTold(t *testing.T) {
	s, _ := server(oneMember())
	if page := text(t, get(s, "/", signedIn(t, s))); !strings.Contains(page, "There is no contact address, so nobody is told. See Settings") {
		t.Error("it does not")
	}
}

func TestTokensThatEndAreMarked(t *testing.T) {
	s, _ := server(oneMember())
	cookie := signedIn(t, s)
	page := text(t, get(s, "/tokens", cookie))
	for _, part := range []string{`class="token busy"`, "In 5 days", `class="token act"`, "Expired", "TXT at _acme-challenge.*", "3 tokens", "/tokens/bbbbbbbbbb/revoke"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	if page = text(t, get(s, "/tokens?q=SOO", cookie)); strings.Contains(page, "deploy") || !strings.Contains(page, "soon") {
		t.Error("the search finds something else")
	}
	if page = text(t, get(s, "/tokens/revoke-all", cookie)); !strings.Contains(page, "Revoke 3 tokens") || !strings.Contains(page, "tokens of servers of the cluster") {
		t.Error("revoking all gives no numbers")
	}
}

func TestATokensSecretIsInOneAnswer(t *testing.T) {
	s, _ := server(oneMember())
	cookie := signedIn(t, s)
	made := post(s, "/tokens", url.Values{"for": {"acme"}, "name": {"certbot"}, "names": {"*\nwww.example.com"}, "expires": {"date"}, "until": {"2027-01-31"}, "from": {"192.0.2.1, 2001:db8::/32"}}, cookie)
	page := text(t, made)
	if made.StatusCode != http.StatusOK || made.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, Cache-Control %q", made.StatusCode, made.Header.Get("Cache-Control"))
	}
	for _, part := range []string{"zf_shown_once", "shown only this once", "TXT at _acme-challenge.*, _acme-challenge.www.example.com"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	for _, path := range []string{"/tokens", "/tokens/bbbbbbbbbb"} {
		if strings.Contains(text(t, get(s, path, cookie)), "zf_shown_once") {
			t.Errorf("%s shows the secret again", path)
		}
	}
}

func TestMistakesInATokenAreSaidBesideTheirFields(t *testing.T) {
	s, _ := server(oneMember())
	cookie := signedIn(t, s)
	for _, c := range []struct {
		field, value, says string
	}{
		{"name", "taken", "There is a token of that name already."},
		{"until", "tomorrow", "Give a day, as 2027-12-31."},
		{"from", "192.0.2.300", "192.0.2.300 is neither an address nor a range"},
		{"names", "", "Give at least one name"},
		{"names", "*.*", "One may be"},
	} {
		form := url.Values{"for": {"acme"}, "name": {"x"}, "names": {"*"}, "expires": {"date"}, "until": {"2027-01-31"}}
		form.Set(c.field, c.value)
		r := post(s, "/tokens", form, cookie)
		if page := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(page), strings.ToLower(c.says)) {
			t.Errorf("%s %q: status %d, without %q", c.field, c.value, r.StatusCode, c.says)
		}
	}
}

// What the form does not say stays, and a token for some records stays one.
func TestATokenIsEdited(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	cookie := signedIn(t, s)
	if r := post(s, "/tokens/bbbbbbbbbb", url.Values{"name": {"certbot"}, "names": {"_acme-challenge.www.example.com"}, "types": {"TXT"}, "expires": {"date"}, "until": {"2026-11-28"}, "from": {""}}, cookie); r.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d: %s", r.StatusCode, text(t, r))
	}
	if e := b.token; *e.Name != "certbot" || e.Expires != nil || len(*e.Addresses) != 0 || e.Scope.Names != "_acme-challenge.www.example.com" {
		t.Errorf("the edit is %+v", e)
	}
}

// As in WHM, the form proposes a day in one year, and a token that never ends until somebody chooses the day.
func TestTheFormOfATokenProposesADayInAYear(t *testing.T) {
	s, _ := server(oneMember())
	if page := text(t, get(s, "/tokens/new", signedIn(t, s))); !strings.Contains(page, `value="2027-11-23"`) {
		t.Errorf("on 2026-11-23 the form is\n%s", page)
	}
}

// All privileges are ticked at first; what is left out the token has not, and none is a mistake.
func TestATokenHasChosenPrivileges(t *testing.T) {
	s, _ := server(oneMember())
	cookie := signedIn(t, s)
	if page := text(t, get(s, "/tokens/new", cookie)); !strings.Contains(page, `id="f-privilege-edit-dns" checked`) {
		t.Error("not all are ticked")
	}
	form := url.Values{"for": {"program"}, "name": {"x"}, "expires": {"never"}, "privilege": {"edit-dns", "status"}}
	if page := text(t, post(s, "/tokens", form, cookie)); !strings.Contains(page, "edit-dns, status") {
		t.Error("the token has others")
	}
	form["privilege"] = []string{"edit-dns", "all"} // somebody unticked the rest
	if r := post(s, "/tokens", form, cookie); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("all among few: %s", r.Status)
	}
	form.Del("privilege")
	if r := post(s, "/tokens", form, cookie); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("none: %s", r.Status)
	}
}
