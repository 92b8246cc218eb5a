package test

import (
	"fmt"
	"testing"
	"time"
)

// comesIn opens the link that the server's first start printed, and sets no password yet.
func (p *person) comesIn(s *server) {
	p.t.Helper()
	p.visit(s.startLink())
	p.sees("Set a password")
	p.click("Later")
	p.sees(s.name)
}

// makesToken makes a token for another server, and is left on its page.
func (p *person) makesToken(name string) string {
	p.t.Helper()
	p.click("API tokens")
	p.click("For a DNS cluster…")
	p.sees("Another server clusters with this one by it")
	p.fill("Name", name)
	p.click("Relay: a server under the same administration")
	p.click("Make the token")
	return p.reads(`zf_\S+`)
}

// A second server gets another role and reverse trust; then the first is disabled, five zones are edited, and it catches up.
func TestANewUserAddsASecondServerAndBringsOneBack(t *testing.T) {
	web, ns1, ns2 := startServer(t, "web1.zonefleet.test"), startServer(t, "ns1.zonefleet.test"), startServer(t, "ns2.zonefleet.test")
	zones := []string{"one.example", "two.example", "three.example", "four.example", "five.example"}
	web.has(zones...)
	linkedBothWays(t, web, ns1)
	p := newPerson(t, 4*time.Minute, web, ns1, ns2)
	p.comesIn(ns2)
	token := p.makesToken("web1")
	p.looks("token-for-a-server")
	p.sees("Add a server…", ns2.https) // how it goes on

	p.comesIn(web)
	p.click("Add a server…")
	p.click("Configure")
	p.fill("Remote ZoneFleet DNS host", ns2.https)
	p.fill("Remote server API token", token)
	p.choose("DNS role", "Write-only")
	p.click("Continue")
	p.sees("Add ns2.zonefleet.test?", "5 zones that only this server has go to ns2.zonefleet.test")
	p.looks("add-write-only")
	p.click("Add ns2.zonefleet.test")
	p.sees("ns2.zonefleet.test is added", "Reverse trust", "established", "in step")
	p.looks("second-added")
	p.click("Back to DNS Cluster")
	p.sees("In step: 2 members up to date")
	p.looks("three-in-step")
	p.visit("https://" + ns2.https) // still signed in there
	p.sees("ns2.zonefleet.test", "web1.zonefleet.test", "In step: 1 member up to date")

	p.visit("https://" + web.https)
	p.click("Disable…", "ns1.zonefleet.test")
	p.sees("Disable ns1.zonefleet.test?")
	p.click("Disable")
	p.sees("ns1.zonefleet.test is disabled until a person enables it.")
	for i, z := range zones {
		p.edits(z, fmt.Sprintf("192.0.2.%d", 100+i))
	}
	p.click("DNS Cluster")
	p.sees("ns1.zonefleet.test is disabled by hand", "5 changes wait")
	p.looks("five-waiting")
	p.click("Re-enable ns1.zonefleet.test and catch up")
	p.sees("ns1.zonefleet.test is enabled.", "In step: 2 members up to date")
	for i, z := range zones {
		ns1.answers("www."+z, 1, fmt.Sprintf("192.0.2.%d", 100+i))
	}
}

// edits gives www of a zone another address.
func (p *person) edits(zone, address string) {
	p.t.Helper()
	p.click("Zones")
	p.click(zone)
	p.click("Edit", "www")
	p.fill("IPv4 address", address)
	p.click("Keep the change")
	p.click("Review changes")
	p.sees("192.0.2.1", address, "You may leave it empty.")
	p.click("Save 2 lines")
	p.sees("Saved: 1 RRset changed")
}

// A zone that differs since before the link is synchronized after a look at what comes; then the server is deleted.
func TestANewUserSynchronizesOneZoneAndDeletesAServer(t *testing.T) {
	web, ns1 := startServer(t, "web1.zonefleet.test"), startServer(t, "ns1.zonefleet.test")
	ns1.has("theirs.example", "other.example")
	linkedBothWays(t, web, ns1)
	web.answers("www.theirs.example", 1, "192.0.2.1")
	web.run("member", "remove", ns1.name)
	ns1.set("theirs.example", "192.0.2.77")
	link(t, web, ns1, "--role", "synchronize") // what differs since before stays as it is

	p := newPerson(t, 4*time.Minute, web)
	p.comesIn(web)
	p.sees("Someone must act: ns1.zonefleet.test differs in 1 zone")
	p.click("what differs")
	p.sees("theirs.example")
	p.looks("differs")
	p.click("Synchronize")
	p.sees("Synchronize DNS records")
	p.click("One zone to this server only")
	p.fill("Zone", "theirs.example")
	p.click("Show what will happen")
	p.sees("Synchronize theirs.example to this server only?", "1 zone newer or only there: to this server")
	p.looks("synchronize-preview")
	web.keepsAnswering("www.theirs.example", "192.0.2.1")
	p.click("Synchronize", "1 zone newer")
	p.sees("in step", "1 zone moved")
	p.looks("synchronized")
	web.answers("www.theirs.example", 1, "192.0.2.77")

	p.click("DNS Cluster")
	p.sees("In step: 1 member up to date")
	p.click("Delete…", "ns1.zonefleet.test")
	p.sees("Delete ns1.zonefleet.test from your DNS cluster?", "Keep all zones here")
	p.looks("delete")
	p.click("Delete ns1.zonefleet.test")
	p.sees("ns1.zonefleet.test is deleted from your DNS cluster. 2 zones stay here.", "The way in")
	p.looks("deleted")
	web.answers("www.theirs.example", 1, "192.0.2.77")
}
