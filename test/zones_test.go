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
	b.shows("#zones .count", "1 zones")
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
