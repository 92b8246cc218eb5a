package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// importAs imports a small zone for an account.
func (s *server) importAs(owner, zone, addr string) {
	s.t.Helper()
	s.run("zone", "import", filepath.Join(writeZones(s.t, map[string]string{zone: zoneFile(addr)}), zone+".db"), "--owner", owner)
}

// Two customers never answer for each other's names, nor by way of a backup or the history.
func TestAZoneThatAnotherAccountHasNowIsNotRestoredOver(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	a.importAs("alice", "shop.example", "192.0.2.1")
	file := filepath.Join(t.TempDir(), "backup")
	a.run("backup", file)
	a.run("zone", "delete", "shop.example")
	a.importAs("bob", "shop.example", "192.0.2.66")
	for _, args := range [][]string{
		{"zone", "restore", "shop.example", "--from", file, "--yes"},
		{"restore", file, "--owner", "alice", "--yes"},
		{"zone", "restore", "shop.example", "--change", "1"},
	} {
		if out, err := a.try(args...); err == nil || !containsAll(out+err.Error(), "is bob's now", "alice's") {
			t.Errorf("%v: %s %v", args, out, err)
		}
	}
	a.keepsAnswering("www.shop.example", "192.0.2.66")
	a.run("zone", "delete", "shop.example")
	a.run("zone", "restore", "shop.example", "--from", file, "--yes")
	a.answers("www.shop.example", dns.TypeA, "192.0.2.1")
}

func TestARestoreIntoAConflictLosesNothing(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	b.answers("www.example.com", dns.TypeA, "192.0.2.1")
	file := filepath.Join(t.TempDir(), "backup")
	a.run("backup", file)
	cut(a, b)
	a.run("record", "set", "example.com", "www", "300", "A", "192.0.2.10")
	b.run("record", "set", "example.com", "www", "300", "A", "192.0.2.20")
	b.run("record", "set", "example.com", "new", "300", "A", "192.0.2.30")
	heal(a, b)
	settled(t, a, b)
	a.run("zone", "restore", "example.com", "--from", file, "--yes")
	settled(t, a, b)
	for _, s := range []*server{a, b} {
		s.answers("www.example.com", dns.TypeA, "192.0.2.1")
		s.answers("new.example.com", dns.TypeA)
		if out := s.run("conflict", "list"); strings.Contains(out, "example.com") {
			t.Errorf("%s still has a conflict:\n%s", s.name, out)
		}
	}
	// What the restore replaced is in the history.
	newest := strings.Fields(strings.Split(b.run("zone", "history", "example.com"), "\n")[1])[0]
	b.run("change", "undo", newest)
	b.answers("new.example.com", dns.TypeA, "192.0.2.30")
}

// A restore of what a held change would take away stands: the held change is stale then, and is not made over it.
func TestARestoreWhileTheBrakeHoldsStands(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	var names []string
	for i := range 20 {
		names = append(names, "z"+string(rune('a'+i))+".example")
	}
	a.has(names...)
	file := filepath.Join(t.TempDir(), "backup")
	a.run("backup", file)
	token := a.token("api")
	for _, z := range names[:12] {
		_, _ = a.try("zone", "delete", z, "--token", token)
	}
	a.holds(3)
	held := names[11]
	a.set(held, "192.0.2.99")
	a.run("restore", file, "--zone", names[0], "--zone", held, "--yes")
	a.answers("www."+names[0], dns.TypeA, "192.0.2.1")
	a.answers("www."+held, dns.TypeA, "192.0.2.1")
	out, err := a.try("change", "release", "--all")
	if said := out; err != nil {
		said += err.Error()
		if !strings.Contains(said, "stale") && !strings.Contains(said, "written since") {
			t.Errorf("release says %s", said)
		}
	} else {
		t.Errorf("the held deletion of a zone that was restored is made: %s", out)
	}
	a.answers("www."+held, dns.TypeA, "192.0.2.1")
}

func TestAZoneOutOfADamagedBackupIsNotRestored(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	a.has("example.com")
	dir := t.TempDir()
	file := filepath.Join(dir, "backup")
	a.run("backup", file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a.set("example.com", "192.0.2.2")
	changed := append([]byte(nil), whole...)
	changed[len(changed)/2] ^= 1
	for what, content := range map[string][]byte{"cut off": whole[:len(whole)-100], "changed": changed, "empty": nil} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := a.try("zone", "restore", "example.com", "--from", file, "--yes"); err == nil || !strings.Contains(err.Error(), "backup") {
			t.Errorf("%s: %v", what, err)
		}
	}
	a.keepsAnswering("www.example.com", "192.0.2.2")
}
