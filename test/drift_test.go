package test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/store"
)

// drift compares now and returns what differs from one member.
func (s *server) drift(of *server) api.MemberDrift {
	s.t.Helper()
	out, err := s.try("cluster", "drift", "--now", "--member", of.name, "--output", "json")
	var r api.DriftReport
	if decode(s.t, out, &r); len(r.Members) != 1 {
		s.t.Fatalf("%s reports %q, %v", s.name, out, err)
	}
	m := r.Members[0]
	if (err != nil) != (m.Differ > 0) {
		s.t.Errorf("%d zones differ, and the command ends with %v", m.Differ, err)
	}
	return m
}

// registers reads the registers of a stopped server's folder.
func registers(t *testing.T, dir string, keys ...string) map[string]string {
	t.Helper()
	values := map[string]string{}
	withStore(t, dir, func(s *store.Store) {
		for _, k := range keys {
			if v, ok := s.Register(k); ok {
				values[k] = string(v)
			}
		}
	})
	return values
}

func setRegisters(t *testing.T, dir string, values map[string]string) {
	t.Helper()
	withStore(t, dir, func(s *store.Store) {
		for k, v := range values {
			s.SetRegister(k, []byte(v))
		}
	})
}

func withStore(t *testing.T, dir string, f func(*store.Store)) {
	t.Helper()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	f(s)
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// putBack puts a stopped server's folder back to an older copy, but for what it says that it has of the other's feed: the
// registers whose names begin so are as new as before.
func (s *server) putBack(backup string, keep ...string) {
	s.t.Helper()
	newer := registers(s.t, s.dir, keep...)
	if len(newer) < len(keep) {
		s.t.Fatalf("%s has of %v only %v", s.name, keep, newer)
	}
	copyData(s.t, backup, s.dir)
	setRegisters(s.t, s.dir, newer)
}

// targets names the links that a stopped server works, as its registers do.
func (s *server) targets() (list []string) {
	s.t.Helper()
	withStore(s.t, s.dir, func(data *store.Store) {
		rows, err := data.Records("member")
		if err != nil || len(rows) == 0 {
			s.t.Fatalf("%d members, %v", len(rows), err)
		}
		for _, row := range rows {
			var m struct{ Target string }
			if err := json.Unmarshal(row[1:], &m); err != nil {
				s.t.Fatal(err)
			}
			list = append(list, m.Target)
		}
	})
	return list
}

// feedRegisters names the registers in which a server keeps how far it has the feed of another, which works a link to it:
// the highest position that it has heard of, and up to where it has everything.
func feedRegisters(t *testing.T, of *server) (heard, settled string) {
	t.Helper()
	key := strings.TrimPrefix(of.fingerprint(), "SHA256:")
	of.stop()
	defer of.start()
	withStore(t, of.dir, func(s *store.Store) {
		heard = "heard/" + key[:22] + "/" + s.Instance()
	})
	settled = "settled/from/" + key[:22] + "/" + of.targets()[0]
	return heard, settled
}

func TestAMemberThatAcknowledgesAndForgetsHasItAgain(t *testing.T) {
	for _, role := range []string{"synchronize", "write-only"} {
		t.Run(role, func(t *testing.T) {
			a, b := two(t)
			link(t, a, b, "--role", role, "--sync-now")
			a.has("old.example", "edited.example", "deleted.example")
			a.run("wait", "--timeout", "20s")
			backup := filepath.Join(t.TempDir(), "backup")
			b.stop()
			copyData(t, b.dir, backup)
			b.start()
			a.has("new.example", "newer.example")
			a.set("edited.example", "192.0.2.2")
			a.run("zone", "delete", "deleted.example")
			a.run("wait", "--timeout", "20s")
			b.answers("www.new.example", dns.TypeA, "192.0.2.1")
			b.stop()
			heard, settled := feedRegisters(t, a)
			b.putBack(backup, heard, settled)
			b.start()

			// Nobody does anything.
			b.answers("www.new.example", dns.TypeA, "192.0.2.1")
			b.answers("www.newer.example", dns.TypeA, "192.0.2.1")
			b.answers("www.edited.example", dns.TypeA, "192.0.2.2")
			eventually(t, 10*time.Second, "the deletion is there again", func() error {
				m, err := b.ask("www.deleted.example", dns.TypeA)
				if err == nil && m.Rcode != dns.RcodeRefused {
					err = fmt.Errorf("it answers %s", dns.RcodeToString[m.Rcode])
				}
				return err
			})
			a.tells("drift-healed", b.name, "4 zones")
			if m := a.drift(b); m.Differ != 0 || m.Rounds != 1 && role == "synchronize" {
				t.Errorf("%+v", m)
			}
		})
	}
}

// In the middle of a first synchronization a server has heard of the newest changes and lacks the backlog. Put back to a
// copy of that moment it says so, and nothing has to be compared.
func TestAServerPutBackIntoTheMiddleOfAFirstSynchronizationGetsTheRest(t *testing.T) {
	a, b := two(t)
	link(t, a, b, "--role", "synchronize", "--sync-now")
	a.has("old.example")
	a.run("wait", "--timeout", "20s")
	backup := filepath.Join(t.TempDir(), "backup")
	b.stop()
	copyData(t, b.dir, backup)
	b.start()
	a.has("new.example", "newer.example")
	a.run("wait", "--timeout", "20s")
	b.stop()
	heard, _ := feedRegisters(t, a)
	b.putBack(backup, heard)
	a.run("cluster", "comparing", "--policy", "report")
	b.start()
	b.answers("www.new.example", dns.TypeA, "192.0.2.1")
	b.answers("www.newer.example", dns.TypeA, "192.0.2.1")
	if m := a.drift(b); m.Differ+m.Healed != 0 {
		t.Errorf("%+v", m)
	}
	if out := a.get("/api/v1/events"); strings.Contains(out, "drift-healed") {
		t.Error("it was a comparison that found it")
	}
}

func TestEqualServersAreComparedInOneQuestion(t *testing.T) {
	a, b := pair(t)
	files := map[string]string{}
	for n := range 300 {
		files[fmt.Sprintf("zone%d.example", n)] = zoneFile("192.0.2.1")
	}
	a.run("zone", "import", writeZones(t, files))
	a.run("wait", "--timeout", "30s")
	for _, s := range [][2]*server{{a, b}, {b, a}} {
		var r api.DriftReport
		out, _ := s[0].try("cluster", "drift", "--now", "--output", "json")
		decode(t, out, &r)
		for _, m := range r.Members {
			if m.Differ+m.OnlyHere.Count+m.OnlyThere.Count+m.Moving != 0 || m.Failed == "" && m.Rounds != 1 {
				t.Errorf("%s: %+v", s[0].name, m)
			}
		}
	}
}

// A leaf compares its own zones. Those of others at the nameserver, and of others at the leaf, are none of its business.
func TestALeafComparesItsOwnZonesOnly(t *testing.T) {
	web, ns := startServer(t, "web.zonefleet.test"), startServer(t, "ns.zonefleet.test")
	ns.has("theirs.example", "secret.example")
	web.has("mine.example", "second.example")
	linkAs(t, "leaf", web, ns, "--role", "synchronize", "--sync-now")
	ns.answers("www.second.example", dns.TypeA, "192.0.2.1")
	web.connected(ns.name)
	if m := web.drift(ns); m.Rounds != 1 || m.Differ+m.OnlyHere.Count+m.OnlyThere.Count != 0 {
		t.Errorf("%+v", m)
	}
}

// A link that was not synchronized reports what differs, and repairs what has changed since.
func TestALinkThatWasNotSynchronizedReportsWhatDiffers(t *testing.T) {
	a, b := two(t)
	a.has("both.example", "mine.example", "later.example")
	b.has("both.example", "theirs.example", "later.example")
	b.set("both.example", "192.0.2.7")
	link(t, a, b, "--role", "synchronize")
	a.connected(b.name)
	m := a.drift(b)
	if m.Differ != 2 || m.OnlyHere.Count != 1 || m.OnlyThere.Count != 1 || strings.Join(m.OnlyHere.Zones, " ") != "mine.example" || strings.Join(m.OnlyThere.Zones, " ") != "theirs.example" {
		t.Fatalf("%+v", m)
	}
	for _, z := range m.Zones {
		if z.Repair != "nothing" || !strings.Contains(z.Note, "has not changed since") {
			t.Errorf("%+v", z)
		}
		if z.Zone == "both.example" && (len(z.RRsets) != 1 || z.RRsets[0].Ours[0].Data != "192.0.2.1" || z.RRsets[0].Theirs[0].Data != "192.0.2.7") {
			t.Errorf("its records are %+v", z.RRsets)
		}
	}
	out, _ := a.try("cluster", "status")
	if !strings.Contains(out, b.name+" differs in 2 zones") {
		t.Errorf("the status says %q", out)
	}
	if metrics := a.get("/metrics"); !strings.Contains(metrics, `zonefleet_member_drifted_zones{member="`+b.name+`"} 2`) {
		t.Error("the metrics do not say so")
	}
	a.set("later.example", "192.0.2.8")
	b.answers("www.later.example", dns.TypeA, "192.0.2.8")
	if m := a.drift(b); m.Differ != 1 || m.Zones[0].Zone != "both.example" {
		t.Errorf("%+v", m)
	}
	a.keepsNotHaving("theirs.example")
	b.keepsNotHaving("mine.example")
}

// While servers are edited, nothing is drift: what differs is on its way.
func TestABusyClusterDoesNotDrift(t *testing.T) {
	a, b := pair(t)
	a.has("one.example", "two.example", "three.example")
	edited := make(chan struct{})
	go func() {
		defer close(edited)
		for n := range 40 {
			s, z := []*server{a, b}[n%2], []string{"one.example", "two.example", "three.example"}[n%3]
			_, _ = s.try("record", "set", z, "www", "300", "A", fmt.Sprintf("192.0.2.%d", n%250+1))
		}
	}()
	for over := false; !over; {
		select {
		case <-edited:
			over = true
		default:
		}
		if m := a.drift(b); m.Differ != 0 || m.Healed != 0 {
			t.Errorf("%+v", m)
		}
	}
	var list struct {
		Events []event `json:"events"`
	}
	if err := json.Unmarshal([]byte(a.get("/api/v1/events")), &list); err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Events {
		if strings.HasPrefix(e.Kind, "drift") {
			t.Errorf("%+v", e)
		}
	}
}

// While a server fills, what has not arrived yet is no drift, and nothing is brought twice.
func TestAFillingServerDoesNotDrift(t *testing.T) {
	a, b := two(t)
	files := map[string]string{}
	for n := range 1500 {
		files[fmt.Sprintf("zone%d.example", n)] = zoneFile("192.0.2.1")
	}
	a.run("zone", "import", writeZones(t, files))
	link(t, a, b, "--role", "synchronize", "--sync-now")
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		_, _ = a.try("wait", "--timeout", "55s")
	}()
	a.connected(b.name)
	for over := false; !over; {
		select {
		case <-waited:
			over = true
		default:
		}
		if m := a.drift(b); m.Differ+m.Healed != 0 || over && m.Moving+m.OnlyHere.Count+m.OnlyThere.Count != 0 {
			t.Errorf("%+v", m)
		}
	}
}

// What a write-only member's own people wrote is not read; the comparison says that it serves something else, and a
// repair replaces it.
func TestAWriteOnlyMemberThatWasEditedIsReportedAndRepaired(t *testing.T) {
	a, b := two(t)
	link(t, a, b, "--role", "write-only", "--sync-now")
	a.has("example.com", "example.net")
	a.run("wait", "--timeout", "20s")
	b.set("example.com", "192.0.2.66")
	m := a.drift(b)
	if m.Differ != 1 || m.Zones[0].Repair != "overwrite" || m.Zones[0].RRsets[0].Theirs[0].Data != "192.0.2.66" {
		t.Fatalf("%+v", m)
	}
	if out := a.run("cluster", "repair", "--dry-run"); !containsAll(out, "would be sent again, and replace", "example.com") || strings.Contains(out, "example.net") {
		t.Errorf("the preview says %q", out)
	}
	b.keepsAnswering("www.example.com", "192.0.2.66")
	if out, err := a.try("cluster", "repair"); err == nil {
		t.Errorf("without a person to ask it repaired: %q", out)
	}
	if out := a.run("cluster", "repair", "--yes"); !containsAll(out, "nothing differs any more") {
		t.Errorf("repair says %q", out)
	}
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	b.tells("overwritten", a.name, "example.com")
	if m := a.drift(b); m.Differ != 0 {
		t.Errorf("%+v", m)
	}
}

func TestPoliciesHealAndAdopt(t *testing.T) {
	a, b := two(t)
	link(t, a, b, "--role", "write-only", "--sync-now")
	a.has("heal.example")
	a.run("wait", "--timeout", "20s")
	a.run("cluster", "comparing", "30m", "--policy", "heal")
	b.set("heal.example", "192.0.2.66")
	if m := a.drift(b); m.Differ != 0 {
		t.Errorf("%+v", m)
	}
	a.tells("drift-healed", b.name, "1 zone")
	b.answers("www.heal.example", dns.TypeA, "192.0.2.1")
	a.run("cluster", "comparing", "--account", "root", "--policy", "adopt")
	b.set("heal.example", "192.0.2.67")
	if m := a.drift(b); m.Differ != 0 {
		t.Errorf("%+v", m)
	}
	a.answers("www.heal.example", dns.TypeA, "192.0.2.67")
	if out := a.run("cluster", "comparing"); !containsAll(out, "30m0s", "zones that differ: heal", "zones of root: adopt") {
		t.Errorf("the settings are %q", out)
	}
}

// What happens by itself is decided for the zones of each account.
func TestThePolicyOfAnAccountIsForItsZonesOnly(t *testing.T) {
	a, b := two(t)
	link(t, a, b, "--role", "write-only", "--sync-now")
	files := map[string]string{}
	for _, owner := range []string{"reported", "healed", "adopted"} {
		files[owner] = owner + ".example"
		dir := writeZones(t, map[string]string{files[owner]: zoneFile("192.0.2.1")})
		a.run("zone", "import", dir, "--owner", owner)
	}
	a.run("wait", "--timeout", "20s")
	a.run("cluster", "comparing", "--account", "healed", "--policy", "heal")
	a.run("cluster", "comparing", "--account", "adopted", "--policy", "adopt")
	for _, z := range files {
		b.set(z, "192.0.2.66")
	}
	if m := a.drift(b); m.Differ != 1 || m.Healed != 2 || m.Zones[0].Zone != files["reported"] {
		t.Errorf("%+v", m)
	}
	for owner, want := range map[string][2]string{
		"reported": {"192.0.2.1", "192.0.2.66"}, "healed": {"192.0.2.1", "192.0.2.1"}, "adopted": {"192.0.2.66", "192.0.2.66"},
	} {
		a.answers("www."+files[owner], dns.TypeA, want[0])
		b.answers("www."+files[owner], dns.TypeA, want[1])
	}
}

// Members' nameservers are asked too: awkward zones differ in nothing.
func TestWhatMembersServeIsComparedOverDNS(t *testing.T) {
	a, b := pair(t)
	zone := zoneFile("192.0.2.1") + "* A 192.0.2.2\nsub NS ns.sub\nns.sub A 192.0.2.3\nMAIL CNAME WWW.example.net.\n@ TXT \"a;b\" \"c\"\n"
	a.run("zone", "import", writeZones(t, map[string]string{"awkward.example": zone, "example.com": zoneFile("192.0.2.1")}))
	a.run("wait", "--timeout", "20s")
	out := a.run("cluster", "drift", "--served", "--member", b.name)
	if !containsAll(out, "does not differ", "asked over DNS for 2 zones") {
		t.Errorf("it says %q", out)
	}
	if out := a.run("cluster", "drift", "--served", "--zone", "awkward.example", "--member", b.name); !strings.Contains(out, "does not differ") {
		t.Errorf("of one zone it says %q", out)
	}
}

// A previous release answers no questions about digests.
func TestAMemberThatCannotCompareIsNoDrift(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	b := newServer(t, "b.zonefleet.test").ofPrevious()
	b.start()
	link(t, a, b, "--role", "synchronize", "--sync-now")
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	a.connected(b.name)
	if m := a.drift(b); !strings.Contains(m.Failed, "cannot compare") || m.Differ != 0 {
		t.Errorf("%+v", m)
	}
	if _, err := os.Stat(b.dir); err != nil {
		t.Error(err)
	}
}
