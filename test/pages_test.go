package test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// twoToShow are two servers that are linked and have two zones.
func twoToShow(t *testing.T) (web, ns1 *server) {
	t.Helper()
	web, ns1 = startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test")
	web.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1"), "example.net": zoneFile("192.0.2.1")}))
	linkedBothWays(t, web, ns1)
	return web, ns1
}

// The main flow of DNS Cluster: a member is disabled, falls behind, is re-enabled and catches up, and all of it is seen as
// it happens; its role is changed with a look at what that does.
func TestTheClusterPage(t *testing.T) {
	web, ns1 := twoToShow(t)
	b := openBrowser(t, web)
	b.signIn()
	b.shows("#banner", "In step")
	b.shows("#members", "ns1.zonefleet.test")
	b.shows("#status", "In step")
	b.shows("#picture ul", "web.zonefleet.test to ns1.zonefleet.test: synchronize, in step")

	b.do(chromedp.Click("a[aria-label='Disable ns1.zonefleet.test']"))
	b.shows("h1", "Disable ns1.zonefleet.test?")
	b.do(chromedp.Click("button.danger"))
	b.shows(".notice", "ns1.zonefleet.test is disabled until a person enables it.")
	b.shows("#banner", "ns1.zonefleet.test is disabled by hand")
	for _, z := range []string{"example.com", "example.net"} {
		web.run("record", "set", z, "www", "300", "A", "192.0.2.9")
	}
	b.shows("#members", "2 waiting") // without a reload
	b.shows("#status", "Someone must act")
	b.do(chromedp.Click("#banner button"))
	b.shows(".notice", "ns1.zonefleet.test is enabled.")
	b.shows("#banner", "In step")
	ns1.answers("www.example.com", 1, "192.0.2.9")

	b.do(chromedp.SetValue("#members select", "write-only"), chromedp.Click("#members .inline button"))
	b.shows("h1", "Change the role of ns1.zonefleet.test?")
	b.shows(".figures", "zones on this server")
	b.shows(".confirm", "replace what it serves")
	b.do(chromedp.Click("button.main"))
	b.shows(".notice", "The role of ns1.zonefleet.test is write-only now.")
	b.shows("#picture ul", "write-only")
	if out := web.run("member", "list"); !containsAll(out, "write-only") {
		t.Errorf("the role is not changed:\n%s", out)
	}
}

// The options, by keyboard alone, and what is wrong with a number is said beside it.
func TestTheOptionsByKeyboard(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	b := openBrowser(t, web)
	b.signIn()
	b.shows("h1", "DNS Cluster")
	b.shows(".steps", "First member")
	b.mayAnswer(422)

	b.tabTo("#f-limit-default")
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Tab)) // to "another number", and into its field
	b.do(chromedp.KeyEvent("0"), chromedp.KeyEvent(kb.Enter))        // Tab has selected what was in it
	b.shows("#count-error", "Give a number from 1 to 10,000.")
	b.tabTo("[name=count]")
	b.do(chromedp.KeyEvent("25"))
	b.tabTo("#f-notify")
	b.do(chromedp.KeyEvent(" "))
	b.tabTo("#f-reenable-auto")
	b.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	b.shows(".notice", "The failure threshold is saved.")
	if out := web.run("cluster", "threshold"); !containsAll(out, "after 25 failed attempts", "when a person enables it", "nobody is notified") {
		t.Errorf("the threshold is\n%s", out)
	}
}

// Without scripts everything is a plain form and a whole page.
func TestThePagesWithoutScripts(t *testing.T) {
	web, _ := twoToShow(t)
	b := openBrowser(t, web)
	b.withoutScripts()
	b.signIn()
	b.shows("#members", "ns1.zonefleet.test")
	b.do(chromedp.Click("a[aria-label='Synchronize with ns1.zonefleet.test']"))
	b.shows("h1", "Synchronize with ns1.zonefleet.test from the beginning?")
	b.do(chromedp.Click("button.main"))
	b.shows("h1", "Synchronize with ns1.zonefleet.test")
	eventually(t, waitLong, "the progress is at its end after a reload", func() error {
		b.do(chromedp.Click("section.card p a"))
		return b.says("#progress", "in step")
	})
	b.open("/zones")
	b.shows("#zones", "2 zones")
	b.do(chromedp.SendKeys("#zones-q", "net"), chromedp.Click(".search button"))
	b.shows("#zones .count", "1 zone with “net”")
	b.open("/")
	b.do(chromedp.Click("form[action='/cluster/clustering'] button"), chromedp.WaitVisible("button.danger"), chromedp.Click("button.danger"))
	b.shows("#banner", "Clustering is off here")
	b.do(chromedp.Click(".steps button"))
	b.shows(".notice", "DNS clustering is enabled.")
}

// The list searches while a person types, and the address goes with it.
func TestTheListOfZones(t *testing.T) {
	web := startServer(t, "web.zonefleet.test")
	web.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1"), "example.net": zoneFile("192.0.2.1")}))
	b := openBrowser(t, web)
	b.signIn()
	b.open("/zones")
	b.shows("#zones", "example.com")
	b.press("/")
	b.do(chromedp.KeyEvent("net"))
	b.shows("#zones .count", "with “net”")
	if at, err := chromedp.Run(b.ctx, chromedp.Location()); err != nil || at != "https://"+web.https+"/zones?q=net" {
		t.Errorf("the address is %s %v", at, err)
	}
	b.shows("#zones time", "UTC")
}
