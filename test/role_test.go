package test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// two is two servers without a link.
func two(t *testing.T) (here, there *server) {
	t.Helper()
	return startServer(t, "here.zonefleet.test"), startServer(t, "there.zonefleet.test")
}

func (s *server) has(zones ...string) {
	s.t.Helper()
	files := map[string]string{}
	for _, z := range zones {
		files[z] = zoneFile("192.0.2.1")
	}
	s.run("zone", "import", writeZones(s.t, files))
}

// set makes www of the zone an address.
func (s *server) set(zone, addr string, flags ...string) string {
	s.t.Helper()
	return s.run(append([]string{"record", "set", zone, "www", "300", "A", addr}, flags...)...)
}

// keepsNotHaving says that the server does not answer for the zone, now and for a while: long enough for anything that is
// under way.
func (s *server) keepsNotHaving(zone string) {
	s.t.Helper()
	s.keeps("www."+zone, "it has no zone "+zone, func(m *dns.Msg) bool { return m.Rcode == dns.RcodeRefused })
}

func (s *server) keepsAnswering(name string, want string) {
	s.t.Helper()
	s.keeps(name, "it answers "+want, func(m *dns.Msg) bool { return strings.Join(data(m.Answer, dns.TypeA), " ") == want })
}

func (s *server) keeps(name, what string, holds func(*dns.Msg) bool) {
	s.t.Helper()
	for end := time.Now().Add(700 * time.Millisecond); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		m, err := s.ask(name, dns.TypeA)
		if err != nil {
			s.t.Fatal(err)
		}
		if !holds(m) {
			s.t.Fatalf("%s: %s no longer holds: %v", s.name, what, m)
		}
	}
}

// connected waits until the member of that name is.
func (s *server) connected(name string) {
	s.t.Helper()
	eventually(s.t, 10*time.Second, name+" is connected at "+s.name, func() error {
		m := s.member(name)
		if !m.Connected {
			return fmt.Errorf("it is %+v", m)
		}
		return nil
	})
}

// get asks the REST door as root and returns the body.
func (s *server) get(path string) string {
	s.t.Helper()
	token, err := os.ReadFile(filepath.Join(s.dir, "root.token"))
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodGet, "https://"+s.https+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
	}}
	answer, err := c.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("%s of %s: %s %s %v", path, s.name, answer.Status, text, err)
	}
	return string(text)
}

type event struct {
	Kind string `json:"kind"`
	Zone string `json:"zone"`
	Text string `json:"text"`
}

// tells waits until there is an event of that kind whose text contains the words.
func (s *server) tells(kind string, words ...string) {
	s.t.Helper()
	// A comparison looks up to five times, ever more seldom, before it tells.
	eventually(s.t, 30*time.Second, s.name+" tells of "+kind, func() error {
		var list struct {
			Events []event `json:"events"`
		}
		if err := json.Unmarshal([]byte(s.get("/api/v1/events")), &list); err != nil {
			return err
		}
		for _, e := range list.Events {
			if e.Kind == kind && containsAll(e.Text, words...) {
				return nil
			}
		}
		return fmt.Errorf("it tells %v", list.Events)
	})
}

func containsAll(text string, words ...string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

type member struct {
	Name         string `json:"name"`
	Host         string `json:"host"`
	Port         int    `json:"port"`
	Role         string `json:"role"`
	State        string `json:"state"`
	Connected    bool   `json:"connected"`
	Failures     int    `json:"failures"`
	LastError    string `json:"last_error"`
	Waiting      int    `json:"waiting"`
	Exceptions   int    `json:"exceptions"`
	ReverseTrust bool   `json:"reverse_trust"`
}

func (s *server) members() []member {
	s.t.Helper()
	var list struct {
		Members []member `json:"members"`
	}
	s.json(&list, "member", "list")
	return list.Members
}

func (s *server) member(name string) member {
	s.t.Helper()
	for _, m := range s.members() {
		if m.Name == name || m.Host == name {
			return m
		}
	}
	s.t.Fatalf("%s has no member %s: %+v", s.name, name, s.members())
	return member{}
}

func TestStandaloneReceivesWhatChangesOfCommonZonesAndSendsNothing(t *testing.T) {
	here, there := two(t)
	there.has("common.example", "theirs.example")
	link(t, here, there, "--role", "synchronize", "--sync-now") // makes common.example common
	here.answers("www.theirs.example", dns.TypeA, "192.0.2.1")
	here.run("member", "remove", there.name)
	here.has("mine.example")

	link(t, here, there, "--role", "standalone")
	here.connected(there.name)
	there.set("common.example", "192.0.2.20")
	here.answers("www.common.example", dns.TypeA, "192.0.2.20")
	there.has("new.example")
	here.set("common.example", "192.0.2.30")
	here.keepsNotHaving("new.example")
	there.keepsAnswering("www.common.example", "192.0.2.20")
	there.keepsNotHaving("mine.example")
}

func TestStandaloneThatSynchronizesAtOnceTakesNewerCopiesOfCommonZonesOnly(t *testing.T) {
	here, there := two(t)
	there.has("common.example")
	link(t, here, there, "--role", "synchronize", "--sync-now")
	here.answers("www.common.example", dns.TypeA, "192.0.2.1")
	here.run("member", "remove", there.name)
	there.set("common.example", "192.0.2.20")
	there.has("theirs.example")
	here.has("mine.example")

	link(t, here, there, "--role", "standalone", "--sync-now")
	here.answers("www.common.example", dns.TypeA, "192.0.2.20")
	here.keepsNotHaving("theirs.example")
	there.keepsNotHaving("mine.example")
}

func TestALinkThatIsNotSynchronizedCarriesOnlyWhatChangesSince(t *testing.T) {
	for _, role := range []string{"standalone", "synchronize", "write-only"} {
		t.Run(role, func(t *testing.T) {
			here, there := two(t)
			there.has("common.example")
			link(t, here, there, "--role", "synchronize", "--sync-now")
			here.answers("www.common.example", dns.TypeA, "192.0.2.1")
			here.run("member", "remove", there.name)
			there.set("common.example", "192.0.2.20")
			there.has("theirs.example")
			here.has("mine.example")

			link(t, here, there, "--role", role, "--zones", "all")
			here.connected(there.name)
			here.keepsAnswering("www.common.example", "192.0.2.1")
			here.keepsNotHaving("theirs.example")
			there.keepsNotHaving("mine.example")
		})
	}
}

func TestSynchronizeTakesLaterZonesOnlyIfAllAreWanted(t *testing.T) {
	for _, zones := range []string{"common", "all"} {
		t.Run(zones, func(t *testing.T) {
			here, there := two(t)
			there.has("theirs.example")
			here.has("mine.example")
			link(t, here, there, "--role", "synchronize", "--sync-now", "--zones", zones)
			here.answers("www.theirs.example", dns.TypeA, "192.0.2.1")
			there.answers("www.mine.example", dns.TypeA, "192.0.2.1")
			there.set("theirs.example", "192.0.2.20")
			here.answers("www.theirs.example", dns.TypeA, "192.0.2.20")

			here.tells("first-synchronization", there.name)
			there.has("later.example")
			if zones == "all" {
				here.answers("www.later.example", dns.TypeA, "192.0.2.1")
			} else {
				here.keepsNotHaving("later.example")
			}
			here.has("here.example")
			there.answers("www.here.example", dns.TypeA, "192.0.2.1")
		})
	}
}

// serial is that of a zone as it is served.
func (s *server) serial(zone string) uint32 {
	s.t.Helper()
	m, err := s.ask(zone, dns.TypeSOA)
	if err != nil || len(m.Answer) != 1 {
		s.t.Fatalf("SOA of %s at %s: %v %v", zone, s.name, m, err)
	}
	return m.Answer[0].(*dns.SOA).Serial
}

// undoOverwrite undoes the newest change by which a write-only sender replaced something.
func (s *server) undoOverwrite(zone string) {
	s.t.Helper()
	s.undoNewest(zone, "replace")
}

// undoNewest undoes the newest change of that kind.
func (s *server) undoNewest(zone, kind string) {
	s.t.Helper()
	var list struct {
		Changes []struct {
			ID   uint64 `json:"id"`
			Kind string `json:"kind"`
		} `json:"changes"`
	}
	s.json(&list, "zone", "history", zone)
	for _, c := range list.Changes {
		if c.Kind == kind {
			s.run("change", "undo", fmt.Sprint(c.ID))
			return
		}
	}
	s.t.Fatalf("%s has no %s in the history of %s: %+v", s.name, kind, zone, list)
}

func TestWriteOnlyReplacesOnlyWhatTheSenderWroteAndReadsNothing(t *testing.T) {
	here, there := two(t)
	here.has("common.example")
	link(t, here, there, "--role", "write-only", "--sync-now")
	there.answers("www.common.example", dns.TypeA, "192.0.2.1")

	here.run("member", "disable", there.name)
	here.set("common.example", "192.0.2.70")
	time.Sleep(20 * time.Millisecond) // the receiver's edit is the later one, and is replaced all the same
	there.set("common.example", "192.0.2.60")
	there.run("record", "set", "common.example", "other", "300", "A", "192.0.2.61")
	here.run("member", "enable", there.name)
	there.answers("www.common.example", dns.TypeA, "192.0.2.70")
	there.keepsAnswering("other.common.example", "192.0.2.61")
	there.tells("overwritten", here.name, "www")
	here.keepsAnswering("www.common.example", "192.0.2.70")
	here.keepsAnswering("other.common.example", "") // nothing is read

	there.undoOverwrite("common.example")
	there.answers("www.common.example", dns.TypeA, "192.0.2.60")
	here.run("record", "set", "common.example", "third", "300", "A", "192.0.2.71")
	there.answers("third.common.example", dns.TypeA, "192.0.2.71")
	there.keepsAnswering("www.common.example", "192.0.2.60")
}

func TestTheFirstSynchronizationOfAWriteOnlyLinkOverwritesOnce(t *testing.T) {
	here, there := two(t)
	here.has("common.example")
	link(t, here, there, "--role", "synchronize", "--sync-now")
	there.answers("www.common.example", dns.TypeA, "192.0.2.1")
	here.run("member", "remove", there.name)
	there.set("common.example", "192.0.2.60")
	there.has("theirs.example")

	link(t, here, there, "--role", "write-only", "--sync-now")
	there.answers("www.common.example", dns.TypeA, "192.0.2.1")
	there.tells("overwritten", here.name, "www")
	here.keepsNotHaving("theirs.example")
	there.undoOverwrite("common.example")
	there.answers("www.common.example", dns.TypeA, "192.0.2.60")
	here.run("record", "set", "common.example", "third", "300", "A", "192.0.2.71")
	there.answers("third.common.example", dns.TypeA, "192.0.2.71")
	there.keepsAnswering("www.common.example", "192.0.2.60")
}

func TestARingOfWriteOnlyLinksEnds(t *testing.T) {
	ring := []*server{startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test"), startServer(t, "c.zonefleet.test")}
	ring[0].has("common.example")
	for i, s := range ring {
		link(t, s, ring[(i+1)%3], "--role", "write-only", "--sync-now")
		ring[(i+1)%3].answers("www.common.example", dns.TypeA, "192.0.2.1")
	}
	for i, s := range ring {
		addr := fmt.Sprintf("192.0.2.%d", 10+i)
		s.set("common.example", addr, "--wait=all")
		for _, other := range ring {
			other.answers("www.common.example", dns.TypeA, addr)
		}
	}
	var all sync.WaitGroup
	for i, s := range ring { // at once
		all.Go(func() {
			if _, err := s.try("record", "set", "common.example", "www", "300", "A", fmt.Sprintf("192.0.2.%d", 20+i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	time.Sleep(1500 * time.Millisecond)
	var before [3]uint32
	for i, s := range ring {
		before[i] = s.serial("common.example")
	}
	time.Sleep(1500 * time.Millisecond)
	for i, s := range ring {
		if now := s.serial("common.example"); now != before[i] {
			t.Errorf("%s goes on writing: serial %d, then %d", s.name, before[i], now)
		}
	}
}

func TestTheReverseLinkCarriesChangesWhenTheForwardLinkIsGone(t *testing.T) {
	here, there := two(t)
	here.has("common.example")
	link(t, here, there, "--role", "synchronize", "--reverse-trust", "--sync-now")
	there.answers("www.common.example", dns.TypeA, "192.0.2.1")
	here.run("member", "disable", there.name)
	here.set("common.example", "192.0.2.2")
	there.keepsAnswering("www.common.example", "192.0.2.1") // disabled by hand: nothing goes either way
	here.run("member", "role", there.name, "standalone")
	here.run("member", "enable", there.name)
	here.set("common.example", "192.0.2.3") // nothing is sent any more, but it is followed from there
	there.answers("www.common.example", dns.TypeA, "192.0.2.3")
	there.set("common.example", "192.0.2.4")
	here.answers("www.common.example", dns.TypeA, "192.0.2.4")
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
