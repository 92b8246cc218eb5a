package test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/miekg/dns"
)

// A token for ACME is made in the page and used over REST: it sets and deletes its challenge, and can do nothing else; then
// it is revoked.
func TestATokenForACMEIsMadeInThePage(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	web.has("example.com")
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.signIn()
	b.open("/tokens")
	b.do(chromedp.Click("a[href='/tokens/new?for=acme']"))
	b.shows("h1", "New API token")
	b.do(chromedp.SendKeys("#f-name", "no blanks"), chromedp.Click("form button.main"))
	b.shows("#f-name-error", "letters, digits")
	b.do(chromedp.SetValue("#f-name", "certbot"), chromedp.SetValue("#f-names", "www.example.com"), chromedp.Click("form button.main"))
	b.shows(".notice", "shown only this once")
	token := strings.TrimSpace(b.text("#secret"))

	patch := func(name, op string) string {
		t.Helper()
		out, err := exec.Command("curl", "-sk", "-X", "PATCH", "-H", "Authorization: Bearer "+token, "-H", "Content-Type: application/json",
			"https://"+web.https+"/api/v1/zones/example.com?wait=all",
			"-d", fmt.Sprintf(`{"operations":[{"op":%q,"name":%q,"ttl":60,"type":"TXT","data":["proof"]}]}`, op, name)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if out := patch("_acme-challenge.www", "set"); !strings.Contains(out, `"changed":true`) {
		t.Errorf("the challenge is answered %s", out)
	}
	web.answers("_acme-challenge.www.example.com", dns.TypeTXT, `"proof"`)
	if out := patch("_acme-challenge.mail", "set"); !strings.Contains(out, `"code":"denied"`) {
		t.Errorf("another name is answered %s", out)
	}
	if out := patch("_acme-challenge.www", "delete"); !strings.Contains(out, `"changed":true`) {
		t.Errorf("the deletion is answered %s", out)
	}

	b.do(chromedp.Click("a[href='/tokens']"))
	b.shows("#tokens", "TXT at _acme-challenge.www.example.com")
	b.do(chromedp.Click("a[aria-label='Revoke certbot']"), chromedp.WaitVisible("button.danger"), chromedp.Click("button.danger"))
	b.shows(".notice", "The token certbot is revoked.")
	if out := patch("_acme-challenge.www", "set"); !strings.Contains(out, `"unauthenticated"`) {
		t.Errorf("a revoked token is answered %s", out)
	}
}

// Settings are saved, the next zone has them, and a test mail is sent; then the log is filtered, and shows what happens.
func TestSettingsAndLogInThePage(t *testing.T) {
	port, mails := mailbox(t)
	web := startServer(t, "web.zonefleet.test")
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.signIn()
	b.shows("#threshold", "No mail server and no webhook is set up, so nobody is told.")
	b.open("/settings")
	b.do(chromedp.SetValue("#f-nameservers", "ns1.example.com 192.0.2.53 2001:db8::53\nns2.example.net"), chromedp.SetValue("#f-refresh", "7200"),
		chromedp.Click("form[action='/settings/new-zones'] button"))
	b.shows(".notice", "The settings for new zones are saved.")
	web.run("zone", "create", "example.com")
	web.answers("ns1.example.com", dns.TypeA, "192.0.2.53")
	if out := web.run("zone", "export", "example.com"); !containsAll(out, "7200", "2001:db8::53", "ns2.example.net") {
		t.Errorf("the new zone is\n%s", out)
	}

	b.do(chromedp.SetValue("#f-contacts", "root@example.com"), chromedp.SetValue("#f-host", "127.0.0.1"), chromedp.SetValue("#f-port", port),
		chromedp.SetValue("#f-security", "none"), chromedp.Click("form[action='/settings/notifications'] button"))
	b.shows(".notice", "Notification is saved.")
	b.do(chromedp.Click("#send-test"))
	b.shows(".notice", "The test was sent.")
	if found := mails.with("a test"); len(found) != 1 || !containsAll(found[0], "To: <root@example.com>", "notifications of this server arrive") {
		t.Errorf("the mail is %q", found)
	}
	b.open("/")
	b.shows("#threshold", "By mail or webhook, as the settings say.")

	b.open("/log?level=info")
	b.shows("#log", "settings of notification changed")
	web.run("token", "create", "--name", "seen-live")
	b.shows("#log", "seen-live") // without a reload
	b.do(chromedp.SetValue("#f-level", "warning"), chromedp.Click(".filters button"))
	b.shows("#log", "No event here that the filter names.")
	b.open("/log/cluster")
	b.shows("#log", "no member is in debug mode")
}
