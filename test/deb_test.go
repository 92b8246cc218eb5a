//go:build systemd

package test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// released makes a release and returns its deb.
func released(t *testing.T, version string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), version)
	release := exec.Command("../tools/make-release", dir) // what `make release` runs, into a folder of its own
	release.Env = append(os.Environ(), "VERSION="+version, "ARCH="+runtime.GOARCH)
	if out, err := release.CombinedOutput(); err != nil {
		t.Fatalf("release: %v\n%s", err, out)
	}
	debs, _ := filepath.Glob(filepath.Join(dir, "*.deb"))
	if len(debs) != 1 {
		t.Fatalf("packages: %q", debs)
	}
	return debs[0]
}

// dpkg installs a package that lies on this host.
func (m *machine) dpkg(deb string) (string, error) {
	m.t.Helper()
	at := "/root/" + filepath.Base(deb)
	must(m.t, "install", "-m", "644", deb, filepath.Join(m.dir, at))
	return m.try("dpkg", "-i", at)
}

func (m *machine) mustDpkg(deb string) {
	m.t.Helper()
	if out, err := m.dpkg(deb); err != nil {
		log, _ := m.try("journalctl", "--unit=zonefleet", "--no-pager", "--output=cat", "--lines=40")
		m.t.Fatalf("%v\n%s\n%s", err, out, log)
	}
}

// runs fails the test unless the service is that version, and systemd never had to start it again.
func (m *machine) runs(version string) {
	m.t.Helper()
	if v := m.run("zonefleet", "version", "--server", "127.0.0.1"); !strings.Contains(v, m.name+".zonefleet.test: zonefleet "+version) {
		m.t.Errorf("%s is not %s: %s", m.name, version, v)
	}
	if n := m.show("NRestarts"); n != "0" {
		m.t.Errorf("%s was restarted %s times", m.name, n)
	}
}

// refuses waits until the machine does not host the name.
func (m *machine) refuses(name string) {
	m.t.Helper()
	s := &server{t: m.t, name: m.name, dns: m.address + ":53"}
	eventually(m.t, time.Minute, m.name+" refuses "+name, func() error {
		a, err := s.ask(name, dns.TypeA)
		if err == nil && a.Rcode != dns.RcodeRefused {
			err = fmt.Errorf("it answers %v", a)
		}
		return err
	})
}

// exposure is what systemd-analyze security makes of the service as it runs: 0 is nothing, 10 everything.
func (m *machine) exposure() float64 {
	m.t.Helper()
	out := m.run("systemd-analyze", "security", "--no-pager", "zonefleet")
	found := regexp.MustCompile(`Overall exposure level for zonefleet.service: ([0-9.]+)`).FindStringSubmatch(out)
	if found == nil {
		m.t.Fatalf("no exposure level in\n%s", out)
	}
	level, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		m.t.Fatal(err)
	}
	return level
}

// files lists what is on the machine, but for logs, what the package manager keeps for itself, and what runs.
func (m *machine) files() (list []string) {
	m.t.Helper()
	out := m.run("find", "/", "-xdev", "(", "-path", "/proc", "-o", "-path", "/sys", "-o", "-path", "/run", "-o", "-path", "/tmp", "-o", "-path", "/var/tmp",
		"-o", "-path", "/root", "-o", "-path", "/dev", "-o", "-path", "/var/lib/dpkg", "-o", "-path", "/var/log", "-o", "-path", "/var/cache",
		"-o", "-path", "/var/lib/systemd", "-o", "-name", "*-", ")", "-prune", "-o", "-print")
	list = strings.Fields(out)
	slices.Sort(list)
	return list
}

// nightIn makes a server begin its nightly backup in a minute or two: each begins later than it is told by a part of an hour
// that follows from its name.
func (m *machine) nightIn() {
	m.t.Helper()
	h := fnv.New32a()
	h.Write([]byte(m.name + ".zonefleet.test"))
	at := time.Now().UTC().Add(2*time.Minute - time.Duration(h.Sum32()%3600)*time.Second)
	m.run("sh", "-c", "echo 'backup_time = \""+at.Format("15:04")+"\"' >>/etc/zonefleet/zonefleet.toml")
	m.run("systemctl", "reload", "zonefleet")
}

// night waits for the backup and returns its path on the machine.
func (m *machine) night() (path string) {
	m.t.Helper()
	eventually(m.t, 5*time.Minute, m.name+" makes its nightly backup", func() error {
		files, err := filepath.Glob(filepath.Join(m.dir, "var/lib/zonefleet/backups/*.zfb"))
		if err != nil || len(files) != 1 {
			return fmt.Errorf("there is %q, %v", files, err)
		}
		path = strings.TrimPrefix(files[0], m.dir)
		return nil
	})
	return path
}

// TestPackagesOnFreshDebian is the life of three servers that were installed with the deb of a release.
func TestPackagesOnFreshDebian(t *testing.T) {
	makeBridge(t)
	first, second := released(t, "v0.8.1"), released(t, "v0.8.2")
	broken := map[string]string{} // built before anything is measured
	for i, kind := range faulty {
		broken[kind] = repacked(t, second, fmt.Sprintf("0.9.%d", i), brokenProgram(t, kind))
	}
	all := []*machine{newMachine(t, "ns1", 11), newMachine(t, "ns2", 12), newMachine(t, "ns3", 13)}
	ns1, ns2, ns3 := all[0], all[1], all[2]
	fresh := ns3.files()
	step := func(name string, f func()) {
		began := time.Now()
		f()
		t.Logf("%s: %s", name, time.Since(began).Round(time.Second))
	}
	step("install", func() {
		for _, m := range all {
			m.mustDpkg(first)
			m.run("systemctl", "is-active", "--quiet", "zonefleet")
			m.run("systemctl", "is-enabled", "--quiet", "zonefleet")
			if log := m.run("journalctl", "--unit=zonefleet", "--no-pager", "--output=cat"); !strings.Contains(log, "https://"+m.name+".zonefleet.test:2087/signin/") {
				t.Errorf("%s: no link to sign in with: %s", m.name, log)
			}
		}
		if e := ns1.exposure(); e > 2.0 {
			t.Errorf("the exposure of the service is %.1f", e)
		} else {
			t.Logf("exposure %.1f", e)
		}
	})
	step("three nodes, by code", func() {
		ns1.write("/root/zones/example.com.db", zoneFile("192.0.2.1"))
		ns1.write("/root/zones/example.org.db", zoneFile("192.0.2.3"))
		ns1.run("zonefleet", "zone", "import", "/root/zones")
		for _, m := range all[1:] {
			var invite struct{ Code string }
			if out := ns1.run("zonefleet", "member", "invite", "--name", m.name, "--output", "json"); json.Unmarshal([]byte(out), &invite) != nil || invite.Code == "" {
				t.Fatalf("no code: %s", out)
			}
			m.run("zonefleet", "join", invite.Code)
		}
		for _, m := range all {
			m.answers("www.example.com", "192.0.2.1")
			m.answers("www.example.org", "192.0.2.3")
		}
		ns1.nightIn()
	})
	step("upgrade under load, server by server", func() {
		for i, m := range all {
			l := startLoad(t, m.address+":53")
			time.Sleep(time.Second)
			m.mustDpkg(second)
			ns1.run("zonefleet", "record", "set", "example.com", fmt.Sprintf("up%d", i), "300", "A", "192.0.2.7", "--wait=all")
			time.Sleep(time.Second)
			l.end()
			m.runs("v0.8.2")
		}
	})
	step("back to the release before, and forward again", func() {
		l := startLoad(t, ns2.address+":53")
		ns2.mustDpkg(first)
		ns2.runs("v0.8.1")
		ns2.mustDpkg(second)
		ns2.runs("v0.8.2")
		l.end()
	})
	step("a package whose program does not work", func() {
		for i, kind := range faulty[:2] {
			l := startLoad(t, ns2.address+":53")
			out, err := ns2.dpkg(broken[kind])
			if err == nil || !strings.Contains(err.Error(), "the old one runs again") {
				t.Errorf("%s: %v %s", kind, err, out)
			}
			ns2.runs("v0.8.2")
			ns1.run("zonefleet", "record", "set", "example.com", fmt.Sprintf("broken%d", i), "300", "A", "192.0.2.7", "--wait=all")
			l.end()
		}
		// One that takes over and then answers wrongly cannot be without a trace.
		if out, err := ns2.dpkg(broken[faulty[2]]); err == nil {
			t.Errorf("%s", out)
		}
		ns2.answers("www.example.com", "192.0.2.1")
		ns2.mustDpkg(second)
		ns2.answers("www.example.com", "192.0.2.1")
		if state := ns2.run("dpkg-query", "--show", "--showformat=${Status} ${Version}", "zonefleet"); state != "install ok installed 0.8.2" {
			t.Error(state)
		}
		for _, left := range []string{"previous", "failed"} {
			if _, err := os.Stat(filepath.Join(ns2.dir, "usr/bin/zonefleet."+left)); err == nil {
				t.Errorf("zonefleet.%s is left", left)
			}
		}
	})
	step("the power of one fails, the others go on", func() {
		l := startLoad(t, ns1.address+":53")
		ns3.cut()
		ns1.run("zonefleet", "record", "set", "example.com", "while", "300", "A", "192.0.2.8")
		ns3.boot()
		ns3.answers("while.example.com", "192.0.2.8")
		l.end()
	})
	var backup string
	step("the backup of the night", func() { backup = ns1.night() })
	step("the power of all fails", func() {
		ns1.run("zonefleet", "record", "set", "example.com", "last", "300", "A", "192.0.2.9")
		for _, m := range all {
			m.cut()
		}
		for _, m := range all {
			m.boot()
		}
		for _, m := range all {
			m.answers("www.example.com", "192.0.2.1")
			m.answers("last.example.com", "192.0.2.9")
		}
	})
	step("one zone of last night", func() {
		ns2.run("zonefleet", "zone", "delete", "example.org", "--wait=all")
		for _, m := range all {
			m.refuses("www.example.org")
		}
		ns1.run("zonefleet", "zone", "restore", "example.org", "--from", backup, "--dry-run")
		ns1.run("zonefleet", "zone", "restore", "example.org", "--from", backup, "--wait=all")
		for _, m := range all {
			m.answers("www.example.org", "192.0.2.3")
		}
		ns1.answers("last.example.com", "192.0.2.9") // another zone, as it is now
	})
	step("remove, install, purge", func() {
		ns3.run("dpkg", "-r", "zonefleet")
		ns3.mustDpkg(second)
		ns3.run("systemctl", "is-enabled", "--quiet", "zonefleet")
		ns3.answers("last.example.com", "192.0.2.9")
		if out := ns3.run("dpkg", "-P", "zonefleet"); strings.Contains(out, "warning") {
			t.Errorf("the purge complains: %s", out)
		}
		if left := ns3.files(); !slices.Equal(left, fresh) {
			t.Errorf("a purge leaves, or takes away, this: %q", difference(fresh, left))
		}
		if passwd, _ := os.ReadFile(filepath.Join(ns3.dir, "etc/passwd")); strings.Contains(string(passwd), "zonefleet") {
			t.Error("the user is still there")
		}
		if failed := ns3.run("systemctl", "list-units", "--failed", "--no-legend"); failed != "" {
			t.Errorf("systemd still misses something: %s", failed)
		}
	})
}

// difference lists what is only in one of two.
func difference(a, b []string) (list []string) {
	for _, x := range a {
		if !slices.Contains(b, x) {
			list = append(list, "-"+x)
		}
	}
	for _, x := range b {
		if !slices.Contains(a, x) {
			list = append(list, "+"+x)
		}
	}
	return list
}

// repacked is the package with another version and another program.
func repacked(t *testing.T, deb, version, program string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "package")
	must(t, "dpkg-deb", "-R", deb, dir)
	must(t, "install", "-m", "755", program, filepath.Join(dir, "usr/bin/zonefleet"))
	control := filepath.Join(dir, "DEBIAN/control")
	text, err := os.ReadFile(control)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`(?m)^Version: .*$`).ReplaceAll(text, []byte("Version: "+version))
	if err := os.WriteFile(control, text, 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "zonefleet_"+version+".deb")
	must(t, "dpkg-deb", "--root-owner-group", "-Znone", "-b", dir, out)
	return out
}
