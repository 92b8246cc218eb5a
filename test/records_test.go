package test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/miekg/dns"
)

// oneToEdit is a server with a zone.
func oneToEdit(t *testing.T) *server {
	t.Helper()
	web := startServer(t, "web.zonefleet.test")
	web.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	return web
}

// Three records are changed, added and deleted in a draft, reviewed with their difference, and saved by the second click.
func TestThreeRecordsAreChangedWithReview(t *testing.T) {
	web := oneToEdit(t)
	b := openBrowser(t, web)
	b.signIn()
	b.open("/zones/example.com")
	b.shows("#records .count", "4 records")
	b.mayAnswer(422)

	b.do(chromedp.Click("a[aria-label='Edit www A 192.0.2.1']"), chromedp.WaitVisible("tr.open #f-d0"))
	b.do(chromedp.SetValue("#f-d0", "192.0.2.300"), chromedp.Click("tr.open button.main"))
	b.shows("#f-d0-error", "is not an IPv4 address")
	b.do(chromedp.SetValue("#f-d0", "192.0.2.9"), chromedp.Click("tr.open button.main"))
	b.shows("tr.added", "192.0.2.9")
	b.shows("tr.deleted", "192.0.2.1")

	b.do(chromedp.Click("#add-record"), chromedp.WaitVisible("tr.open #f-type"))
	b.do(chromedp.SetValue("#f-name", "@"))
	b.choose("#f-type", "MX")
	b.do(chromedp.WaitVisible("#f-d1"), chromedp.SetValue("#f-d0", "10"), chromedp.SetValue("#f-d1", "mail.example.net"), chromedp.Click("tr.open button.main"))
	b.shows(".draftbar", "2 changes not saved.")
	b.do(chromedp.Click("button[aria-label='Delete @ A 192.0.2.1']"))
	b.shows(".draftbar", "3 changes not saved.")
	web.answers("www.example.com", dns.TypeA, "192.0.2.1") // nothing is saved

	b.do(chromedp.Click("#review"))
	b.shows("h2", "Review changes")
	b.shows(".diff", "10 mail.example.net.")
	b.shows(".diff", "192.0.2.9")
	b.do(chromedp.SetValue("#f-reason", "server moved"), chromedp.Click("#do-save"))
	b.shows(".notice", "Saved: 3 RRsets changed")
	web.answers("www.example.com", dns.TypeA, "192.0.2.9")
	web.answers("example.com", dns.TypeMX, "10 mail.example.net.")
	if out := web.run("zone", "history", "example.com"); !strings.Contains(out, "server moved") {
		t.Errorf("the reason is not in the history:\n%s", out)
	}
}

// A policy for mail is made in its form, and the contact of the SOA is changed as an address. A record that is open gets
// another type, and keeps what was written in it until it is saved.
func TestDMARCAndSOAHaveFormsOfTheirOwn(t *testing.T) {
	web := oneToEdit(t)
	b := openBrowser(t, web)
	b.signIn()
	b.open("/zones/example.com")
	b.do(chromedp.Click("#quick a[aria-label='Add DMARC']"), chromedp.WaitVisible("tr.open #f-dmarc-p"))
	b.do(chromedp.SetValue("#f-dmarc-p", "reject"), chromedp.SetValue("#f-dmarc-rua", "dmarc@example.com"), chromedp.Click("tr.open button.main"))
	b.shows("tr.added", "v=DMARC1; p=reject; rua=mailto:dmarc@example.com")
	b.do(chromedp.Click("tr.added .acts a"), chromedp.WaitVisible("tr.open #f-dmarc-p"))
	b.choose("#f-type", "TXT")
	b.do(chromedp.WaitVisible("tr.open textarea#f-d0"), chromedp.SetValue("textarea#f-d0", "v=DMARC1; p=reject; rua=mailto:dmarc@example.com; np=reject"))
	b.choose("#f-type", "DMARC")
	b.do(chromedp.WaitVisible("tr.open #f-dmarc-more"), chromedp.Click("tr.open button.main"))
	b.shows("tr.added", "p=reject; rua=mailto:dmarc@example.com; np=reject")

	b.do(chromedp.Click("a[aria-label^='Edit @ SOA']"), chromedp.WaitVisible("tr.open #f-d1"))
	b.do(chromedp.SetValue("#f-d1", "dns.admin@example.net"), chromedp.Click("tr.open button.main"))
	b.do(chromedp.Click("#review"), chromedp.SetValue("#f-reason", "policy"), chromedp.Click("#do-save"))
	b.shows(".notice", "Saved: 2 RRsets changed")
	if out := web.run("record", "list", "example.com"); !containsAll(out, `dns\.admin.example.net.`, `"v=DMARC1; p=reject; rua=mailto:dmarc@example.com; np=reject"`) {
		t.Errorf("the zone has\n%s", out)
	}
}

// Somebody else edits while a draft is open: other records are merged and shown; the same record is a clash, with both
// values, and a person chooses.
func TestAnEditByAnotherMeanwhile(t *testing.T) {
	web := oneToEdit(t)
	b := openBrowser(t, web)
	b.mayAnswer(409)
	b.signIn()
	b.open("/zones/example.com")
	b.do(chromedp.Click("a[aria-label='Edit www A 192.0.2.1']"), chromedp.WaitVisible("tr.open #f-d0"))
	b.do(chromedp.SetValue("#f-d0", "192.0.2.9"), chromedp.Click("tr.open button.main"))
	b.shows(".draftbar", "1 change not saved.")

	web.run("record", "set", "example.com", "other", "300", "A", "192.0.2.50", "--reason", "a new machine")
	b.do(chromedp.Click("#review"))
	b.shows(".review", "Meanwhile changed by others, and kept")
	b.shows(".review", "a new machine")

	// Between the look and the save.
	web.run("record", "set", "example.com", "www", "300", "A", "192.0.2.60")
	b.do(chromedp.Click("#do-save"))
	b.shows(".review .notice", "Nothing was saved")
	b.shows("#settle", "192.0.2.60")
	b.shows("#settle", "192.0.2.9")
	b.do(chromedp.Click("#settle input[value=both]"), chromedp.Click("#settle button"))
	b.shows(".diff", "192.0.2.9")
	b.do(chromedp.Click("#do-save"))
	b.shows(".notice", "Saved: 1 RRset changed")
	web.answers("www.example.com", dns.TypeA, "192.0.2.9", "192.0.2.60")
	web.answers("other.example.com", dns.TypeA, "192.0.2.50")
}

// The zone file on the same draft, with what is wrong said at its line.
func TestTheZoneFileInTheBrowser(t *testing.T) {
	web := oneToEdit(t)
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.withoutScripts()
	b.signIn()
	b.open("/zones/example.com")
	b.do(chromedp.Click("#add-record"), chromedp.WaitVisible("tr.open #f-name"))
	b.do(chromedp.SetValue("#f-name", "new"), chromedp.SetValue("#f-d0", "192.0.2.7"), chromedp.Click("tr.open button.main"))
	b.shows(".draftbar", "1 change not saved.")
	b.open("/zones/example.com/raw")
	text, err := chromedp.Run(b.ctx, chromedp.Value("#f-text"))
	if err != nil || !strings.Contains(text, "new\t14400\tIN\tA\t192.0.2.7") {
		t.Fatalf("the draft is not in the text: %v\n%s", err, text)
	}
	b.do(chromedp.SetValue("#f-text", text+"bad IN A 192.0.2\nmore 60 IN TXT \"x\"\n"), chromedp.Click("form.stack button.main"))
	b.shows(".notice.act", "bad IN A 192.0.2")
	b.do(chromedp.SetValue("#f-text", text+"more 60 IN TXT \"x\"\n"), chromedp.Click("form.stack button.main"))
	b.shows(".diff", `"x"`)
	b.shows(".diff", "192.0.2.7")
	b.do(chromedp.Click("#do-save"))
	b.shows(".notice", "Saved: 2 RRsets changed")
	web.answers("new.example.com", dns.TypeA, "192.0.2.7")
}

// Every server is asked the same question; what one answers otherwise is marked.
func TestEveryServerIsAskedInTheBrowser(t *testing.T) {
	web, ns1 := twoToShow(t)
	b := openBrowser(t, web)
	b.signIn()
	b.open("/zones/example.com/servers?name=www&type=A")
	b.shows("#answers", ns1.name)
	b.shows("main", "All 2 servers answer the same")
	cut(web, ns1)
	web.run("record", "set", "example.com", "www", "300", "A", "192.0.2.9")
	b.do(chromedp.Click(".filters button.main"))
	b.shows("main", "The answers differ")
	b.shows("tr.differs", ns1.name)
	b.open("/drift")
	b.shows("main", ns1.name)
}
