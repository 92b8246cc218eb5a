package test

import (
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A zone is made from a template, three of its records are changed with a review, and the change is undone.
func TestANewUserMakesAZoneChangesAndUndoes(t *testing.T) {
	web := startServer(t, "web1.zonefleet.test")
	p := newPerson(t, 4*time.Minute, web)
	p.comesIn(web)
	p.click("Zones")
	p.sees("No zone")
	p.click("Add a DNS zone")
	p.looks("add-zone")
	p.fill("Domain", "shop.example")
	p.fill("IPv4 address", "192.0.2.10")
	p.choose("Template", "standard")
	p.click("Add zone")
	p.sees("shop.example is made.", "192.0.2.10", "www")
	p.looks("zone")
	web.answers("www.shop.example", dns.TypeCNAME, "shop.example.")

	p.click("Edit", "192.0.2.10")
	p.looks("edit-record")
	p.fill("IPv4 address", "192.0.2.20")
	p.click("Keep the change")
	p.sees("1 change not saved.")
	p.click("Add a record")
	p.fill("Name", "shop")
	p.choose("Type", "TXT")
	p.fill("Text", "open all night")
	p.click("Add to the changes")
	p.sees("2 changes not saved.")
	p.click("Delete", "www")
	p.sees("3 changes not saved.", "will be deleted")
	p.looks("draft")
	web.keepsAnswering("shop.example", "192.0.2.10")
	p.click("Review changes")
	p.sees("192.0.2.20", "open all night")
	p.looks("review")
	p.fill("Why", "opening")
	p.click("Save 4 lines")
	p.sees("Saved: 3 RRsets changed")
	web.answers("shop.example", dns.TypeA, "192.0.2.20")
	web.answers("www.shop.example", dns.TypeCNAME)

	p.click("Changes")
	p.sees("opening")
	p.looks("changes")
	p.click("Undo…", "opening")
	p.sees("What is put back", "192.0.2.10")
	p.looks("undo")
	p.click("Undo")
	p.sees("of shop.example is undone: 3 RRsets put back.")
	web.answers("shop.example", dns.TypeA, "192.0.2.10")
	web.answers("www.shop.example", dns.TypeCNAME, "shop.example.")
	web.answers("shop.shop.example", dns.TypeTXT)
}

// What two servers wrote while they were apart is found from the first page and decided; then an address moves in all zones.
func TestANewUserDecidesAConflictAndMovesAServer(t *testing.T) {
	web, other := startServer(t, "web1.zonefleet.test"), startServer(t, "web2.zonefleet.test")
	linkedBothWays(t, web, other)
	web.has("one.example", "two.example", "three.example")
	other.answers("www.one.example", dns.TypeA, "192.0.2.1")
	cut(web, other)
	web.set("one.example", "192.0.2.10")
	other.set("one.example", "192.0.2.20")
	heal(web, other)

	p := newPerson(t, 4*time.Minute, web)
	p.comesIn(web)
	p.sees("Someone must act: 1 zone with conflicts")
	p.click("conflicts")
	p.sees("one.example", "192.0.2.10", "192.0.2.20", "root@web2.zonefleet.test")
	p.looks("conflicts")
	p.click("Choose…", "one.example")
	p.sees("Which is to be served?")
	p.looks("conflict")
	unserved := p.reads(`What is not served\s+(?:www\S* )?(?:\S+ )*?(192\.0\.2\.[12]0)`)
	p.click("What is not served")
	p.click("Serve what I chose")
	p.sees("The conflict at www A is settled")
	web.answers("www.one.example", dns.TypeA, unserved)
	other.answers("www.one.example", dns.TypeA, unserved)

	p.click("Zones")
	p.click("Replace a value everywhere")
	p.fill("Value now", "192.0.2.1")
	p.fill("New value", "198.51.100.7")
	p.looks("replace")
	p.click("Search")
	p.sees("Do it in 3 zones", "192.0.2.1 → 300 198.51.100.7")
	p.looks("replace-preview")
	web.keepsAnswering("www.two.example", "192.0.2.1")
	p.click("Do it in 3 zones")
	p.sees("Done", "Undo in 3 zones…")
	p.looks("replaced")
	for _, s := range []*server{web, other} {
		s.answers("one.example", dns.TypeA, "198.51.100.7")
		s.answers("www.two.example", dns.TypeA, "198.51.100.7")
		s.answers("www.one.example", dns.TypeA, unserved)
	}
}
