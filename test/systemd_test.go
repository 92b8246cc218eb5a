//go:build systemd

package test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// The tests here boot Debian with systemd in containers, on a bridge of their own: `make test-systemd`, as root. debian is the
// tree that is copied for each machine, made with debootstrap if it is not there.
func debian(t *testing.T) string {
	t.Helper()
	tree := os.Getenv("ZONEFLEET_DEBIAN")
	if tree == "" {
		tree = filepath.Join(os.TempDir(), "zonefleet-debian-bookworm")
	}
	if _, err := os.Stat(filepath.Join(tree, "etc/debian_version")); err == nil {
		return tree
	}
	must(t, "debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus,iproute2", "bookworm", tree)
	return tree
}

func must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

const (
	bridge  = "zftest0"
	network = "10.99.86."
)

func makeBridge(t *testing.T) {
	t.Helper()
	must(t, "ip", "link", "add", bridge, "type", "bridge")
	t.Cleanup(func() { must(t, "ip", "link", "delete", bridge) })
	must(t, "ip", "address", "add", network+"1/24", "dev", bridge)
	must(t, "ip", "link", "set", bridge, "up")
}

// machine is a Debian that systemd runs.
type machine struct {
	t       *testing.T
	name    string
	address string
	dir     string
	nspawn  *exec.Cmd
	leader  int
	console bytes.Buffer
}

func newMachine(t *testing.T, name string, number int) *machine {
	t.Helper()
	m := &machine{t: t, name: name, address: network + strconv.Itoa(number), dir: filepath.Join(t.TempDir(), name)}
	must(t, "cp", "-a", debian(t), m.dir)
	m.write("/etc/hostname", name+".zonefleet.test\n")
	m.write("/etc/zonefleet/zonefleet.toml", fmt.Sprintf("advertise = %q\n", m.address+":2087"))
	m.boot()
	return m
}

func (m *machine) write(path, text string) {
	m.t.Helper()
	at := filepath.Join(m.dir, path)
	// Another file, not the same one: a process that is about to end may still run from that.
	if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.RemoveAll(at), os.WriteFile(at, []byte(text), 0o644)); err != nil {
		m.t.Fatal(err)
	}
}

// boot starts the machine and gives it its address, as its network would.
func (m *machine) boot() {
	m.t.Helper()
	m.nspawn = exec.Command("systemd-nspawn", "--quiet", "--directory="+m.dir, "--machine="+m.name, "--boot", "--register=no", "--keep-unit",
		"--network-bridge="+bridge, "--resolv-conf=off", "--console=pipe")
	m.nspawn.Stdout, m.nspawn.Stderr = &m.console, &m.console
	m.nspawn.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := m.nspawn.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(m.cut)
	eventually(m.t, 30*time.Second, m.name+" boots", func() error {
		pid := strconv.Itoa(m.nspawn.Process.Pid)
		out, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
		if err != nil {
			return err
		}
		if m.leader, err = strconv.Atoi(strings.TrimSpace(string(out))); err != nil {
			return err
		}
		_, err = m.try("systemctl", "is-active", "--quiet", "multi-user.target")
		return err
	})
	m.run("ip", "address", "add", m.address+"/24", "dev", "host0")
	m.run("ip", "link", "set", "host0", "up")
}

// cut takes the power away.
func (m *machine) cut() {
	if m.nspawn == nil {
		return
	}
	_ = syscall.Kill(m.leader, syscall.SIGKILL)
	_ = m.nspawn.Process.Kill()
	_ = m.nspawn.Wait()
	m.nspawn = nil
}

func (m *machine) try(args ...string) (string, error) {
	enter := []string{
		"-t", strconv.Itoa(m.leader), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "env", "-i",
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "NO_COLOR=1",
	}
	cmd := exec.Command("nsenter", append(enter, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %s: %w: %s", m.name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

func (m *machine) run(args ...string) string {
	m.t.Helper()
	out, err := m.try(args...)
	if err != nil {
		log, _ := m.try("journalctl", "--unit=zonefleet", "--no-pager", "--output=cat", "--lines=40")
		m.t.Fatalf("%v\n%s", err, log)
	}
	return out
}

// install runs a program's install on the machine.
func (m *machine) install(program string) string {
	m.t.Helper()
	must(m.t, "install", "-m", "755", program, filepath.Join(m.dir, "root/zonefleet"))
	return m.run("/root/zonefleet", "install")
}

func (m *machine) show(property string) string {
	return strings.TrimSpace(m.run("systemctl", "show", "--property="+property, "--value", "zonefleet"))
}

// answers waits until the machine answers the name with the address.
func (m *machine) answers(name, want string) {
	m.t.Helper()
	s := &server{t: m.t, name: m.name, dns: m.address + ":53"}
	eventually(m.t, time.Minute, m.name+" answers "+name, func() error {
		a, err := s.ask(name, dns.TypeA)
		if err == nil && strings.Join(data(a.Answer, dns.TypeA), " ") != want {
			err = fmt.Errorf("it answers %v", a)
		}
		return err
	})
}

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
		if out := m.install(first); !strings.Contains(out, "https://"+m.address+":2087/signin/") {
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
			ns2.run("kill", "-"+signal, before)
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
