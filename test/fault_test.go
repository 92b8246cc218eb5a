package test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// fails runs the command line and wants it to fail with these words on its error output.
func (s *server) fails(words string, args ...string) {
	s.t.Helper()
	out, err := s.try(args...)
	if err == nil {
		s.t.Errorf("zonefleet %s succeeded: %s", strings.Join(args, " "), out)
		return
	}
	if !strings.Contains(err.Error()+out, words) {
		s.t.Errorf("zonefleet %s: %v\n%s\nwants %q", strings.Join(args, " "), err, out, words)
	}
}

// whole checks that nothing is broken after a fault.
func (s *server) whole() {
	s.t.Helper()
	s.run("zone", "check")
	if out, err := s.try("cluster", "status"); err != nil {
		s.t.Errorf("cluster status: %v\n%s", err, out)
	}
}

func TestABrokenZoneFileIsRefusedAloneAndNamed(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	folder := writeZones(t, map[string]string{
		"good.example":    zoneFile("192.0.2.1"),
		"syntax.example":  "$TTL 300\n@ SOA ns1.x. h.x. 1 2 3 4 5\n@ NS ns1.x.\nwww A 300.1.2.3\n",
		"nosoa.example":   "$TTL 300\n@ NS ns1.x.\n",
		"cname.example":   zoneFile("192.0.2.1") + "www CNAME other\n",
		"include.example": zoneFile("192.0.2.1") + "$INCLUDE /etc/passwd\n",
	})
	out, err := s.try("zone", "import", folder)
	if err == nil {
		t.Error("the import of broken files succeeded")
	}
	all := out + fmt.Sprint(err)
	for _, want := range []string{"syntax.example.db:4", "nosoa.example", "cname.example", "include.example"} {
		if !strings.Contains(all, want) {
			t.Errorf("the output does not name %s:\n%s", want, all)
		}
	}
	s.answers("www.good.example", dns.TypeA, "192.0.2.1")
	m, err := s.ask("www.syntax.example", dns.TypeA)
	if err != nil || m.Rcode != dns.RcodeRefused {
		t.Errorf("a refused zone is answered: %v %v", m, err)
	}
	s.whole()
}

func TestWrongTokensAreRefused(t *testing.T) {
	a, b := startServer(t, "a.zonefleet.test"), startServer(t, "b.zonefleet.test")
	a.fails("token", "zone", "list", "--token", "zf_aaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	a.fails("token", "member", "add", b.https, "--api-token", "zf_aaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "--role", "synchronize")
	api, err := os.ReadFile(filepath.Join(b.dir, "root.token"))
	if err != nil {
		t.Fatal(err)
	}
	a.fails("token", "member", "add", b.https, "--api-token", strings.TrimSpace(string(api)), "--role", "synchronize")
	var self struct {
		Token string `json:"token"`
	}
	a.json(&self, "token", "create", "--kind", "relay", "--name", "self")
	a.fails("itself", "member", "add", a.https, "--api-token", self.Token, "--role", "synchronize")
	a.fails("resolve", "member", "add", "no-such-host.invalid", "--api-token", self.Token, "--role", "synchronize")
	link(t, a, b, "--role", "synchronize")
	var again struct {
		Token string `json:"token"`
	}
	b.json(&again, "token", "create", "--kind", "relay", "--name", "again")
	a.fails("already", "member", "add", b.https, "--api-token", again.Token, "--role", "synchronize")
	a.whole()
}

func TestATakenPortIsSaid(t *testing.T) {
	holder, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	for _, flag := range []string{"--dns", "--listen"} {
		args := map[string]string{"--dns": freeAddr(t), "--listen": freeAddr(t)}
		args[flag] = holder.Addr().String()
		out, err := exec.Command(program, "serve", "--data", t.TempDir(), "--name", "a.zonefleet.test",
			"--dns", args["--dns"], "--listen", args["--listen"]).CombinedOutput()
		if err == nil || !strings.Contains(string(out), holder.Addr().String()) {
			t.Errorf("serve %s on a taken port: %v\n%s", flag, err, out)
		}
	}
}

func TestTwoServersOnOneFolder(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	out, err := exec.Command(program, "serve", "--data", s.dir, "--dns", freeAddr(t), "--listen", freeAddr(t)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), s.dir) {
		t.Errorf("a second server on the folder: %v\n%s", err, out)
	}
	s.whole()
}

func TestAFullDiskLosesNothing(t *testing.T) {
	dir := t.TempDir()
	mountTmpfs(t, dir, "size=96m")
	s := newServer(t, "a.zonefleet.test")
	s.dir = filepath.Join(dir, "data")
	s.start()
	s.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	s.fails("disk is full", "record", "set", "example.com", "full", "300", "A", "192.0.2.9")
	s.answers("www.example.com", dns.TypeA, "192.0.2.1")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.run("record", "set", "example.com", "after", "300", "A", "192.0.2.8")
	s.kill()
	s.start()
	s.answers("after.example.com", dns.TypeA, "192.0.2.8")
	s.whole()
}

// mountTmpfs puts a small file system of its own on a folder, as root or through sudo.
func mountTmpfs(t *testing.T, dir, options string) {
	t.Helper()
	asRoot := func(args ...string) error {
		if os.Geteuid() != 0 {
			args = append([]string{"sudo", "-n"}, args...)
		}
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
		}
		return nil
	}
	owner := fmt.Sprintf(",uid=%d,gid=%d", os.Geteuid(), os.Getegid())
	if err := asRoot("mount", "-t", "tmpfs", "-o", options+owner, "tmpfs", dir); err != nil {
		t.Fatalf("%v\nhint: a disk of its own needs root, or sudo without a password", err)
	}
	t.Cleanup(func() {
		if err := asRoot("umount", "--lazy", dir); err != nil {
			t.Error(err)
		}
	})
}

func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 1<<16)
	for {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

func TestASkewedClockIsSaidAndLosesNothing(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	b := startServer(t, "b.zonefleet.test", "--clock-offset", "48h")
	var token struct {
		Token string `json:"token"`
	}
	b.json(&token, "token", "create", "--kind", "relay", "--name", "a")
	out := a.run("member", "add", b.https, "--api-token", token.Token, "--role", "synchronize", "--zones", "all", "--reverse-trust", "--sync-now")
	if !strings.Contains(out, "clock") {
		t.Errorf("adding a member whose clock is two days ahead says nothing of it:\n%s", out)
	}
	b.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	a.answers("www.example.com", dns.TypeA, "192.0.2.1")
	a.run("record", "set", "example.com", "www", "300", "A", "192.0.2.2", "--wait=all")
	b.answers("www.example.com", dns.TypeA, "192.0.2.2")
}

func TestAChangeSurvivesKillsAtOnceAfterItsAcknowledgement(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	s.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}))
	for i := range 5 {
		s.run("record", "set", "example.com", fmt.Sprintf("n%d", i), "300", "A", fmt.Sprintf("192.0.2.%d", 10+i))
		s.kill()
		s.start()
	}
	for i := range 5 {
		s.answers(fmt.Sprintf("n%d.example.com", i), dns.TypeA, fmt.Sprintf("192.0.2.%d", 10+i))
	}
	s.whole()
}

func TestAReadOnlyFolderIsSaid(t *testing.T) {
	dir := t.TempDir()
	mountTmpfs(t, dir, "size=1m,ro")
	cmd := exec.Command(program, "serve", "--data", filepath.Join(dir, "data"), "--dns", freeAddr(t), "--listen", freeAddr(t))
	done := make(chan struct{})
	var out []byte
	var err error
	go func() { out, err = cmd.CombinedOutput(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		cmd.Process.Kill()
		<-done
	}
	if err == nil || !strings.Contains(string(out), "read-only") {
		t.Errorf("serve on a read-only folder: %v\n%s", err, out)
	}
}
