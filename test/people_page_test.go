package test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/zonefleet/zonefleet/internal/auth"
)

// A reseller is made in the page with a saved list of privileges, edited, gets unique DNS clustering, and is deleted.
func TestResellersInThePage(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.signIn()
	b.open("/resellers")
	b.do(chromedp.SetValue("#f-name", "hosting"), chromedp.Click("#f-may-edit-dns"), chromedp.Click("#f-may-clustering"), chromedp.Click("button[formaction='/resellers/lists']"))
	b.shows(".notice", "The list hosting is saved.")
	b.shows("#lists", "hosting")

	b.do(chromedp.SetValue("#f-name", "Not A Name"), chromedp.SetValue("#f-contact", "bob@example.com"), chromedp.Click("form[action='/resellers'] button.main"))
	b.shows(".notice", "small letters")
	if typed, err := chromedp.Run(b.ctx, chromedp.Value("#f-contact")); err != nil || typed != "bob@example.com" {
		t.Errorf("what was typed in is %q now, %v", typed, err)
	}
	b.do(chromedp.SetValue("#f-name", "bob"), chromedp.SetValue("#f-list", "hosting"), chromedp.Click("form[action='/resellers'] button.main"))
	b.shows("h1", "bob")
	b.shows(".heading", "reseller of root")
	if out := web.run("user", "show", "bob"); !containsAll(out, "edit-dns", "clustering", "bob@example.com") {
		t.Errorf("the reseller is\n%s", out)
	}
	b.do(chromedp.Click("#f-may-create-dns"), chromedp.Click("form.stack button.main"))
	b.shows(".notice", "Saved.")
	b.do(chromedp.SetValue("#f-nameservers", "ns1.bob.example 192.0.2.7"), chromedp.Click("#f-nameservers"), chromedp.Submit("#f-nameservers"))
	b.shows(".notice", "Saved.")

	b.do(chromedp.Click("a[href='/resellers/bob/unique']"))
	b.shows("h1", "Enable unique DNS clustering for accounts owned by bob?")
	b.do(chromedp.Click("form.actions button"))
	b.shows("#unique", "It is enabled")
	b.do(chromedp.Click("a[href='/resellers/bob/unique']"))
	b.shows(".confirm", "The zones of these accounts go to the servers of root")
	b.do(chromedp.Click("form.actions button"))
	b.shows("#unique", "It is disabled")
	if out := web.run("user", "show", "bob"); !containsAll(out, "create-dns", "ns1.bob.example") {
		t.Errorf("the reseller is\n%s", out)
	}

	b.open("/resellers")
	b.do(chromedp.Click("a[href='/resellers/lists/hosting/delete']"))
	b.shows("h1", "Delete the list hosting?")
	b.do(chromedp.Click("button.danger"))
	b.shows(".notice", "The list hosting is deleted.")
	b.do(chromedp.Click("a[href='/resellers/bob']"))
	b.shows("h1", "bob")
	b.do(chromedp.Click("a[href='/resellers/bob/delete']"), chromedp.WaitVisible("button.danger"), chromedp.Click("button.danger"))
	b.shows(".notice", "User bob is deleted.")
}

// Over HTTP: with an authenticator a password is not enough and a token is; the authenticator is removed with a code, by a
// token too, and by root without one.
func TestAnAuthenticatorOverHTTP(t *testing.T) {
	const password = "A-good-pass-phrase-1"
	s := startServer(t, "web.zonefleet.test")
	s.run("user", "add", "ann", "--privileges", "edit-dns,manage-api-tokens")
	s.password("ann", password)
	basic := newVisitor(t, s, "ann", func(r *http.Request) { r.SetBasicAuth("ann", password) })
	asks := func(v *visitor, method, path string, doc any, want int, out any) {
		t.Helper()
		var body []byte
		if doc != nil {
			body, _ = json.Marshal(doc)
		}
		status, text := v.asks(t, method, path, body)
		if status != want {
			t.Fatalf("%s %s is answered %d %s, want %d", method, path, status, text, want)
		}
		if out != nil {
			_, body, _ := strings.Cut(text, "{") // behind the headers
			if err := json.NewDecoder(strings.NewReader("{" + body)).Decode(out); err != nil {
				t.Fatal(err)
			}
		}
	}
	var made struct{ Token string }
	asks(basic, http.MethodPost, "/api/v1/tokens", map[string]any{"name": "deploy"}, http.StatusCreated, &made)
	token := newVisitor(t, s, "deploy", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+made.Token) })
	setUp := func() (secret auth.TOTP, recovery []string) {
		t.Helper()
		var offer struct {
			Secret   string
			Recovery []string `json:"recovery_codes"`
		}
		asks(basic, http.MethodPost, "/api/v1/users/ann/totp", map[string]string{}, http.StatusOK, &offer)
		secret, err := auth.ParseTOTP(offer.Secret)
		if err != nil {
			t.Fatal(err)
		}
		asks(basic, http.MethodPost, "/api/v1/users/ann/totp", map[string]string{"secret": offer.Secret, "code": secret.Code(time.Now())}, http.StatusOK, &offer)
		return secret, offer.Recovery
	}
	_, recovery := setUp()
	asks(basic, http.MethodGet, "/api/v1/zones", nil, http.StatusUnauthorized, nil)
	asks(token, http.MethodGet, "/api/v1/zones", nil, http.StatusOK, nil)
	asks(token, http.MethodPost, "/api/v1/users/ann/totp", map[string]string{}, http.StatusForbidden, nil)
	asks(token, http.MethodDelete, "/api/v1/users/ann/totp", nil, http.StatusForbidden, nil)
	asks(token, http.MethodDelete, "/api/v1/users/ann/totp", map[string]string{"code": "000000"}, http.StatusBadRequest, nil)
	asks(token, http.MethodDelete, "/api/v1/users/root/totp", map[string]string{"code": recovery[0]}, http.StatusNotFound, nil)
	asks(token, http.MethodDelete, "/api/v1/users/ann/totp", map[string]string{"code": recovery[0]}, http.StatusNoContent, nil)
	asks(basic, http.MethodGet, "/api/v1/zones", nil, http.StatusOK, nil)

	setUp()
	s.run("user", "remove-code", "ann")
	asks(basic, http.MethodGet, "/api/v1/zones", nil, http.StatusOK, nil)
}
