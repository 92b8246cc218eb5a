package test

import (
	"flag"
	"strings"
	"testing"
	"time"
)

var walkPictures = flag.String("walk-pictures", "", "folder for a picture of each step of the walk; empty: none is taken")

// A new user comes with the links that the servers printed and nothing else: sets a password, switches clustering off and
// on, makes a token at a nameserver, adds it, and sees both in step. One browser, because both are hosts of one machine.
func TestANewUserWithTheStartLink(t *testing.T) {
	web, ns1 := startServer(t, "web1.zonefleet.test"), startServer(t, "ns1.zonefleet.test")
	web.has("one.example")
	p := newPerson(t, 4*time.Minute, web, ns1)
	p.visit(web.startLink())
	p.sees("Set a password")
	p.looks("password")
	p.fill("New password", "correct horse battery")
	p.fill("Once more", "correct horse battery")
	p.click("Set the password")
	p.sees("The password is set.", "The way in")
	p.looks("home")

	p.click("Disable…", "DNS clustering is")
	p.sees("What happens")
	p.looks("disable")
	p.click("Disable clustering")
	p.sees("Clustering is off here")
	p.click("Enable clustering")
	p.sees("DNS clustering is enabled.")

	p.visit(ns1.startLink())
	p.sees("Set a password")
	p.click("Later")
	p.sees("DNS Cluster")
	p.click("API tokens")
	p.sees("1 token")
	p.looks("tokens")
	p.click("For a DNS cluster…")
	p.sees("Another server clusters with this one by it")
	p.fill("Name", "web1")
	p.click("Relay: a server under the same administration")
	p.click("Make the token")
	token := p.reads(`zf_\S+`)

	p.visit("https://" + web.https) // still signed in there
	p.sees("web1.zonefleet.test", "The way in")
	p.click("Add a server…")
	p.sees("Backend type")
	p.click("Configure")
	p.sees("ZoneFleet DNS remote configuration")
	p.looks("add-server")
	p.fill("Remote ZoneFleet DNS host", ns1.https)
	p.fill("Remote server API token", token)
	p.choose("DNS role", "Synchronize")
	p.click("Continue")
	p.sees("Add ns1.zonefleet.test?", "Fingerprint of its key")
	p.looks("add-server-review")
	if strings.Contains(web.run("member", "list"), ns1.name) {
		t.Error("the member is there before anybody has agreed")
	}
	p.click("Add ns1.zonefleet.test")
	p.sees("ns1.zonefleet.test is added", "in step")
	p.looks("added")
	p.click("DNS Cluster")
	p.sees("In step", "ns1.zonefleet.test")
	p.looks("cluster")
	ns1.answers("www.one.example", 1, "192.0.2.1")
}
