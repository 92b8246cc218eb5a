package test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// A search finds more zones than a page shows; one box chooses them all, the page asks with their number, and one that did
// not match stays. The command line does the same.
func TestAllZonesThatMatchAreDeletedTogether(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	files := map[string]string{"other.example": zoneFile("192.0.2.1")}
	for i := range 130 {
		files[fmt.Sprintf("shop%03d.example", i)] = zoneFile("192.0.2.1")
	}
	web.run("zone", "import", writeZones(t, files))
	b := openBrowser(t, web)
	b.signIn()
	b.open("/zones?q=shop")
	b.shows("#zones .count", "130 zones")
	b.shows("#zones .choose-all", "all 130 zones with “shop” in the name, on every page")
	b.do(chromedp.Click("#all-match"), chromedp.Click("button[formaction='/zones/delete']"))
	b.shows("h1", "Delete 130 zones, with “shop” in the name?")
	web.answers("www.shop129.example", 1, "192.0.2.1") // nothing is done yet
	b.do(chromedp.Click("button.danger"))
	b.shows("#set", "Done")
	b.shows("#set .figures", "changed130")
	b.open("/zones")
	b.shows("#zones .count", "1 zone")
	web.answers("www.other.example", 1, "192.0.2.1")

	b.open("/changesets")
	b.do(chromedp.Click("tbody tr:last-child a"))
	b.shows("#set", "Undo in 130 zones")
	b.do(chromedp.Click("form[action$='/undo'] button"))
	b.shows("#set", "Do it in 130 zones")
	b.do(chromedp.Click("button.main"))
	b.shows("#set .figures", "changed130")

	if out := web.run("zone", "ttl", "1h", "--all", "--search", "shop1", "--dry-run"); !containsAll(out, "in 30 zones, with “shop1” in the name") {
		t.Errorf("a dry run says\n%s", out)
	}
	web.run("zone", "ttl", "1h", "--all", "--search", "shop1", "--confirm", "30")
	if out := web.run("record", "list", "shop129.example", "www"); !containsAll(out, "3600") {
		t.Errorf("the TTL is not set:\n%s", out)
	}
	if out := web.run("record", "list", "shop099.example", "www"); containsAll(out, "3600") {
		t.Errorf("a zone that does not match has the TTL:\n%s", out)
	}
	web.run("zone", "delete", "--all", "--search", "SHOP00", "--confirm", "10")
	if out := web.run("zone", "list", "--search", "shop00"); containsAll(out, "shop00") {
		t.Errorf("they are still there:\n%s", out)
	}
}
