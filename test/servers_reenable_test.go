package test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// A member is disabled, five zones are edited, and it is re-enabled: everything arrives without another click.
func TestADisabledMemberGetsWhatWasEditedMeanwhile(t *testing.T) {
	web, ns1 := startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test")
	var zones []string
	for i := range 5 {
		zones = append(zones, fmt.Sprintf("zone%d.example", i))
	}
	web.has(zones...)
	linkedBothWays(t, web, ns1)
	for _, z := range zones {
		ns1.answers("www."+z, 1, "192.0.2.1")
	}
	b := openBrowser(t, web)
	b.signIn()
	b.shows("#banner", "In step")
	b.do(chromedp.Click("a[aria-label='Disable ns1.zonefleet.test']"))
	b.shows("h1", "Disable ns1.zonefleet.test?")
	b.do(chromedp.Click("main button.danger, main button.main"))
	b.shows("#members", "disabled by hand")
	for _, z := range zones {
		web.set(z, "192.0.2.55")
	}
	b.shows("#banner", "5 changes wait")
	ns1.keepsAnswering("www.zone4.example", "192.0.2.1")
	b.do(chromedp.Click("#banner button.main"))
	b.shows("#banner", "In step")
	for _, z := range zones {
		ns1.answers("www."+z, 1, "192.0.2.55")
	}
}

// A zone with DNSKEY records is named, with the servers that cannot sign; Upgrade leads to what has to be done.
func TestServersThatCannotSignAreWarnedOf(t *testing.T) {
	web, ns1 := startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test")
	web.has("signed.example")
	linkedBothWays(t, web, ns1)
	b := openBrowser(t, web)
	b.signIn()
	b.shows("#members", "embedded cannot do DNSSEC.")
	web.run("record", "set", "signed.example", "@", "300", "DNSKEY", "257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==")
	b.shows("#dnssec", "signed.example")
	b.shows("#dnssec", "ns1.zonefleet.test")
	b.do(chromedp.Click("a[aria-label='Upgrade the nameserver of ns1.zonefleet.test']"))
	b.shows("h1", "Nameserver of ns1.zonefleet.test")
	b.shows("#upgrade", "Update ns1.zonefleet.test to a release whose nameserver software can do DNSSEC")
	out, _ := web.try("cluster", "status")
	if !containsAll(out, "DNSSEC:", "signed.example", ns1.name) {
		t.Errorf("cluster status:\n%s", out)
	}
	if out := web.run("member", "nameserver", ns1.name); !containsAll(out, "cannot do DNSSEC", "signed here: 1 zone", "https://"+ns1.https+"/settings#software") {
		t.Errorf("member nameserver:\n%s", out)
	}
}
