package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// linkAs links with a token of that kind and returns what `member add` says.
func linkAs(t *testing.T, kind string, from, to *server, flags ...string) string {
	t.Helper()
	args := append([]string{"member", "add", to.https, "--api-token", to.token(kind), "--output", "json"}, flags...)
	return from.run(args...)
}

// token makes a token of that kind, as "leaf" or "leaf --may-claim 1".
func (s *server) token(kind string) string {
	s.t.Helper()
	var token struct {
		Token string `json:"token"`
	}
	s.json(&token, append([]string{"token", "create", "--name", "test", "--kind"}, strings.Fields(kind)...)...)
	return token.Token
}

func TestALeafChangesOnlyItsOwnZonesAndReadsNoOthers(t *testing.T) {
	web, ns := startServer(t, "web.zonefleet.test"), startServer(t, "ns.zonefleet.test")
	ns.has("theirs.example", "secret.example")
	web.has("theirs.example", "mine.example") // theirs.example is another zone of the same name
	web.set("theirs.example", "192.0.2.66")
	linkAs(t, "leaf", web, ns, "--role", "synchronize", "--zones", "all", "--sync-now")

	ns.answers("www.mine.example", dns.TypeA, "192.0.2.1")
	ns.tells("foreign-write", "theirs.example", web.name)
	ns.keepsAnswering("www.theirs.example", "192.0.2.1")
	web.keepsAnswering("www.theirs.example", "192.0.2.66")
	web.keepsNotHaving("secret.example")
	if _, err := web.try("zone", "create", "secret.example"); err == nil || !strings.Contains(err.Error(), "exists at "+ns.name) {
		t.Errorf("a leaf creates a name that is taken: %v", err)
	}

	var status struct {
		Foreign int `json:"foreign_writes"`
	}
	out, _ := ns.try("cluster", "status", "--output", "json")
	if decode(t, out, &status); status.Foreign != 1 {
		t.Errorf("ns counts %d foreign writes", status.Foreign)
	}
	if m := web.member(ns.name); m.Exceptions != 1 {
		t.Errorf("web's table says %+v", m)
	}
	out, err := web.try("record", "set", "theirs.example", "www", "300", "A", "192.0.2.67", "--wait=all", "--timeout", "10s")
	if err == nil || !containsAll(out, "refused", "foreign write", "home of theirs.example is "+ns.name) {
		t.Errorf("a refused change says %q, %v", out, err)
	}
	if out := web.set("mine.example", "192.0.2.2", "--wait=all"); !strings.Contains(out, "2/2") {
		t.Errorf("its neighbour says %q", out)
	}
	ns.set("mine.example", "192.0.2.3") // read back by whose home it is
	web.answers("www.mine.example", dns.TypeA, "192.0.2.3")
}

func TestARefusedZoneIsOfferedAgainWhenItsNameBecomesFree(t *testing.T) {
	web, ns := startServer(t, "web.zonefleet.test"), startServer(t, "ns.zonefleet.test")
	ns.has("moved.example")
	web.has("moved.example")
	web.set("moved.example", "192.0.2.66")
	linkAs(t, "leaf", web, ns, "--role", "synchronize", "--sync-now")
	ns.tells("foreign-write", "moved.example")
	ns.keepsAnswering("www.moved.example", "192.0.2.1")
	ns.run("zone", "delete", "moved.example")
	ns.answers("www.moved.example", dns.TypeA, "192.0.2.66")
	eventually(t, 5*time.Second, "nothing is refused any more", func() error {
		if m := web.member(ns.name); m.Exceptions != 0 {
			return fmt.Errorf("%+v", m)
		}
		return nil
	})
}

func TestARelayPassesOnChangesOfAnyZone(t *testing.T) {
	web, relay, ns := startServer(t, "web.zonefleet.test"), startServer(t, "relay.zonefleet.test"), startServer(t, "ns.zonefleet.test")
	ns.has("theirs.example")
	linkAs(t, "relay", relay, ns, "--role", "synchronize", "--sync-now")
	linkAs(t, "leaf", web, relay, "--role", "synchronize", "--sync-now")
	relay.answers("www.theirs.example", dns.TypeA, "192.0.2.1")
	relay.set("theirs.example", "192.0.2.2")
	ns.answers("www.theirs.example", dns.TypeA, "192.0.2.2")
	web.has("mine.example")
	ns.answers("www.mine.example", dns.TypeA, "192.0.2.1")
	ns.set("mine.example", "192.0.2.3")
	web.answers("www.mine.example", dns.TypeA, "192.0.2.3")
	web.keepsNotHaving("theirs.example")
}

func TestZonesThatNoAccountOwnsPassToAServerThatMayClaimThem(t *testing.T) {
	web, ns := startServer(t, "web.zonefleet.test"), startServer(t, "ns.zonefleet.test")
	ns.has("moved.example", "second.example")
	web.has("moved.example", "second.example")
	web.set("moved.example", "192.0.2.66")
	linkAs(t, "leaf --may-claim 2", web, ns, "--role", "synchronize", "--sync-now")
	ns.answers("www.moved.example", dns.TypeA, "192.0.2.66")
	web.answers("www.moved.example", dns.TypeA, "192.0.2.66")
	if out := ns.run("zone", "show", "moved.example", "--output", "json"); !strings.Contains(out, `"home": "`+web.name) && !strings.Contains(out, `"home":"`+web.name) {
		t.Errorf("its home at ns: %s", out)
	}
	ns.has("third.example") // one more than was confirmed
	web.run("member", "disable", ns.name)
	web.has("third.example")
	web.run("member", "enable", ns.name)
	ns.tells("foreign-write", "third.example")
	out := web.set("moved.example", "192.0.2.67", "--wait=all")
	if !strings.Contains(out, "2/2") {
		t.Errorf("the next change says %q", out)
	}
}
