//go:build systemd

package test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	must(t, "debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,systemd-resolved,dbus,iproute2", "bookworm", tree)
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
	bridge = "zftest0"
	subnet = "10.99.86."
)

func makeBridge(t *testing.T) {
	t.Helper()
	must(t, "ip", "link", "add", bridge, "type", "bridge")
	t.Cleanup(func() { must(t, "ip", "link", "delete", bridge) })
	must(t, "ip", "address", "add", subnet+"1/24", "dev", bridge)
	must(t, "ip", "link", "set", bridge, "up")
}

// machine is a Debian that systemd runs.
type machine struct {
	t       *testing.T
	name    string
	address string
	dir     string
	nspawn  *exec.Cmd
	leader  int // the machine's process 1, as this host counts; 0: there is none
	console output
}

func newMachine(t *testing.T, name string, number int) *machine {
	t.Helper()
	m := &machine{t: t, name: name, address: subnet + strconv.Itoa(number), dir: filepath.Join(t.TempDir(), name)}
	must(t, "cp", "-a", debian(t), m.dir)
	m.write("/etc/hostname", name+".zonefleet.test\n")
	hosts := "127.0.0.1 localhost\n"
	for i := range 9 {
		hosts += fmt.Sprintf("%s%d ns%d.zonefleet.test\n", subnet, 10+i, i)
	}
	m.write("/etc/hosts", hosts)
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

// cgroups are the machine's control groups, below those of the test. Machines that shared them would count, and end, each
// other's processes.
func (m *machine) cgroups() (folders []string) {
	m.t.Helper()
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		m.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // cgroups(7)
		var roots []string
		switch {
		case len(fields) == 3 && fields[0] == "0":
			roots = []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup"}
		case len(fields) == 3 && fields[1] == "name=systemd":
			roots = []string{"/sys/fs/cgroup/systemd"}
		}
		for _, root := range roots {
			at := filepath.Join(root, fields[2])
			if _, err := os.Stat(filepath.Join(at, "cgroup.procs")); err == nil {
				folders = append(folders, filepath.Join(at, "zonefleet-test-"+m.name))
				break
			}
		}
	}
	if len(folders) == 0 {
		m.t.Fatalf("no control group in %q", text)
	}
	return folders
}

// boot starts the machine and gives it its address, as its network would.
func (m *machine) boot() {
	m.t.Helper()
	groups := m.cgroups()
	for _, g := range groups {
		if err := os.MkdirAll(g, 0o755); err != nil {
			m.t.Fatal(err)
		}
	}
	m.nspawn = exec.Command("sh", "-c", `for g in $0; do echo $$ >"$g/cgroup.procs" || exit; done; exec "$@"`, strings.Join(groups, " "),
		"systemd-nspawn", "--quiet", "--directory="+m.dir, "--machine="+m.name, "--boot", "--register=no", "--keep-unit",
		"--network-bridge="+bridge, "--resolv-conf=off", "--console=pipe")
	m.nspawn.Stdout, m.nspawn.Stderr = &m.console, &m.console
	m.nspawn.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := m.nspawn.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(m.cut)
	eventually(m.t, 60*time.Second, m.name+" boots", func() error {
		if m.leader = m.first(); m.leader == 0 {
			return fmt.Errorf("it has no first process: %s", m.console.String())
		}
		_, err := m.try("systemctl", "is-active", "--quiet", "multi-user.target")
		return err
	})
	m.run("ip", "address", "add", m.address+"/24", "dev", "host0")
	m.run("ip", "link", "set", "host0", "up")
}

// first is the process 1 of the machine that runs, 0 if there is none yet.
func (m *machine) first() int {
	pid := strconv.Itoa(m.nspawn.Process.Pid)
	children, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	if err != nil {
		return 0
	}
	for _, child := range strings.Fields(string(children)) {
		name, _ := os.ReadFile("/proc/" + child + "/comm")
		if strings.TrimSpace(string(name)) == "systemd" {
			n, _ := strconv.Atoi(child)
			return n
		}
	}
	return 0
}

// cut takes the power away: nothing in the machine is told.
func (m *machine) cut() {
	if m.nspawn == nil {
		return
	}
	if m.leader > 1 { // 0 would be this test and its neighbours
		_ = syscall.Kill(m.leader, syscall.SIGKILL)
	}
	_ = m.nspawn.Process.Kill()
	_ = m.nspawn.Wait()
	m.nspawn, m.leader = nil, 0
	m.sweep()
}

// sweep ends what is left in the machine's control groups, and the groups.
func (m *machine) sweep() {
	for _, group := range m.cgroups() {
		var left []string
		for range 50 {
			if left = emptied(group); len(left) == 0 {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if len(left) > 0 {
			m.t.Errorf("%s: these are left: %s", m.name, left)
		}
	}
}

// emptied kills what is in a control group and removes it, and returns which groups there were before.
func emptied(group string) (folders []string) {
	_ = filepath.WalkDir(group, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	for _, f := range slices.Backward(folders) { // the innermost first
		procs, _ := os.ReadFile(filepath.Join(f, "cgroup.procs"))
		for _, p := range strings.Fields(string(procs)) {
			if pid, _ := strconv.Atoi(p); pid > 1 {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		_ = os.Remove(f)
	}
	return folders
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
