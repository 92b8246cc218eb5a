package test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// Zones are chosen in the list and deleted together; the page asks with their number, shows it being done, and undoes it.
func TestZonesAreDeletedTogetherAndComeBack(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	files := map[string]string{}
	for i := range 12 {
		files[fmt.Sprintf("z%02d.example", i)] = zoneFile("192.0.2.1")
	}
	web.run("zone", "import", writeZones(t, files))
	b := openBrowser(t, web)
	b.signIn()
	b.open("/zones")
	b.shows("#zones", "z07.example")
	b.shows("#zones", "1/1")
	b.do(chromedp.Click("[data-all=zone]"), chromedp.Click("input[value='z03.example']"), chromedp.Click("button[formaction='/zones/delete']"))
	b.shows("h1", "Delete 11 zones?")
	b.do(chromedp.Click("button.danger"))
	b.shows("#set", "Done")
	b.shows("#set .figures", "changed11")
	b.open("/zones")
	b.shows("#zones .count", "1 zone")
	web.answers("www.z03.example", 1, "192.0.2.1")

	b.open("/zones/trash")
	b.shows("#trash", "z05.example")
	b.do(chromedp.Click("input[value='z05.example']"), chromedp.Click(".acts-bar button"))
	b.shows("h1", "Restore 1 zone?")
	b.do(chromedp.Click("button.main"))
	b.shows("#set", "Done")
	web.answers("www.z05.example", 1, "192.0.2.1")

	b.open("/changesets")
	b.do(chromedp.Click("tbody tr:last-child a")) // the first, which deleted
	b.shows("#set", "Undo in 11 zones")
	b.do(chromedp.Click("form[action$='/undo'] button"))
	b.shows("#set", "Do it in 11 zones")
	b.do(chromedp.Click("button.main"))
	b.shows("#set .figures", "changed10") // one is there again already
	web.answers("www.z11.example", 1, "192.0.2.1")
	b.open("/zones")
	b.shows("#zones .count", "12 zones")
}

// A server moved: its address is replaced in all zones after a look at what will change, and put back with one undo.
func TestAValueIsReplacedEverywhere(t *testing.T) {
	web, ns1 := twoToShow(t)
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.signIn()
	b.open("/zones")
	b.do(chromedp.Click("a[href='/zones/replace']"))
	b.do(chromedp.SendKeys("#f-from", "192.0.2.1"), chromedp.SendKeys("#f-to", "ns1.zonefleet.test"), chromedp.Click("button.main"))
	b.shows("#f-to-error", "An address can only become an address")
	b.do(chromedp.SetValue("#f-to", "198.51.100.7"), chromedp.Click("button.main"))
	b.shows("h1", "Replace 192.0.2.1 by 198.51.100.7")
	b.shows("#set-zones", "@ A 300 192.0.2.1 → 300 198.51.100.7") // comes when the search is over
	b.shows("#set", "Do it in 2 zones")
	ns1.answers("www.example.com", 1, "192.0.2.1") // nothing is changed yet
	b.do(chromedp.Click("button.main"))
	b.shows("#set .figures", "changed2")
	ns1.answers("www.example.com", 1, "198.51.100.7")
	ns1.answers("example.net", 1, "198.51.100.7")
	b.do(chromedp.Click("form[action$='/undo'] button"))
	b.shows("#set", "Do it in 2 zones")
	b.do(chromedp.Click("button.main"))
	b.shows("#set .figures", "changed2")
	ns1.answers("www.example.com", 1, "192.0.2.1")

	web.run("zone", "replace-value", "192.0.2.1", "192.0.2.9", "--confirm", "2", "--reason", "moved again")
	ns1.answers("www.example.net", 1, "192.0.2.9")
	if out := web.run("zone", "replace-value", "192.0.2.9", "192.0.2.8", "--dry-run"); !containsAll(out, "would replace 192.0.2.9 by 192.0.2.8 in 2 zones", "4 records", "example.com: @ A 300 192.0.2.9 → 300 192.0.2.8") {
		t.Errorf("a dry run says\n%s", out)
	}
	web.run("zone", "ttl", "4h", "example.com", "example.net", "--yes")
	if out := web.run("record", "list", "example.com", "www"); !containsAll(out, "14400") {
		t.Errorf("the TTL is not set:\n%s", out)
	}
}

// A template of one's own is written, a zone is made of it, and made anew after a look at what that changes.
func TestAZoneIsAddedFromATemplateAndReset(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.signIn()
	b.open("/templates")
	b.shows("table", "standardvirtualftp")
	b.open("/templates/new?from=simple")
	b.do(chromedp.SendKeys("#f-name", "shop"), chromedp.SendKeys("#f-text", "@ IN MX 5 mx%ip%.example.net.\nshop IN A %ipp%\n"), chromedp.Click("button.main"))
	b.shows("#f-text-error", "there is no variable %ipp%")
	b.do(chromedp.SendKeys("#f-text", "; more\n"), chromedp.SetValue("#f-text", b.run("template", "show", "simple")+"@ IN MX 5 mx.example.net.\nshop IN A %ip%\n"), chromedp.Click("[name=try]"))
	b.shows("#made", "shop IN A 192.0.2.1")
	b.do(chromedp.Click("button.main"))
	b.shows(".notice", "The template shop is saved")

	b.open("/zones/add")
	b.do(chromedp.SendKeys("#f-domain", "new.example"), chromedp.SendKeys("#f-ipv4", "192.0.2.300"), chromedp.SetValue("#f-template", "shop"), chromedp.Click("button.main"))
	b.shows("#f-ipv4-error", "That is no IPv4 address.")
	b.do(chromedp.SetValue("#f-ipv4", "192.0.2.30"), chromedp.Click("button[name=look]"))
	b.shows("#look", "192.0.2.30")
	if _, err := web.try("zone", "show", "new.example"); err == nil {
		t.Error("a look makes the zone")
	}
	b.do(chromedp.Click("button.main"))
	b.shows(".notice", "new.example is made")
	b.shows("h1", "new.example")
	web.answers("shop.new.example", 1, "192.0.2.30")

	web.run("record", "set", "new.example", "own", "300", "A", "192.0.2.31")
	b.open("/zones/new.example/reset?template=shop")
	b.shows("#review", "192.0.2.31")
	b.do(chromedp.Click("button.danger"))
	b.shows(".notice", "new.example is what the template shop says.")
	if out := web.run("record", "list", "new.example"); containsAll(out, "own.new.example") {
		t.Errorf("the zone has\n%s", out)
	}
	web.run("zone", "create", "cli.example", "--template", "shop", "--ip", "192.0.2.40")
	web.answers("shop.cli.example", 1, "192.0.2.40")
}

func (b *browser) run(args ...string) string { return b.site.run(args...) }
