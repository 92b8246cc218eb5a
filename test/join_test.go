package test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// invite makes a join code.
func (s *server) invite(flags ...string) string {
	s.t.Helper()
	return strings.TrimSpace(s.run(append([]string{"member", "invite"}, flags...)...))
}

func TestANewServerJoinsByCodeAndServesEverything(t *testing.T) {
	a, b := pair(t)
	a.has("example.com", "example.net")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	code := a.invite("--name", "ns3")
	c := startServer(t, "c.zonefleet.test")
	if out := c.run("join", code, "--dry-run"); !containsAll(out, a.name, "2 zones there, 0 zones here", "synchronize", "relay") {
		t.Errorf("it would:\n%s", out)
	}
	c.run("join", code)
	for _, z := range []string{"www.example.com", "www.example.net"} { // at once: join waits
		if m, err := c.ask(z, dns.TypeA); err != nil || len(m.Answer) != 1 {
			t.Errorf("after join, %s is answered %v, %v", z, m, err)
		}
	}
	c.set("example.com", "192.0.2.3", "--wait=all")
	b.answers("www.example.com", dns.TypeA, "192.0.2.3")
	b.set("example.net", "192.0.2.4", "--wait=all")
	c.answers("www.example.net", dns.TypeA, "192.0.2.4")
	if m := a.member(c.name); m.Role != "standalone" {
		t.Errorf("the other side has %+v", m)
	}

	// The code is used up, for others and for guesses.
	d := startServer(t, "d.zonefleet.test")
	if _, err := d.try("join", code); err == nil || !containsAll(err.Error(), "was used by c.zonefleet.test", "member invite") {
		t.Errorf("a used code: %v", err)
	}
	revoked := a.invite()
	list := a.run("member", "invites", "--output", "json")
	var invites struct {
		Invites []struct{ ID, State string }
	}
	decode(t, list, &invites)
	if strings.Contains(list, revoked) || strings.Contains(list, "zfjoin") {
		t.Error("the list has a code")
	}
	for _, i := range invites.Invites {
		if i.State == "open" {
			a.run("member", "uninvite", i.ID)
		}
	}
	if _, err := d.try("join", revoked); err == nil || !strings.Contains(err.Error(), "it was revoked") {
		t.Errorf("a revoked code: %v", err)
	}
	if _, err := d.try("join", revoked[:len(revoked)-3]); err == nil || !strings.Contains(err.Error(), "copy the whole code") {
		t.Errorf("half a code: %v", err)
	}
	if len(d.members()) != 0 {
		t.Error("a failed join left a member")
	}
}

func TestACodeThatExpiredIsRefused(t *testing.T) {
	a, c := startServer(t, "a.zonefleet.test"), startServer(t, "c.zonefleet.test")
	code := a.invite("--expires", "1m")
	a.stop()
	a.extra = []string{"--clock-offset", "2m"}
	a.start()
	if _, err := c.try("join", code); err == nil || !strings.Contains(err.Error(), "it expired at") {
		t.Errorf("an expired code: %v", err)
	}
}

func TestJoiningWithZonesNeedsAWordAndMergesThem(t *testing.T) {
	a, c := startServer(t, "a.zonefleet.test"), startServer(t, "c.zonefleet.test")
	a.has("example.com")
	c.has("own.example")
	code := a.invite()
	if _, err := c.try("join", code); err == nil || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("joined without a word: %v", err)
	}
	a.keepsNotHaving("own.example")
	c.run("join", code, "--yes")
	a.answers("www.own.example", dns.TypeA, "192.0.2.1")
	c.answers("www.example.com", dns.TypeA, "192.0.2.1")
}

func TestJoinStartsAServerWhereNoneRuns(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	a.has("example.com")
	c := newServer(t, "c.zonefleet.test")
	c.startWith(c.program(), "join", a.invite(), "--data", c.dir, "--name", c.name, "--dns", c.dns, "--listen", c.https, "--advertise", c.https)
	c.answers("www.example.com", dns.TypeA, "192.0.2.1")
	c.stop()
	c.start()
	a.set("example.com", "192.0.2.9", "--wait=all")
	c.answers("www.example.com", dns.TypeA, "192.0.2.9")
}

// inBetween answers at an address with a key of its own and passes everything on, as a man in the middle does.
func inBetween(t *testing.T, key *server, to string) (addr string, heard func() []byte) {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(filepath.Join(key.dir, "node.crt"), filepath.Join(key.dir, "node.key"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var said bytes.Buffer
	var all sync.WaitGroup
	pass := func(c net.Conn) {
		defer c.Close()
		behind, err := tls.Dial("tcp", to, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"zonefleet-peer/1", "h2"}, Certificates: []tls.Certificate{cert}})
		if err != nil {
			return
		}
		defer behind.Close()
		go func() { _, _ = io.Copy(c, behind); c.Close() }()
		b := make([]byte, 4096)
		for {
			n, err := c.Read(b)
			mu.Lock()
			said.Write(b[:n])
			mu.Unlock()
			if _, werr := behind.Write(b[:n]); err != nil || werr != nil {
				return
			}
		}
	}
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { pass(c) })
		}
	})
	t.Cleanup(func() { l.Close() })
	return l.Addr().String(), func() []byte { mu.Lock(); defer mu.Unlock(); return bytes.Clone(said.Bytes()) }
}

func TestAManInTheMiddleOfAJoinIsRefusedAndLearnsNothing(t *testing.T) {
	a, c, mallory := startServer(t, "a.zonefleet.test"), startServer(t, "c.zonefleet.test"), startServer(t, "mallory.zonefleet.test")
	a.has("example.com")
	addr, heard := inBetween(t, mallory, a.https)
	code := a.invite("--address", addr)
	if _, err := c.try("join", code); err == nil || !containsAll(err.Error(), "another server answers there", "pinned is") {
		t.Errorf("joined through a stranger: %v", err)
	}
	if said := heard(); len(said) > 0 {
		t.Errorf("the stranger heard %q", said)
	}
	if list := a.run("member", "invites"); !strings.Contains(list, "open") {
		t.Errorf("the code was used up:\n%s", list)
	}
	c.run("join", a.invite()) // by the right address
	c.answers("www.example.com", dns.TypeA, "192.0.2.1")
}

// replaced is another machine under the name and the address of a server that is gone.
func (s *server) replaced() *server {
	s.kill()
	other := *s
	other.dir = filepath.Join(s.t.TempDir(), "data")
	return &other
}

func TestADeadServersReplacementTakesItsPlace(t *testing.T) {
	web, ns1, ns2 := trio(t)
	web.has("example.com")
	ns2.has("at-ns2.example") // whose home dies
	for _, s := range []*server{web, ns1, ns2} {
		s.answers("www.example.com", dns.TypeA, "192.0.2.1")
		s.answers("www.at-ns2.example", dns.TypeA, "192.0.2.1")
	}
	old := ns2.fingerprint()
	fresh := ns2.replaced()
	fresh.start()
	for _, s := range []*server{web, ns1} {
		eventually(t, 15*time.Second, s.name+" shows both keys", func() error {
			out, _ := s.try("cluster", "status")
			if !containsAll(out, "key changed: pinned "+old, "shown "+fresh.fingerprint()) {
				return fmt.Errorf("%s", out)
			}
			return nil
		})
		s.tells("member-key-changed", ns2.name)
	}
	if _, err := fresh.try("join", web.invite()); err == nil || !containsAll(err.Error(), "key changed: pinned "+old, "accept-key") {
		t.Errorf("it joined without a word: %v", err)
	}
	if _, err := web.try("member", "accept-key", ns2.name); err == nil || !containsAll(err.Error(), old, fresh.fingerprint(), "nothing was changed") {
		t.Errorf("accepted without a word: %v", err)
	}
	out := web.run("member", "accept-key", ns2.name, "--fingerprint", fresh.fingerprint())
	if !strings.Contains(out, "1 zone moved") {
		t.Errorf("accepting says\n%s", out)
	}
	fresh.run("join", web.invite())
	for _, z := range []string{"www.example.com", "www.at-ns2.example"} {
		fresh.answers(z, dns.TypeA, "192.0.2.1")
	}
	ns1.run("member", "accept-key", ns2.name, "--fingerprint", fresh.fingerprint())
	ns1.connected(ns2.name)
	for i, s := range []*server{web, ns1, fresh} {
		if s == fresh {
			continue
		}
		s.tells("member-key-accepted", ns2.name)
		s.set("example.com", fmt.Sprintf("192.0.2.%d", 20+i), "--wait=all")
		fresh.answers("www.example.com", dns.TypeA, fmt.Sprintf("192.0.2.%d", 20+i))
	}
	fresh.set("example.com", "192.0.2.30", "--wait=all")
	for _, s := range []*server{web, ns1} {
		s.answers("www.example.com", dns.TypeA, "192.0.2.30")
		if out := s.run("cluster", "status"); !strings.HasPrefix(out, "in step") {
			t.Errorf("%s says\n%s", s.name, out)
		}
		if out := s.run("zone", "list", "--output", "json"); strings.Contains(out, `"home_known": false`) {
			t.Errorf("%s has zones whose home is nobody:\n%s", s.name, out)
		}
	}
}

func TestACodeForAReplacementNeedsNoOtherWord(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	fresh := b.replaced()
	fresh.start()
	fresh.run("join", a.invite("--replaces", b.name))
	fresh.answers("www.example.com", dns.TypeA, "192.0.2.1")
	eventually(t, 20*time.Second, "the link that a had to b leads to the new one", func() error {
		if m := a.member(b.name); !m.Connected || m.LastError != "" || m.Waiting > 0 {
			return fmt.Errorf("%+v", m)
		}
		return nil
	})
	a.connected(b.name)
	bothTakeEdits(a, fresh)
}

// bothTakeEdits edits example.com at each of two servers and asks the other.
func bothTakeEdits(a, b *server) {
	a.t.Helper()
	a.set("example.com", "192.0.2.2", "--wait=all")
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
	b.set("example.com", "192.0.2.3", "--wait=all")
	a.answers("www.example.com", dns.TypeA, "192.0.2.3")
}

// Only the key is lost: tokens and data are there, so a word at the others is all that it takes.
func TestAServerThatLostItsKeyGoesOnWhenTheNewOneIsAccepted(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.stop()
	if err := os.Remove(filepath.Join(b.dir, "node.key")); err != nil {
		t.Fatal(err)
	}
	b.start()
	eventually(t, 15*time.Second, "a shows the new key", func() error {
		if m := a.member(b.name); m.State == "active" && !strings.Contains(m.LastError, "key changed") {
			return fmt.Errorf("%+v", m)
		}
		return nil
	})
	a.run("member", "accept-key", b.name, "--yes")
	a.connected(b.name)
	a.set("example.com", "192.0.2.2", "--wait=all")
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
	b.set("example.com", "192.0.2.3")
	a.answers("www.example.com", dns.TypeA, "192.0.2.3")
}
