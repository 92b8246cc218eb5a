//go:build systemd

package test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// another builds the program as another version.
func another(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), version)
	must(t, "go", "build", "-trimpath", "-ldflags", "-X main.version="+version, "-o", path, "../cmd/zonefleet")
	return path
}

func TestOnFreshDebian(t *testing.T) {
	makeBridge(t)
	step := func(name string, f func()) {
		t.Log(name)
		f()
	}
	first, second := another(t, "v0.0.1-test"), another(t, "v0.0.2-test")
	all := []*machine{newMachine(t, "ns1", 11), newMachine(t, "ns2", 12), newMachine(t, "ns3", 13)}
	ns1, ns2, ns3 := all[0], all[1], all[2]
	for _, m := range all {
		if out := m.install(first); !strings.Contains(out, "https://"+m.name+".zonefleet.test:2087/signin/") {
			t.Errorf("%s: no link to sign in with: %s", m.name, out)
		}
		m.run("systemctl", "is-active", "--quiet", "zonefleet")
		m.run("systemctl", "is-enabled", "--quiet", "zonefleet")
	}
	for _, m := range all[1:] {
		token := strings.TrimSpace(m.run("zonefleet", "token", "create", "--kind", "relay", "--name", "ns1", "--output", "json"))
		_, token, _ = strings.Cut(token, `"token": "`)
		token, _, _ = strings.Cut(token, `"`)
		ns1.run("zonefleet", "member", "add", m.address+":2087", "--username", "root", "--api-token", token, "--role", "synchronize",
			"--zones", "all", "--reverse-trust", "--sync-now", "--output", "json")
	}
	ns1.write("/root/zones/example.com.db", zoneFile("192.0.2.1"))
	ns1.run("zonefleet", "zone", "import", "/root/zones", "--wait=all")
	for _, m := range all {
		m.answers("www.example.com", "192.0.2.1")
	}

	step("upgrade under load, server by server", func() {
		for i, m := range all {
			l := startLoad(t, m.address+":53")
			time.Sleep(time.Second)
			m.install(second)
			ns1.run("zonefleet", "record", "set", "example.com", fmt.Sprintf("up%d", i), "300", "A", "192.0.2.7", "--wait=all")
			time.Sleep(time.Second)
			l.end()
			if v := m.run("zonefleet", "version", "--server", "127.0.0.1"); !strings.Contains(v, m.name+".zonefleet.test: zonefleet v0.0.2-test") {
				t.Errorf("after the upgrade: %s", v)
			}
			if n := m.show("NRestarts"); n != "0" {
				t.Errorf("%s was restarted %s times", m.name, n)
			}
		}
	})
	step("back, and forward again", func() {
		l := startLoad(t, ns1.address+":53")
		ns1.run("zonefleet", "install", "--rollback")
		if v := ns1.run("zonefleet", "version", "--server", "127.0.0.1"); !strings.Contains(v, "test: zonefleet v0.0.1-test") {
			t.Error(v)
		}
		ns1.run("zonefleet", "install", "--rollback")
		ns1.write("/usr/local/bin/zonefleet.previous", "#!/bin/sh\nexit 1\n")
		must(t, "chmod", "755", filepath.Join(ns1.dir, "usr/local/bin/zonefleet.previous"))
		if _, err := ns1.try("zonefleet", "install", "--rollback"); err == nil || !strings.Contains(err.Error(), "the old program runs again") {
			t.Errorf("a broken program: %v", err)
		}
		ns1.run("zonefleet", "record", "set", "example.com", "still", "300", "A", "192.0.2.7", "--wait=all")
		l.end()
	})
	step("restart under load", func() {
		l := startLoad(t, ns2.address+":53")
		for range 3 {
			time.Sleep(time.Second)
			ns2.run("systemctl", "restart", "zonefleet")
		}
		time.Sleep(time.Second)
		l.end()
	})
	step("the power of one fails", func() {
		ns3.cut()
		ns1.run("zonefleet", "record", "set", "example.com", "while", "300", "A", "192.0.2.8")
		ns3.boot()
		ns3.answers("while.example.com", "192.0.2.8")
	})
	step("killed and hung processes come back", func() {
		for _, signal := range []string{"KILL", "STOP"} {
			before := ns2.show("MainPID")
			ns2.run("sh", "-c", "kill -"+signal+" "+before) // the shell's own: there is no other
			eventually(t, 2*time.Minute, "another process after "+signal, func() error {
				out, err := ns2.try("systemctl", "show", "--property=MainPID", "--value", "zonefleet")
				if now := strings.TrimSpace(out); err != nil || now == before || now == "0" {
					return fmt.Errorf("process %s, %w", now, err)
				}
				return nil
			})
			ns2.answers("while.example.com", "192.0.2.8")
		}
	})
	step("uninstall, install, purge", func() {
		ns3.run("zonefleet", "uninstall")
		if _, err := os.Stat(filepath.Join(ns3.dir, "usr/local/bin/zonefleet")); err == nil {
			t.Error("the program is still there")
		}
		ns3.install(second)
		ns3.answers("while.example.com", "192.0.2.8")
		ns3.run("zonefleet", "uninstall", "--purge", "--yes")
		if _, err := os.Stat(filepath.Join(ns3.dir, "var/lib/zonefleet")); err == nil {
			t.Error("the data folder is still there")
		}
		if passwd, _ := os.ReadFile(filepath.Join(ns3.dir, "etc/passwd")); bytes.Contains(passwd, []byte("zonefleet")) {
			t.Error("the user is still there")
		}
	})
}
