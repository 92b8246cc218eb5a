package test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// addServer adds a server through the form; the role is left as suggested where it is empty.
func (b *browser) addServer(to *server, role string) {
	b.t.Helper()
	b.open("/members/add")
	b.do(chromedp.Click("main button.main"))
	b.shows("h1", "ZoneFleet DNS remote configuration")
	b.do(chromedp.SendKeys("#f-host", to.https), chromedp.SendKeys("#f-token", to.token("relay")))
	if role != "" {
		b.do(chromedp.SetValue("#f-role", role))
	}
	b.do(chromedp.Click("main button.main"))
	b.shows("h1", "Add "+to.name+"?")
}

// Two servers are added through the form, with what it suggests and with another role; what will happen is said with
// numbers before it does, and the key that is shown is the one of that server.
func TestTwoServersAreAddedInTheBrowser(t *testing.T) {
	web, ns1, ns2 := startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test", "--profile", "nameserver"), startServer(t, "ns2.zonefleet.test")
	web.has("one.example", "two.example")
	ns2.has("three.example")
	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.signIn()
	b.shows(".steps", "Add a server…")

	b.addServer(ns1, "")
	b.shows(".facts", "nameserver only; this server: standard")
	b.shows("#moves", "2 zones that only this server has go to ns1.zonefleet.test")
	if shown := b.text(".facts"); !strings.Contains(ns1.log.String(), strings.Fields(strings.SplitAfter(shown, "Fingerprint of its key")[1])[0]) {
		t.Errorf("the key that is shown is not the one of %s:\n%s\n%s", ns1.name, shown, ns1.log)
	}
	b.do(chromedp.Click(".confirm .actions button"))
	b.shows("h1", "ns1.zonefleet.test is added")
	b.shows("#reverse", "not asked for") // a nameserver needs none
	b.shows("#progress", "in step")
	ns1.answers("www.two.example", 1, "192.0.2.1")

	b.addServer(ns2, "write-only")
	b.shows("#suggests", "synchronize, with reverse trust, is suggested")
	b.do(chromedp.SetValue("#f-role", "synchronize"), chromedp.Click(".confirm .actions button"))
	b.shows(".notice", "Nothing is saved yet.")
	b.shows("#moves", "1 zone that only ns2.zonefleet.test has comes here")
	b.do(chromedp.Click(".confirm .actions button"))
	b.shows("h1", "ns2.zonefleet.test is added")
	b.shows("#reverse", "established")
	web.answers("www.three.example", 1, "192.0.2.1")
	ns1.answers("www.three.example", 1, "192.0.2.1")
	if out := ns2.run("member", "list"); !containsAll(out, web.name, "standalone") {
		t.Errorf("reverse trust:\n%s", out)
	}
	b.open("/")
	b.shows("#banner", "In step")

	b.open("/members/add?backend=zonefleet")
	b.do(chromedp.SendKeys("#f-host", "no.such.host.invalid"), chromedp.SendKeys("#f-token", ns2.token("relay")), chromedp.Click("main button.main"))
	b.shows("#f-host-error", "does not resolve")
	b.do(chromedp.SetValue("#f-host", ns2.https), chromedp.Click("main button.main")) // the token is kept
	b.shows("#f-host-error", "lready")
}

// A join code of the page is pasted on another server, and revoking one makes it worthless.
func TestAJoinCodeOfThePage(t *testing.T) {
	web, ns1 := startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test")
	web.has("one.example")
	b := openBrowser(t, web)
	b.signIn()
	b.open("/members/invite")
	b.do(chromedp.Click("main form.stack button.main"))
	b.shows("#code", "zonefleet join")
	revoked := strings.Fields(b.text("#code pre"))
	b.do(chromedp.Click("#invites form button"))
	b.shows(".notice", "is worthless now")
	if _, err := ns1.try(revoked[1:]...); err == nil || !strings.Contains(err.Error(), "not accepted") {
		t.Errorf("a revoked code: %v", err)
	}
	b.do(chromedp.Click("main form.stack button.main"))
	b.shows("#code", "zonefleet join")
	ns1.run(strings.Fields(b.text("#code pre"))[1:]...)
	b.open("/members/invite")
	b.shows("#invites", "used by ns1.zonefleet.test")
	b.open("/")
	b.shows("#members", "ns1.zonefleet.test")
	ns1.answers("www.one.example", 1, "192.0.2.1")
}

// A zone that differs since before the link is synchronized, with a look at what comes; then the server is deleted, its own
// zones go to the trash everywhere, and it is added again under the same name.
func TestSynchronizeOneZoneAndDeleteAServer(t *testing.T) {
	web, ns1 := startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test")
	ns1.has("theirs.example", "other.example")
	linkedBothWays(t, web, ns1)
	web.answers("www.theirs.example", 1, "192.0.2.1")
	web.run("member", "remove", ns1.name)
	ns1.set("theirs.example", "192.0.2.77")
	ns1.set("other.example", "192.0.2.77")
	link(t, web, ns1, "--role", "synchronize") // what differs since before stays as it is

	b := openBrowser(t, web)
	b.mayAnswer(422)
	b.signIn()
	b.shows("#banner", "ns1.zonefleet.test differs in 2 zones")
	b.open("/synchronize")
	b.do(chromedp.Click("main button.main"))
	b.shows("#f-zone-error", "Give the name of a zone.")
	b.do(chromedp.SendKeys("#f-zone", "theirs.example"), chromedp.Click("main button.main"))
	b.shows("h1", "Synchronize theirs.example to this server only?")
	b.shows("#sync", "1 zone newer or only there: to this server")
	web.keepsAnswering("www.theirs.example", "192.0.2.1")
	b.do(chromedp.Click("main button.main"))
	b.shows("#sync", "in step")
	b.shows("#sync", "1 zone moved")
	web.answers("www.theirs.example", 1, "192.0.2.77")
	web.keepsAnswering("www.other.example", "192.0.2.1")
	if out := web.run("sync", "all", "--to", "everywhere", "--dry-run"); !containsAll(out, "1 zone come here", "other.example") {
		t.Errorf("what is left:\n%s", out)
	}
	web.run("sync", "all", "--to", "everywhere")
	web.answers("www.other.example", 1, "192.0.2.77")
	b.open("/synchronize")
	b.shows("#syncs", "Synchronize theirs.example to this server only")

	b.open("/")
	b.do(chromedp.Click("a[aria-label='Delete ns1.zonefleet.test']"))
	b.shows("h1", "Delete ns1.zonefleet.test from your DNS cluster?")
	b.do(chromedp.Click("#f-zones-trash"), chromedp.Click("button.danger"))
	b.shows(".notice", "ns1.zonefleet.test is deleted from your DNS cluster.")
	b.shows(".notice", "2 zones are in the trash, on all servers.")
	if out := ns1.run("zone", "list"); strings.Contains(out, "theirs.example") {
		t.Errorf("at the server that was deleted:\n%s", out)
	}
	b.addServer(ns1, "synchronize")
	b.do(chromedp.Click(".confirm .actions button"))
	b.shows("h1", "ns1.zonefleet.test is added")
	b.do(chromedp.Navigate("https://"+web.https+"/members/"+ns1.https+"/edit"), chromedp.Click("#f-debug"), chromedp.SetValue("#f-role", "standalone"), chromedp.Click("main button.main"))
	b.shows(".notice", "The role is not changed yet")
	b.do(chromedp.Click("main button.main"))
	b.shows(".notice", "The role of ns1.zonefleet.test is standalone now.")
	if out := web.run("member", "list", "--output", "json"); !containsAll(out, `"debug": true`, `"role": "standalone"`) {
		t.Errorf("after the edit:\n%s", out)
	}
}

// A reseller's cluster: root's server is seen and cannot be changed, an own standalone one brings the zones of the reseller's
// accounts, and no others.
func TestAResellerWithAnOwnStandaloneServer(t *testing.T) {
	web, ns1, own := startServer(t, "web.zonefleet.test"), startServer(t, "ns1.zonefleet.test"), startServer(t, "own.zonefleet.test")
	web.has("root.example")
	linkedBothWays(t, web, ns1)
	for _, s := range []*server{web, own} {
		s.run("user", "add", "bob", "--privileges", "clustering,create-dns,edit-dns,manage-api-tokens")
		s.run("user", "add", "alice", "--owner", "bob")
	}
	for _, z := range []string{"hers.example", "others.example"} {
		own.run("zone", "create", z, "--owner", map[string]string{"hers.example": "alice", "others.example": "root"}[z], "--ns", "ns1.zonefleet.test")
		web.run("zone", "create", z, "--owner", map[string]string{"hers.example": "alice", "others.example": "root"}[z], "--ns", "ns1.zonefleet.test")
	}
	b := openBrowser(t, web)
	b.signIn()
	b.do(chromedp.SetValue("#f-user", "bob"), chromedp.Click("#acting button"))
	b.shows("#members", "of root")
	b.shows("#unique", "disabled")
	b.do(chromedp.Click("#unique button"))
	b.shows(".notice", "Unique DNS clustering is enabled for accounts owned by bob")
	b.open("/members/add?backend=zonefleet")
	b.do(chromedp.SendKeys("#f-host", own.https), chromedp.SendKeys("#f-token", own.token("relay")), chromedp.Click("main button.main"))
	b.shows("h1", "Add own.zonefleet.test?")
	b.shows("main", "so only standalone is possible")
	b.do(chromedp.Click(".confirm .actions button"))
	b.shows("h1", "own.zonefleet.test is added")
	own.run("record", "set", "hers.example", "www", "300", "A", "192.0.2.55")
	own.run("record", "set", "others.example", "www", "300", "A", "192.0.2.55")
	web.answers("www.hers.example", 1, "192.0.2.55")
	if out := web.run("zone", "show", "others.example"); strings.Contains(out, "192.0.2.55") {
		t.Errorf("a zone of somebody else came over the reseller's link:\n%s", out)
	}
	b.open("/")
	b.do(chromedp.Click("form[action='/cluster/unique'] button"))
	b.shows("#here, .plain", "own.zonefleet.test is not worked any more")
	b.do(chromedp.Click("button.danger"))
	b.shows(".notice", "the servers of root apply")
	b.do(chromedp.SetValue("#f-user", "root"), chromedp.Click("#acting button"))
	b.shows("#options-title", "Options")
}
