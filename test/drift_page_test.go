package test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/miekg/dns"
)

// A drift that somebody made is found, shown and repaired in a browser. The second click does what the first one showed: what
// was found meanwhile is shown first.
func TestDriftIsComparedAndRepairedInTheBrowser(t *testing.T) {
	a, b := two(t)
	link(t, a, b, "--role", "write-only", "--sync-now")
	a.has("example.com", "example.net")
	a.run("wait", "--timeout", "20s")
	b.set("example.com", "192.0.2.66")
	page := openBrowser(t, a)
	page.mayAnswer(412)
	page.signIn()
	page.open("/drift")
	page.do(chromedp.Click(`form[action="/drift"] button`))
	page.shows("main", "1 zone differs")
	page.shows("main", "example.com")
	page.do(chromedp.Click(`a[href^="/drift/repair"]`))
	page.shows(".confirm", "zones overwritten there1")
	b.set("example.net", "192.0.2.67")
	a.drift(b)
	page.do(chromedp.Click(`.confirm button[type="submit"]`))
	page.shows(".confirm", "not what was shown any more")
	page.shows(".confirm", "zones overwritten there2")
	b.keepsAnswering("www.example.com", "192.0.2.66")
	page.do(chromedp.Click(`.confirm button[type="submit"]`))
	page.shows("main", "nothing differs")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.answers("www.example.net", dns.TypeA, "192.0.2.1")
}
