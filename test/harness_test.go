package test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// program is the path of the zonefleet binary that TestMain builds.
var program string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "zonefleet-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "zonefleet")
	// Under the race detector every process would sleep a second at its end, also each command.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	build := exec.Command("go", append(append([]string{"build"}, buildFlags...), "-o", program, "../cmd/zonefleet")...)
	build.Env = append(os.Environ(), buildEnv)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build zonefleet: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// server is one real `zonefleet serve` process.
type server struct {
	t     *testing.T
	name  string
	dir   string
	dns   string
	https string
	extra []string
	other string // the program of another release that this server runs, empty for the one under test
	cmd   *exec.Cmd
	log   *output
	done  chan struct{}
}

// output is what a process says; it may be read while the process runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// newServer picks ports and a data folder; start runs it.
func newServer(t *testing.T, name string, extra ...string) *server {
	t.Helper()
	return &server{t: t, name: name, dir: filepath.Join(t.TempDir(), "data"), dns: freeAddr(t), https: freeAddr(t), extra: extra}
}

func startServer(t *testing.T, name string, extra ...string) *server {
	t.Helper()
	s := newServer(t, name, extra...)
	s.start()
	return s
}

// program is what the server runs, and what it is asked with.
func (s *server) program() string {
	if s.other != "" {
		return s.other
	}
	return program
}

// command is what starts the server.
func (s *server) command() []string {
	return append([]string{s.program(), "serve", "--data", s.dir, "--name", s.name, "--dns", s.dns, "--listen", s.https, "--advertise", s.https}, s.extra...)
}

func (s *server) start() {
	s.t.Helper()
	s.startWith(s.command()...)
}

// startWith runs the server's process in another way.
func (s *server) startWith(command ...string) {
	s.t.Helper()
	s.cmd = exec.Command(command[0], command[1:]...)
	s.log = &output{}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	s.done = done
	cmd := s.cmd
	go func() { _ = cmd.Wait(); close(done) }()
	s.t.Cleanup(s.stop)
	s.ready()
}

func (s *server) ready() {
	s.t.Helper()
	eventually(s.t, 20*time.Second, s.name+" is ready", func() error {
		select {
		case <-s.done:
			s.t.Fatalf("%s ended at once:\n%s", s.name, s.log)
		default:
		}
		out, err := s.try("cluster", "status", "--output", "json")
		if strings.Contains(out, `"overall"`) {
			return nil // whatever it says
		}
		return err
	})
}

func (s *server) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(15 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.done
		s.t.Errorf("%s did not stop within 15 s of SIGTERM:\n%s", s.name, s.log)
	}
	s.raced()
	if s.t.Failed() {
		s.t.Logf("log of %s:\n%s", s.name, s.log)
	}
	s.cmd = nil
}

// raced fails the test if the race detector said something in the process, which has ended.
func (s *server) raced() {
	s.t.Helper()
	if strings.Contains(s.log.String(), "DATA RACE") {
		s.t.Errorf("%s raced:\n%s", s.name, s.log)
	}
}

// kill is kill -9.
func (s *server) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	<-s.done
	s.raced()
	s.cmd = nil
}

// try runs the command line against the server.
func (s *server) try(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.program(), args...)
	cmd.Env = append(os.Environ(), "ZONEFLEET_SERVER=https://"+s.https, "ZONEFLEET_DATA="+s.dir, "ZONEFLEET_TOKEN=", "HOME="+s.t.TempDir())
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("zonefleet %s at %s: %w: %s", strings.Join(args, " "), s.name, err, errs.String())
	}
	return out.String(), nil
}

func (s *server) run(args ...string) string {
	s.t.Helper()
	out, err := s.try(args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// json runs the command line with JSON output and decodes it.
func (s *server) json(into any, args ...string) {
	s.t.Helper()
	out := s.run(append(args, "--output", "json")...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		s.t.Fatalf("zonefleet %s: %v in %s", strings.Join(args, " "), err, out)
	}
}

// ask puts one question to the server, over TCP when the answer is truncated.
func (s *server) ask(name string, qtype uint16) (*dns.Msg, error) {
	q := new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype)
	q.RecursionDesired = false
	c := &dns.Client{Timeout: 3 * time.Second}
	answer, _, err := c.Exchange(q, s.dns)
	if err == nil && answer.Truncated {
		c.Net = "tcp"
		answer, _, err = c.Exchange(q, s.dns)
	}
	return answer, err
}

// answers waits until the server answers the name with exactly these data.
func (s *server) answers(name string, qtype uint16, want ...string) {
	s.t.Helper()
	eventually(s.t, 10*time.Second, fmt.Sprintf("%s answers %s %s with %v", s.name, name, dns.TypeToString[qtype], want), func() error {
		m, err := s.ask(name, qtype)
		if err != nil {
			return err
		}
		got := data(m.Answer, qtype)
		if strings.Join(got, " ") != strings.Join(want, " ") {
			return fmt.Errorf("it answers %s %v", dns.RcodeToString[m.Rcode], got)
		}
		return nil
	})
}

func data(rrs []dns.RR, qtype uint16) []string {
	var texts []string
	for _, rr := range rrs {
		if rr.Header().Rrtype == qtype {
			texts = append(texts, strings.TrimPrefix(rr.String(), rr.Header().String()))
		}
	}
	return texts
}

// link makes to a member of from, as the demo does.
func link(t *testing.T, from, to *server, flags ...string) {
	t.Helper()
	var token struct {
		Token string `json:"token"`
	}
	to.json(&token, "token", "create", "--kind", "relay", "--name", strings.ReplaceAll(from.name, ".", "-"))
	args := append([]string{"member", "add", to.https, "--username", "root", "--api-token", token.Token, "--output", "json"}, flags...)
	from.run(args...)
}

// linkedBothWays is the link of a cluster in which everything reaches everyone.
func linkedBothWays(t *testing.T, from, to *server) {
	t.Helper()
	link(t, from, to, "--role", "synchronize", "--zones", "all", "--reverse-trust", "--sync-now")
}

func eventually(t *testing.T, limit time.Duration, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s: %v", what, limit, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// given are the addresses that freeAddr returned: the system may find a port free again before its server has it.
var given sync.Map

func freeAddr(t *testing.T) string {
	t.Helper()
	for range 50 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := tcp.Addr().(*net.TCPAddr).Port
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		udp, err := net.ListenPacket("udp", addr)
		tcp.Close()
		if err != nil {
			continue
		}
		udp.Close()
		if _, twice := given.LoadOrStore(addr, true); !twice {
			return addr
		}
	}
	t.Fatal("no free port")
	return ""
}

// zoneFile is a small zone whose records are easy to tell apart.
func zoneFile(addr string) string {
	return fmt.Sprintf(`$TTL 300
@ SOA ns1.zonefleet.test. hostmaster.zonefleet.test. 1 3600 900 1209600 300
@ NS ns1.zonefleet.test.
@ A %s
www A %s
`, addr, addr)
}

func writeZones(t *testing.T, zones map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range zones {
		if err := os.WriteFile(filepath.Join(dir, name+".db"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
