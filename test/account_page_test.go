package test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/zonefleet/zonefleet/internal/auth"
)

// Somebody changes the password, ends another session, sets an authenticator up, signs in with its code and with a recovery
// code, and removes it. Meanwhile Basic is refused, and a token works on.
func TestMyAccountInThePage(t *testing.T) {
	const first, second = "A-first-pass-phrase-1", "A-second-pass-phrase-2"
	web := startServer(t, "web.zonefleet.test")
	web.run("user", "add", "ann", "--privileges", "edit-dns,manage-api-tokens")
	web.password("ann", first)
	basic := func(password string) int {
		status, _ := newVisitor(t, web, "ann", func(r *http.Request) { r.SetBasicAuth("ann", password) }).asks(t, http.MethodGet, "/api/v1/zones", nil)
		return status
	}
	if status := basic(first); status != http.StatusOK {
		t.Fatalf("Basic with the password is answered %d", status)
	}
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.mayAnswer(401) // of the page that asks for a code
	b.open("/signin")
	signIn := func(password string) {
		t.Helper()
		b.do(chromedp.SetValue("#f-user", "ann"), chromedp.SetValue("#f-password", password), chromedp.Click("button.main"))
	}
	signIn(first)
	b.do(chromedp.WaitVisible("header .who"))

	b.open("/account")
	b.do(chromedp.Click("a[href='/password']"), chromedp.WaitVisible("#f-old"), chromedp.SetValue("#f-old", "wrong"), chromedp.SetValue("#f-password", second), chromedp.SetValue("#f-again", second), chromedp.Click("button.main"))
	b.shows(".notice", "old password")
	b.do(chromedp.SetValue("#f-old", first), chromedp.SetValue("#f-password", second), chromedp.SetValue("#f-again", second), chromedp.Click("main button.main"))
	b.shows(".notice", "The password is set.")
	if status := basic(first); status != http.StatusUnauthorized {
		t.Errorf("the old password is answered %d", status)
	}

	b.open("/account")
	b.do(chromedp.Click("form[action='/account/code/new'] button"), chromedp.WaitVisible("svg.qr"))
	secret, err := auth.ParseTOTP(b.text("#totp-secret"))
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetValue("#f-code", "000000"), chromedp.Click("form[action='/account/code'] button"))
	b.shows(".notice", "not the one of this moment")
	b.do(chromedp.WaitVisible("svg.qr"), chromedp.SetValue("#f-code", secret.Code(time.Now())), chromedp.Click("form[action='/account/code'] button"))
	b.shows("#recovery", "-")
	recovery := strings.Fields(b.text("#recovery"))
	if len(recovery) != 10 {
		t.Fatalf("%d recovery codes: %q", len(recovery), recovery)
	}
	if status := basic(second); status != http.StatusUnauthorized {
		t.Errorf("Basic of somebody with an authenticator is answered %d", status)
	}

	b.do(chromedp.Click("header .menu summary"), chromedp.Click("form[action='/signout'] button"), chromedp.WaitVisible("#f-user"))
	signIn(second)
	b.do(chromedp.WaitVisible("#f-code"), chromedp.SetValue("#f-password", second), chromedp.SetValue("#f-code", recovery[0]), chromedp.Click("button.main"))
	b.do(chromedp.WaitVisible("header .who"))
	b.do(chromedp.Click("header .menu summary"), chromedp.Click("form[action='/signout'] button"), chromedp.WaitVisible("#f-user"))
	signIn(second)
	// The next step's code: that of this one may have been used to confirm.
	b.do(chromedp.WaitVisible("#f-code"), chromedp.SetValue("#f-password", second), chromedp.SetValue("#f-code", secret.Code(time.Now().Add(30*time.Second))), chromedp.Click("button.main"))
	b.do(chromedp.WaitVisible("header .who"))

	other := openBrowser(t, web)
	link := strings.TrimSpace(web.run("user", "link", "ann"))
	other.visit(link)
	other.do(chromedp.WaitVisible("header .who"))
	b.open("/account")
	b.shows("main", "9 recovery codes are left")
	b.shows("tbody", "link")
	b.do(chromedp.Click("button[aria-label*='by link']"))
	b.shows(".notice", "The session is ended.")
	other.mayAnswer(401)
	other.visit("https://" + web.https + "/account")
	other.do(chromedp.WaitVisible("#f-user"))

	b.open("/account")
	b.do(chromedp.SetValue("#f-code", recovery[0]), chromedp.Click("form[action='/account/code/remove'] button"))
	b.shows(".notice", "the code is wrong")
	b.do(chromedp.SetValue("#f-code", recovery[1]), chromedp.Click("form[action='/account/code/remove'] button"))
	b.shows(".notice", "without a code")
	if status := basic(second); status != http.StatusOK {
		t.Errorf("Basic without an authenticator is answered %d", status)
	}
}
