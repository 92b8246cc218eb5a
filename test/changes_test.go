package test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/miekg/dns"
)

// A change is found, shown with its difference and where it has arrived, and undone after a look at what that does; by
// keyboard alone.
func TestAChangeIsUndoneByKeyboard(t *testing.T) {
	web, ns1 := twoToShow(t)
	web.run("record", "set", "example.com", "www", "300", "A", "192.0.2.9", "--reason", "a mistake", "--wait=all")
	b := openBrowser(t, web)
	b.signIn()
	b.open("/changes")
	b.tabTo("#f-zone")
	b.do(chromedp.KeyEvent("example.com"), chromedp.KeyEvent(kb.Enter))
	b.shows(".changes tbody tr:first-child", "a mistake")
	b.shows(".changes tbody tr:first-child", "2/2 serve it")
	b.tabTo(".changes tbody tr:first-child a[href$='/undo']")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.shows(".diff", "192.0.2.1")
	b.tabTo("form.stack button.main")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.shows(".notice", "of example.com is undone: 1 RRset put back.")
	b.shows("#arrival", "2/2 serve it") // without a reload
	b.shows("#arrival", "ns1.zonefleet.test")
	ns1.answers("www.example.com", dns.TypeA, "192.0.2.1")
}

// Versions of a zone are compared, and one is restored after a look at what that does; or one record of it.
func TestAVersionIsRestored(t *testing.T) {
	web := oneToEdit(t)
	web.run("record", "set", "example.com", "www", "300", "A", "192.0.2.9")
	web.run("record", "set", "example.com", "mail", "300", "A", "192.0.2.25")
	b := openBrowser(t, web)
	b.withoutScripts()
	b.signIn()
	b.open("/zones/example.com/history")
	b.do(chromedp.Click("#compare button"))
	b.shows(".diff", "192.0.2.25")
	b.open("/zones/example.com/history")
	b.do(chromedp.Click("tbody tr:nth-child(3) a[aria-label^='Version after']"))
	b.shows(".diff", "192.0.2.1")
	b.do(chromedp.Click("ul.plain form button"))
	b.shows("h2", "Review changes")
	b.do(chromedp.Click("#do-save"))
	b.shows(".notice", "Saved: 1 RRset changed")
	b.open("/zones/example.com/history")
	b.do(chromedp.Click("tbody tr:nth-child(4) a[aria-label^='Version after']"), chromedp.WaitVisible("button.danger"), chromedp.Click("button.danger"))
	b.shows(".notice", "The zone is as it was after change")
	web.answers("www.example.com", dns.TypeA, "192.0.2.1")
	web.answers("mail.example.com", dns.TypeA)
}

// Two servers write the same records while they are apart; both values are shown, and a person chooses.
func TestAConflictIsChosenInTheBrowser(t *testing.T) {
	a, other := pair(t)
	a.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	other.answers("www.example.com", dns.TypeA, "192.0.2.1")
	cut(a, other)
	a.run("record", "set", "example.com", "www", "300", "A", "192.0.2.10")
	time.Sleep(20 * time.Millisecond) // the other's edit is the later one
	other.run("record", "set", "example.com", "www", "300", "A", "192.0.2.20")
	heal(a, other)
	a.answers("www.example.com", dns.TypeA, "192.0.2.20")
	b := openBrowser(t, a)
	b.signIn()
	b.open("/changes")
	b.shows(".notice", "1 conflict")
	b.do(chromedp.Click(".notice a[href='/conflicts']"))
	b.shows("#conflicts", "192.0.2.10")
	b.shows("#conflicts", "root@"+other.name)
	b.do(chromedp.Click("a[aria-label='Choose for www A of example.com']"), chromedp.WaitVisible("#f-choice-hidden"), chromedp.Click("#f-choice-hidden"), chromedp.Click("#choose button"))
	b.shows(".notice", "The conflict at www A is settled")
	other.answers("www.example.com", dns.TypeA, "192.0.2.10")
	b.open("/conflicts")
	b.shows(".empty", "No conflicts")
}

// What the brake holds is listed with what is in it, and released by the second click.
func TestAHeldChangeIsReleasedInTheBrowser(t *testing.T) {
	web, _, _, names := brakedCluster(t, 40)
	for _, z := range names[:20] {
		_, _ = web.try("zone", "delete", z) // the brake stops it after some
	}
	if held := web.run("change", "held"); !strings.Contains(held, "delete") {
		t.Fatalf("nothing is held:\n%s", held)
	}
	b := openBrowser(t, web)
	b.signIn()
	b.open("/changes")
	b.do(chromedp.Click(".notice a[href='/changes/held']"), chromedp.WaitVisible(".held"))
	waiting := web.held()
	b.do(chromedp.Click(".held input[type=checkbox]"), chromedp.Click("button[value=release]"))
	b.shows(".figures", "held changes1")
	b.do(chromedp.Click("button.danger"))
	b.shows(".notice", "1 held change released.")
	if now := web.held(); now != waiting-1 {
		t.Errorf("%d are held, %d were", now, waiting)
	}
	b.do(chromedp.Click("button[value=drop]"), chromedp.WaitVisible("button.danger"), chromedp.Click("button.danger"))
	b.shows(".notice", "dropped.")
	web.holds(0)
}

// To undo what made a zone deletes it, and the page says so before and after. Its name has a slash, as those of RFC 2317.
func TestToUndoACreationIsSaidToDeleteTheZone(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	const z = "0/25.2.0.192.in-addr.arpa"
	web.run("zone", "create", z, "--ns", "ns1.zonefleet.test")
	b := openBrowser(t, web)
	b.signIn()
	b.open("/changes")
	b.do(chromedp.Click("tbody th a"))
	b.shows("h1", z)
	b.open("/changes")
	b.do(chromedp.Click("tbody td[data-label=What] a"))
	b.shows(".heading a", z)
	b.do(chromedp.Click("a.button.main"))
	b.shows(".notice", "deletes the zone, on all servers")
	b.do(chromedp.Click("button.danger"))
	b.shows(".notice", z+" is deleted")
	b.shows("table", z)
	if _, err := web.try("zone", "show", z); err == nil {
		t.Error("the zone is there")
	}
}
