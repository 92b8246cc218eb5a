package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// becomes waits until the member is in that state.
func (s *server) becomes(name, state string) {
	s.t.Helper()
	eventually(s.t, 15*time.Second, name+" is "+state+" at "+s.name, func() error {
		if m := s.member(name); m.State != state {
			return fmt.Errorf("it is %+v", m)
		}
		return nil
	})
}

func TestAMemberThatFailsIsDisabledAtTheThresholdAndComesBack(t *testing.T) {
	for _, reenable := range []string{"auto", "by-hand"} {
		t.Run(reenable, func(t *testing.T) {
			a, b := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
			flags := []string{"--role", "synchronize", "--sync-now"}
			if reenable == "auto" { // with the link back a is called by b, and need not wait for its own next probe
				flags = append(flags, "--reverse-trust")
			}
			link(t, a, b, flags...)
			a.has("example.com")
			b.answers("www.example.com", dns.TypeA, "192.0.2.1")
			a.run("cluster", "threshold", "2", "--reenable", reenable)
			b.kill()
			a.becomes(b.name, "disabled-failures")
			a.tells("member-disabled", b.name)
			a.set("example.com", "192.0.2.2")
			a.has("example.net")
			if _, err := a.try("cluster", "status"); err == nil {
				t.Error("the status is good while a member is disabled")
			}

			b.start()
			if reenable == "by-hand" {
				b.keepsAnswering("www.example.com", "192.0.2.1")
				a.becomes(b.name, "disabled-failures")
				a.run("member", "enable", b.name)
			}
			b.answers("www.example.com", dns.TypeA, "192.0.2.2")
			b.answers("www.example.net", dns.TypeA, "192.0.2.1")
			a.becomes(b.name, "active")
			a.tells("member-enabled", b.name)
		})
	}
}

func TestAMemberThatIsKeptOnlineIsNeverDisabled(t *testing.T) {
	a, b := pair(t)
	a.run("cluster", "threshold", "2", "--keep-online")
	b.kill()
	eventually(t, 15*time.Second, "b has failed three times", func() error {
		if m := a.member(b.name); m.Failures < 3 {
			return fmt.Errorf("%+v", m)
		}
		return nil
	})
	a.becomes(b.name, "active")
}

func TestADisabledMemberIsNeitherSentToNorAnsweredAndNothingIsLost(t *testing.T) {
	a, b := pair(t)
	a.has("example.com", "example.net")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.answers("www.example.net", dns.TypeA, "192.0.2.1")
	a.run("member", "disable", b.name)
	a.tells("member-disabled", b.name)
	a.set("example.com", "192.0.2.2")
	b.set("example.net", "192.0.2.3")
	b.keepsAnswering("www.example.com", "192.0.2.1")
	a.keepsAnswering("www.example.net", "192.0.2.1")
	out, err := a.try("record", "set", "example.com", "x", "300", "A", "192.0.2.9", "--wait=all", "--timeout", "300ms")
	if err == nil {
		t.Errorf("a change that waits for a disabled member says %q", out)
	}
	if m := b.member(a.name); m.Failures != 0 {
		t.Errorf("a disabled link counts as a failure at the other side: %+v", m)
	}
	a.stop()
	a.start() // stays disabled
	a.becomes(b.name, "disabled-by-hand")
	b.keepsAnswering("www.example.com", "192.0.2.1")
	a.run("member", "enable", b.name)
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
	b.answers("x.example.com", dns.TypeA, "192.0.2.9")
	a.answers("www.example.net", dns.TypeA, "192.0.2.3")
}

func TestWhileClusteringIsOffEditsGoOnAndNobodyCountsFailures(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.run("cluster", "disable")
	a.set("example.com", "192.0.2.2")
	b.run("record", "set", "example.com", "mine", "300", "A", "192.0.2.3")
	b.answers("mine.example.com", dns.TypeA, "192.0.2.3")
	b.keepsAnswering("www.example.com", "192.0.2.1")
	a.keepsAnswering("mine.example.com", "")
	if m := a.member(b.name); m.Failures != 0 || m.State != "active" {
		t.Errorf("a says of b %+v", m)
	}
	out, _ := b.try("cluster", "status")
	if !strings.Contains(out, "off") {
		t.Errorf("b's status does not say that clustering is off: %s", out)
	}
	c := startServer(t, "c.zonefleet.test")
	token := b.token("relay")
	if out := c.run("member", "add", b.https, "--api-token", token); !strings.Contains(out, "clustering is off at "+b.name) {
		t.Errorf("adding a server whose clustering is off says %q", out)
	}

	b.run("cluster", "enable")
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
	a.answers("mine.example.com", dns.TypeA, "192.0.2.3")
}
