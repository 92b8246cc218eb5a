package test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func portOf(t *testing.T, addr string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestEachReasonNotToAddAMemberHasItsOwnWords(t *testing.T) {
	a, b := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
	link(t, a, b, "--role", "synchronize", "--reverse-trust")
	good := b.token("relay")
	revoked := b.token("relay")
	b.run("token", "revoke", tokenID(revoked))
	root, err := os.ReadFile(filepath.Join(b.dir, "root.token"))
	if err != nil {
		t.Fatal(err)
	}
	other := httptest.NewTLSServer(http.NotFoundHandler())
	defer other.Close()
	c, elsewhere := startServer(t, "c.zonefleet.test"), newServer(t, "elsewhere.zonefleet.test")
	elsewhere.extra = []string{"--advertise", "127.0.0.2:" + portOf(t, elsewhere.https)}
	elsewhere.start()
	port := func(s *server) string { return portOf(t, s.https) }

	for _, tc := range []struct {
		name, host, token string
		from              *server
		says              []string
	}{
		{"host does not resolve", "nowhere.invalid:2087", good, c, []string{"nowhere.invalid", "does not resolve"}},
		{"this server itself", c.https, good, c, []string{"own address"}},
		{"itself by a name", "localhost:" + port(c), c.token("relay"), c, []string{"own"}},
		{"itself by another address", elsewhere.https, elsewhere.token("relay"), elsewhere, []string{"own"}},
		{"already a member", b.https, good, a, []string{"already a member"}},
		{"already a member by another name", "localhost:" + port(b), b.token("relay"), a, []string{"already"}},
		{"wrong token", b.https, tamper(good), c, []string{"token is not accepted"}},
		{"revoked token", b.https, revoked, c, []string{"token is not accepted"}},
		{"token of a person", b.https, strings.TrimSpace(string(root)), c, []string{"not allowed to cluster", "--kind relay"}},
		{"half a token", b.https, good[:12], c, []string{"token", "copy the whole token"}},
		{"nothing listens", "127.0.0.1:1", good, c, []string{"does not answer", "refused", "firewall"}},
		{"another kind of server", other.Listener.Addr().String(), good, c, []string{"no ZoneFleet server"}},
		{"unknown role", b.https, good, c, []string{"role"}},
		{"another key than expected", b.https, good, c, []string{"key"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			args := []string{"member", "add", tc.host, "--api-token", tc.token}
			switch tc.name {
			case "unknown role":
				args = append(args, "--role", "boss")
			case "another key than expected":
				args = append(args, "--member-fingerprint", "SHA256:"+strings.Repeat("00", 32))
			}
			out, err := tc.from.try(args...)
			if err == nil {
				t.Fatalf("it is added: %s", out)
			}
			_, says, _ := strings.Cut(err.Error(), "exit status")
			if !containsAll(says, tc.says...) {
				t.Errorf("it says: %v", says)
			}
			if strings.Contains(says, tc.token) {
				t.Error("it repeats the token")
			}
		})
	}
	if list := c.members(); len(list) != 0 {
		t.Errorf("what was refused is there: %+v", list)
	}
}

// tamper changes the last character of a token.
func tamper(token string) string {
	last := "A"
	if strings.HasSuffix(token, last) {
		last = "B"
	}
	return token[:len(token)-1] + last
}

// tokenID is the part of a token that names it.
func tokenID(token string) string { return strings.Split(token, "_")[1] }

func TestReverseTrustHasATokenForNothingElse(t *testing.T) {
	a, b := pair(t)
	var list struct {
		Tokens []struct {
			Kind   string `json:"kind"`
			Holder string `json:"holder"`
		} `json:"tokens"`
	}
	a.json(&list, "token", "list")
	for _, k := range list.Tokens {
		if k.Kind == "trust" && strings.Contains(k.Holder, b.name) {
			return
		}
	}
	t.Errorf("a has no token that serves the trust alone: %+v", list)
}

func TestAMemberThatCannotReachBackIsAddedWithANotice(t *testing.T) {
	a, b := newServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
	a.extra = []string{"--advertise", "127.0.0.1:1"}
	a.start()
	out := linkAs(t, "relay", a, b, "--role", "synchronize", "--reverse-trust")
	if !containsAll(out, "reverse trust was not established", "127.0.0.1:1", "--advertise") {
		t.Errorf("it says %s", out)
	}
	if m := a.member(b.name); m.ReverseTrust {
		t.Errorf("the table says that there is a reverse link: %+v", m)
	}
	if list := b.members(); len(list) != 0 {
		t.Errorf("b has %+v", list)
	}
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
}

func TestAClockThatIsFarOffIsANoticeAndAnAlarmAndNothingIsRefused(t *testing.T) {
	a, b := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test", "--clock-offset", "-3h")
	out := linkAs(t, "relay", a, b, "--role", "synchronize", "--reverse-trust", "--zones", "all")
	if !containsAll(out, "clock", "3h") {
		t.Errorf("it says %s", out)
	}
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.set("example.com", "192.0.2.2") // written after it has seen a's change, so it wins, whatever the clock says
	a.answers("www.example.com", dns.TypeA, "192.0.2.2")
	eventually(t, 5*time.Second, "the status tells of the clock", func() error {
		if out, _ := a.try("cluster", "status"); !strings.Contains(out, "clock") {
			return fmt.Errorf("it says %s", out)
		}
		return nil
	})
}

func TestEditingAMemberLeavesItsToken(t *testing.T) {
	a, b := pair(t)
	a.run("member", "edit", b.name, "--debug", "--api-token", "")
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	if _, err := a.try("member", "edit", b.name, "--api-token", tamper(b.token("relay"))); err == nil || !strings.Contains(err.Error(), "token is not accepted") {
		t.Errorf("a wrong token: %v", err)
	}
	a.set("example.com", "192.0.2.2") // with the token as it was
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
	a.run("member", "edit", b.name, "--api-token", b.token("relay"))
	a.stop()
	a.start()
	a.set("example.com", "192.0.2.3")
	b.answers("www.example.com", dns.TypeA, "192.0.2.3")
}

func TestARemovedMemberLeavesAllZonesAndCanBeAddedAgain(t *testing.T) {
	a, b := pair(t)
	a.has("ours.example")
	b.has("theirs.example")
	a.answers("www.theirs.example", dns.TypeA, "192.0.2.1")
	b.answers("www.ours.example", dns.TypeA, "192.0.2.1")
	var removed struct {
		Kept   int `json:"zones_kept"`
		AtHome int `json:"zones_at_home"`
	}
	a.json(&removed, "member", "remove", b.name)
	if removed.Kept != 2 || removed.AtHome != 1 {
		t.Errorf("it says %+v", removed)
	}
	if out := a.run("zone", "show", "theirs.example"); !strings.Contains(out, "not a member") {
		t.Errorf("a shows theirs.example as %s", out)
	}
	for _, s := range []*server{a, b} {
		if list := s.members(); len(list) != 0 {
			t.Errorf("%s still has %+v", s.name, list)
		}
		s.answers("www.ours.example", dns.TypeA, "192.0.2.1")
		s.answers("www.theirs.example", dns.TypeA, "192.0.2.1")
	}
	a.set("ours.example", "192.0.2.2", "--wait=all")
	b.keepsAnswering("www.ours.example", "192.0.2.1")

	linkedBothWays(t, a, b)
	b.answers("www.ours.example", dns.TypeA, "192.0.2.2")
	if out := a.run("zone", "show", "theirs.example"); strings.Contains(out, "not a member") {
		t.Errorf("a shows theirs.example as %s", out)
	}
}

func TestAnEmptyServerOfTheSameNameIsNotAcceptedUnderTheOldKeyAndFillsWhenAddedAgain(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	old := b.fingerprint()
	b.stop()
	if err := os.RemoveAll(b.dir); err != nil {
		t.Fatal(err)
	}
	b.start()
	eventually(t, 10*time.Second, "a says that the key has changed", func() error {
		if m := a.member(b.name); !containsAll(m.LastError, old, b.fingerprint()) {
			return fmt.Errorf("%+v", m)
		}
		return nil
	})
	b.keepsNotHaving("example.com")
	a.run("member", "remove", b.name)
	linkedBothWays(t, a, b)
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	a.reaches("2/2", "example.com", "192.0.2.2")
}

// fingerprint is that of the server's key.
func (s *server) fingerprint() string {
	s.t.Helper()
	var v struct {
		Fingerprint string `json:"fingerprint"`
	}
	decode(s.t, s.get("/api/v1/version"), &v)
	return v.Fingerprint
}

func TestLeavingDeliversAndRemovesThisServerEverywhere(t *testing.T) {
	web, ns1, ns2 := trio(t)
	web.has("example.com")
	ns2.answers("www.example.com", dns.TypeA, "192.0.2.1")
	ns2.kill()
	web.set("example.com", "192.0.2.2")
	out, err := web.try("cluster", "leave", "--timeout", "2s")
	if err == nil || !containsAll(out, ns1.name+" no longer lists", ns2.name, "zonefleet member remove "+web.name) {
		t.Errorf("leave says %s %v", out, err)
	}
	ns1.answers("www.example.com", dns.TypeA, "192.0.2.2")
	for _, m := range ns1.members() {
		if m.Name == web.name {
			t.Errorf("ns1 still lists web: %+v", m)
		}
	}
	if out, _ := web.try("cluster", "status"); !strings.Contains(out, "off") {
		t.Errorf("clustering goes on: %s", out)
	}
	ns2.start()
	ns2.run("member", "remove", web.name)
	ns1.reaches("2/2", "example.com", "192.0.2.3")
	web.keepsAnswering("www.example.com", "192.0.2.2")
}
