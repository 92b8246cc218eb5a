//go:build systemd

package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// faulty are the kinds of brokenProgram, from bad to worse.
var faulty = []string{"ends at once", "never gets ready", "answers nothing"}

// place puts a program on the machine.
func (m *machine) place(program, at string) {
	m.t.Helper()
	m.write(at, "")
	must(m.t, "install", "-m", "755", program, filepath.Join(m.dir, at))
}

// installFails runs the install of a program that cannot succeed and returns what it says.
func (m *machine) installFails(program string) string {
	m.t.Helper()
	m.place(program, "/root/zonefleet")
	out, err := m.try("/root/zonefleet", "install")
	if err == nil {
		m.t.Fatalf("it was installed: %s", out)
	}
	return err.Error()
}

// ownUnit is how somebody may have run release 0.1.0, which had no unit.
const ownUnit = `[Service]
ExecStart=/usr/local/bin/zonefleet serve
Restart=always
[Install]
WantedBy=multi-user.target
`

func TestFromThePreviousReleaseAndBack(t *testing.T) {
	makeBridge(t)
	old, current := previousProgram(t), another(t, "v0.8.2-test")
	broken := map[string]string{}
	for _, kind := range faulty {
		broken[kind] = brokenProgram(t, kind)
	}
	m := newMachine(t, "ns1", 11)
	m.write("/root/zones/example.com.db", zoneFile("192.0.2.1"))
	step := func(name string, f func()) {
		began := time.Now()
		f()
		t.Logf("%s: %s", name, time.Since(began).Round(time.Second))
	}
	step("another nameserver is in the way, systemd-resolved is not", func() {
		m.run("systemctl", "is-active", "--quiet", "systemd-resolved")
		m.place(old, "/root/old")
		m.run("systemd-run", "--quiet", "--unit=inthe", "/root/old", "serve", "--data", "/root/other", "--dns", m.address+":53", "--listen", "127.0.0.1:3000")
		eventually(t, time.Minute, "it listens", func() error { _, err := m.try("sh", "-c", "ss -lnu | grep -q '"+m.address+":53 '"); return err })
		if said := m.installFails(current); !containsAll(said, "another program has "+m.address+":53", "old (process ", "nothing was changed") {
			t.Error(said)
		}
		m.run("systemctl", "stop", "inthe")
		m.install(current)
		if out := m.run("ss", "-lnup", "sport = :53"); !containsAll(out, "systemd-resolve", m.address+":53") {
			t.Error(out)
		}
		m.run("zonefleet", "uninstall", "--purge", "--yes")
	})
	step("one that was started by hand", func() {
		m.place(old, "/root/old")
		m.run("systemd-run", "--quiet", "--unit=byhand", "/root/old", "serve")
		eventually(t, time.Minute, "it takes zones", func() error { _, err := m.try("/root/old", "zone", "import", "/root/zones"); return err })
		m.answers("www.example.com", "192.0.2.1")
		if said := m.installFails(current); !strings.Contains(said, "is not the service") {
			t.Error(said)
		}
		for _, file := range []string{"usr/local/bin/zonefleet", "etc/systemd/system/zonefleet.service", "etc/zonefleet"} {
			if _, err := os.Stat(filepath.Join(m.dir, file)); err == nil {
				t.Errorf("%s was changed", file)
			}
		}
		m.answers("www.example.com", "192.0.2.1")
		m.run("systemctl", "stop", "byhand")
		m.install(current)
		m.runs("v0.8.2-test")
		m.answers("www.example.com", "192.0.2.1")
		if owner := m.run("stat", "-c", "%U", "/var/lib/zonefleet/db"); strings.TrimSpace(owner) != "zonefleet" {
			t.Errorf("the data belongs to %s", owner)
		}
		m.run("zonefleet", "uninstall", "--purge", "--yes")
	})
	step("one with a unit of its own", func() {
		m.place(old, "/usr/local/bin/zonefleet")
		m.write("/etc/systemd/system/zonefleet.service", ownUnit)
		m.run("systemctl", "daemon-reload")
		m.run("systemctl", "enable", "--quiet", "--now", "zonefleet")
		eventually(t, time.Minute, "it takes zones", func() error { _, err := m.try("zonefleet", "zone", "import", "/root/zones"); return err })
		m.answers("www.example.com", "192.0.2.1")
		for _, kind := range []string{"ends at once", "answers nothing"} {
			if said := m.installFails(broken[kind]); !strings.Contains(said, "the old program runs again") {
				t.Errorf("%s: %s", kind, said)
			}
			m.answers("www.example.com", "192.0.2.1")
			if unit, _ := os.ReadFile(filepath.Join(m.dir, "etc/systemd/system/zonefleet.service")); string(unit) != ownUnit {
				t.Errorf("%s: the unit is %s", kind, unit)
			}
			if v := m.run("zonefleet", "--version"); !strings.Contains(v, previous(t).version) {
				t.Errorf("%s: the program is %s", kind, v)
			}
		}
		m.install(current)
		m.runs("v0.8.2-test")
		m.answers("www.example.com", "192.0.2.1")
	})
	step("the present one and programs that do not work", func() {
		for i, kind := range faulty {
			l := startLoad(t, m.address+":53")
			if said := m.installFails(broken[kind]); !strings.Contains(said, "the old program runs again") {
				t.Errorf("%s: %s", kind, said)
			}
			m.runs("v0.8.2-test")
			m.answers("www.example.com", "192.0.2.1")
			m.run("zonefleet", "record", "set", "example.com", fmt.Sprintf("after%d", i), "300", "A", "192.0.2.7", "--wait=all")
			if kind == "answers nothing" { // and answered wrongly until that was found out: nothing of that counts
				close(l.stop)
				l.all.Wait()
				t.Logf("%d of %d answers were wrong", l.wrong.Load(), l.answered.Load())
				continue
			}
			l.end()
		}
		m.install(current)
		m.runs("v0.8.2-test")
	})
	step("without /proc nothing is changed", func() {
		_, err := m.try("unshare", "--mount", "sh", "-c", "umount -l /proc && exec /root/zonefleet install")
		if err == nil || !strings.Contains(err.Error(), "/proc") {
			t.Errorf("%v", err)
		}
		m.runs("v0.8.2-test")
	})
}
