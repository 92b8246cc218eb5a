package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/auth"
)

func TestOneCodeAtTwoServersAtOnceLetsExactlyOneIn(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	a.has("example.com")
	joining := []*server{startServer(t, "c.zonefleet.test"), startServer(t, "d.zonefleet.test")}
	code := a.invite()
	var errs [2]error
	var both sync.WaitGroup
	for i, s := range joining {
		both.Go(func() { _, errs[i] = s.try("join", code) })
	}
	both.Wait()
	won, lost := joining[0], joining[1]
	if errs[0] != nil {
		won, lost = lost, won
	}
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("%s: %v; %s: %v", joining[0].name, errs[0], joining[1].name, errs[1])
	}
	if err := errors.Join(errs[:]...); !containsAll(err.Error(), "was used by "+won.name, "member invite") {
		t.Errorf("the other one is told: %v", err)
	}
	if m := lost.members(); len(m) != 0 {
		t.Errorf("the other one has members: %+v", m)
	}
	joinedWhole(t, a, won)
	lost.run("join", a.invite())
	lost.answers("www.example.com", dns.TypeA, "192.0.2.9")
}

// Two people, or a script that is impatient.
func TestOneCodeTwiceAtOneServerAtOnceIsOneJoin(t *testing.T) {
	a, c := startServer(t, "a.zonefleet.test"), startServer(t, "c.zonefleet.test")
	a.has("example.com")
	code := a.invite()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := c.try("join", code); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	joinedWhole(t, a, c)
}

func TestAReplacementThatIsCutOffWhenItsCodeIsUsedIsFinishedByRepeatingIt(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	fresh := b.replaced()
	fresh.start()
	p := newPassage(t, a.https)
	code := a.invite("--replaces", b.name, "--address", p.addr)
	reached := make(chan struct{})
	p.at(callUse, func() { p.slow = true; close(reached) })
	ended := make(chan struct{})
	go func() { _, _ = fresh.try("join", code, "--timeout", "3s"); close(ended) }()
	<-reached
	eventually(t, 10*time.Second, "the code is used", func() error {
		if out := a.run("member", "invites"); !strings.Contains(out, "used") {
			return errors.New(out)
		}
		return nil
	})
	fresh.kill()
	<-ended
	p.free()
	fresh.start()
	fresh.run("join", code)
	a.connected(b.name)
	bothTakeEdits(a, fresh)
}

func TestAServerThatWasReplacedAndComesBackIsRefusedAndKeepsWhatOnlyItHas(t *testing.T) {
	web, ns1, ns2 := trio(t)
	web.has("example.com")
	ns2.answers("www.example.com", dns.TypeA, "192.0.2.1")
	web.stop()
	ns1.stop()
	ns2.run("record", "set", "example.com", "only-here", "300", "A", "192.0.2.99") // which nobody got
	fresh := ns2.replaced()
	web.start()
	ns1.start()
	fresh.start()
	fresh.run("join", web.invite("--replaces", ns2.name))
	ns1.run("member", "accept-key", ns2.name, "--fingerprint", fresh.fingerprint())
	ns1.connected(ns2.name)

	old := *ns2 // another address, the same name and key
	old.dns, old.https = freeAddr(t), freeAddr(t)
	old.start()
	for _, s := range []*server{web, ns1} {
		eventually(t, 20*time.Second, "the old one says who refuses it, and why", func() error {
			out, err := old.try("member", "list")
			if err != nil || !containsAll(out, s.name+": ", "this server was replaced: at "+s.name, fresh.fingerprint()) {
				return errors.New(out)
			}
			return nil
		})
	}
	out, err := old.try("cluster", "status")
	if err == nil || !containsAll(out, "someone must act", "this server was replaced", "zone export") {
		t.Errorf("its status: %s %v", out, err)
	}
	if !strings.Contains(old.log.String(), "this server was replaced") {
		t.Errorf("its log:\n%s", old.log)
	}
	old.set("example.com", "192.0.2.66")
	old.run("zone", "create", "stray.example", "--ns", "ns1.example.net", "--ns", "ns2.example.net")
	for _, words := range []string{"only-here", "192.0.2.66"} {
		if out := old.run("zone", "export", "example.com"); !strings.Contains(out, words) {
			t.Errorf("what only it has is not exported: no %s in\n%s", words, out)
		}
	}
	web.set("example.com", "192.0.2.5", "--wait=all")
	for _, s := range []*server{web, ns1, fresh} {
		s.answers("www.example.com", dns.TypeA, "192.0.2.5")
		if out := s.run("zone", "export", "example.com"); strings.Contains(out, "only-here") {
			t.Errorf("%s took something of the old one:\n%s", s.name, out)
		}
		s.keepsNotHaving("stray.example")
		inStep(s)
	}
	if _, err := old.try("join", web.invite()); err == nil || !strings.Contains(err.Error(), "key changed") {
		t.Errorf("it joins under the name of the other: %v", err)
	}
	// At its old address, it is not taken for the new one.
	fresh.kill()
	old.stop()
	old.dns, old.https = fresh.dns, fresh.https
	old.start()
	eventually(t, 20*time.Second, "its old address leads to it", func() error {
		out, _ := web.try("cluster", "status")
		says, _, _ := strings.Cut(out, "\n")
		if !strings.Contains(says, "the server that it replaced answers at its address") || strings.Contains(says, "accept-key") {
			return errors.New(out)
		}
		return nil
	})
	old.stop()
	fresh.start()
	web.set("example.com", "192.0.2.6", "--wait=all")
	fresh.answers("www.example.com", dns.TypeA, "192.0.2.6")
	fresh.keepsNotHaving("stray.example")
}

// inStep waits until the server's status says so.
func inStep(s *server) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, s.name+" is in step", func() error {
		if out, err := s.try("cluster", "status"); err != nil || !strings.HasPrefix(out, "in step") {
			return fmt.Errorf("%s%w", out, err)
		}
		return nil
	})
}

func TestAServerThatJoinedGetsItsOtherLinksByOneCommandAtEach(t *testing.T) {
	a, b := pair(t)
	c, stranger := startServer(t, "c.zonefleet.test"), startServer(t, "stranger.zonefleet.test")
	a.has("example.com")
	out := c.run("join", a.invite())
	_, after, found := strings.Cut(out, "run at "+b.name+":\n")
	if !found {
		t.Fatalf("join says\n%s", out)
	}
	command := strings.Fields(after)[1:]
	if _, err := stranger.try(command...); err == nil || !containsAll(err.Error(), "does not expect this server", "token create") {
		t.Errorf("a server that nobody named adds itself: %v", err)
	}
	b.run(command...)
	b.connected(c.name)
	a.stop()
	for i, s := range []*server{b, c} {
		addr := fmt.Sprintf("192.0.2.%d", 20+i)
		s.set("example.com", addr)
		for _, other := range []*server{b, c} {
			other.answers("www.example.com", dns.TypeA, addr)
		}
	}
}

// Guesses cost who guesses, not who is guessed at: twenty of an address are looked at in a minute.
func TestGuessingJoinCodesIsThrottled(t *testing.T) {
	a, c := startServer(t, "a.zonefleet.test"), startServer(t, "c.zonefleet.test")
	a.has("example.com")
	text := a.invite()
	guess, err := auth.ParseCode(text)
	if err != nil {
		t.Fatal(err)
	}
	throttled := 0
	for i := range 30 {
		guess.Secret[i]++
		_, err := c.try("join", guess.Text())
		switch {
		case err == nil:
			t.Fatal("a guess joins")
		case strings.Contains(err.Error(), "too many failed attempts"):
			throttled++
		case !strings.Contains(err.Error(), "not accepted"):
			t.Errorf("a guess is told: %v", err)
		}
	}
	if throttled < 5 { // a minute may end meanwhile
		t.Errorf("%d of 30 guesses were throttled", throttled)
	}
	var list struct{ Invites []struct{ State string } }
	if err := json.Unmarshal([]byte(a.run("member", "invites", "--output", "json")), &list); err != nil || list.Invites[0].State != "open" {
		t.Errorf("the code is %+v, %v", list, err)
	}
	if len(c.members()) != 0 || strings.Contains(a.log.String(), filepath.Base(text)) {
		t.Error("a guess left something")
	}
}
