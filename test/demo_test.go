package test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/miekg/dns"
)

// demoRun is a running `zonefleet demo`.
type demoRun struct {
	t             *testing.T
	cmd           *exec.Cmd
	dir           string
	dnsPort, port int
	done          chan struct{}
	log           string // file of what it says
}

// ports returns the first of n free ports in a row, for UDP and TCP.
func ports(t *testing.T, n int) int {
	t.Helper()
search:
	for range 100 {
		_, text, err := net.SplitHostPort(freeAddr(t))
		if err != nil {
			t.Fatal(err)
		}
		first, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			addr := fmt.Sprintf("127.0.0.1:%d", first+i)
			tcp, errT := net.Listen("tcp", addr)
			if errT != nil {
				continue search
			}
			tcp.Close()
			udp, errU := net.ListenPacket("udp", addr)
			if errU != nil {
				continue search
			}
			udp.Close()
		}
		return first
	}
	t.Fatal("no free ports in a row")
	return 0
}

func startDemo(t *testing.T, dir string, args ...string) *demoRun {
	t.Helper()
	d := &demoRun{t: t, dir: dir, dnsPort: ports(t, 3), port: ports(t, 3), done: make(chan struct{})}
	d.cmd = exec.Command(program, append([]string{
		"demo", "--dir", dir, "--dns-port", strconv.Itoa(d.dnsPort), "--http-port", strconv.Itoa(d.port),
	}, args...)...)
	log, err := os.Create(filepath.Join(t.TempDir(), "demo.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	d.log = log.Name()
	d.cmd.Stdout, d.cmd.Stderr = log, log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = d.cmd.Wait(); close(d.done) }()
	t.Cleanup(func() {
		_ = d.cmd.Process.Signal(syscall.SIGTERM)
		<-d.done
	})
	eventually(t, 60*time.Second, "the demo is set up", func() error {
		text, err := os.ReadFile(log.Name())
		if err != nil {
			return err
		}
		if !strings.Contains(string(text), "then try:") {
			return fmt.Errorf("it says %s", text)
		}
		return nil
	})
	return d
}

// at is server i (from 1), as a server that the harness can speak to.
func (d *demoRun) at(i int) *server {
	return &server{
		t: d.t, name: fmt.Sprintf("server%d", i), dir: filepath.Join(d.dir, fmt.Sprintf("server%d", i)),
		dns: fmt.Sprintf("127.0.0.1:%d", d.dnsPort+i-1), https: fmt.Sprintf("127.0.0.1:%d", d.port+i-1),
	}
}

func (d *demoRun) pid(i int) int {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, fmt.Sprintf("server%d", i), "zonefleet.pid"))
	if err != nil {
		d.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		d.t.Fatal(err)
	}
	return pid
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// TestTheDemoPrintsLinksThatSignABrowserIn opens one in a browser.
func TestTheDemoPrintsLinksThatSignABrowserIn(t *testing.T) {
	d := startDemo(t, t.TempDir())
	text, err := os.ReadFile(d.log)
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`https://\S+/signin/\S+`).FindAllString(string(text), -1)
	if len(links) != 3 {
		t.Fatalf("%d links:\n%s", len(links), text)
	}
	b := openBrowser(t, d.at(2))
	b.visit(links[1])
	b.do(chromedp.WaitVisible("header .who"))
}

// TestEveryRecordOfTheDemoIsAnsweredByEveryServer asks for each record of each zone, as the first server exports them.
func TestEveryRecordOfTheDemoIsAnsweredByEveryServer(t *testing.T) {
	d := startDemo(t, t.TempDir())
	var zones struct {
		Zones []struct {
			Name string `json:"name"`
		} `json:"zones"`
	}
	d.at(1).json(&zones, "zone", "list")
	if len(zones.Zones) < 4 {
		t.Fatalf("the demo holds %v", zones)
	}
	for _, z := range zones.Zones {
		text := d.at(1).run("zone", "export", z.Name)
		asked := 0
		parser := dns.NewZoneParser(strings.NewReader(text), dns.Fqdn(z.Name), "")
		for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
			asked++
			sameEverywhere(t, d, rr)
		}
		if err := parser.Err(); err != nil || asked < 5 {
			t.Errorf("the export of %s has %d records: %v\n%s", z.Name, asked, err, text)
		}
	}
}

func sameEverywhere(t *testing.T, d *demoRun, rr dns.RR) {
	t.Helper()
	var first string
	for i := 1; i <= 3; i++ {
		m, err := d.at(i).ask(rr.Header().Name, rr.Header().Rrtype)
		if err != nil {
			t.Fatalf("%s at server %d: %v", rr, i, err)
		}
		answer := fmt.Sprintf("%s aa=%v %s", dns.RcodeToString[m.Rcode], m.Authoritative, m.Answer)
		if i == 1 {
			first = answer
		}
		if answer != first {
			t.Errorf("%s: server 1 answers %s, server %d %s", rr, first, i, answer)
		}
		below := len(m.Answer) == 0 && len(m.Ns) > 0 && m.Ns[0].Header().Rrtype == dns.TypeNS // at or below a delegation
		if !below && !slices.ContainsFunc(m.Answer, func(a dns.RR) bool { return packed(t, a) == packed(t, rr) }) {
			t.Errorf("%s is not in the answer %s", rr, answer)
		}
	}
}

// packed is a record in wire form: its text has several spellings.
func packed(t *testing.T, rr dns.RR) string {
	t.Helper()
	b := make([]byte, 65536)
	n, err := dns.PackRR(rr, b, 0, nil, false)
	if err != nil {
		t.Fatalf("pack %s: %v", rr, err)
	}
	return string(b[:n])
}

func TestTheDemoKeepsItsDataAndItsChildrenGoWithIt(t *testing.T) {
	dir := t.TempDir()
	d := startDemo(t, dir)
	d.at(3).run("record", "set", "example.com", "kept", "300", "A", "192.0.2.200", "--wait=all")
	pids := []int{d.pid(1), d.pid(2), d.pid(3)}
	if err := d.cmd.Process.Kill(); err != nil { // as hard as it gets: the demo cannot clean up
		t.Fatal(err)
	}
	<-d.done
	for i, pid := range pids {
		eventually(t, 5*time.Second, fmt.Sprintf("server %d goes with the demo", i+1), func() error {
			if alive(pid) {
				return fmt.Errorf("process %d is there", pid)
			}
			return nil
		})
	}
	again := startDemo(t, dir)
	for i := 1; i <= 3; i++ {
		again.at(i).answers("kept.example.com", dns.TypeA, "192.0.2.200")
	}
}

func TestAServerOfTheDemoIsStartedByHandWithItsSettings(t *testing.T) {
	d := startDemo(t, t.TempDir())
	second := d.at(2)
	if err := syscall.Kill(d.pid(2), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "server 2 is gone", func() error {
		if _, err := second.ask("example.com", dns.TypeSOA); err == nil {
			return fmt.Errorf("it answers")
		}
		return nil
	})
	d.at(1).run("record", "set", "example.com", "one", "300", "A", "192.0.2.201")
	d.at(3).run("record", "set", "example.com", "three", "300", "A", "192.0.2.203")
	byHand := exec.Command(program, "serve", "--data", second.dir)
	byHand.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := byHand.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = byHand.Process.Signal(syscall.SIGTERM)
		_ = byHand.Wait()
	}()
	second.answers("one.example.com", dns.TypeA, "192.0.2.201")
	second.answers("three.example.com", dns.TypeA, "192.0.2.203")
}

func TestTheTour(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "demo", "--tour",
		"--dns-port", strconv.Itoa(ports(t, 3)), "--http-port", strconv.Itoa(ports(t, 3))).CombinedOutput()
	if err != nil {
		t.Fatalf("the tour: %v\n%s", err, out)
	}
	for _, want := range []string{"3/3 serve it", "waiting: 5", "caught up", "no command", "change undo", "all 3 servers answer the same"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the tour does not say %q:\n%s", want, out)
		}
	}
}

func TestTheDemoSaysWhichPortIsTaken(t *testing.T) {
	port := ports(t, 3) + 1 // the demo asks for the one before it first, and finds that free
	held, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for _, flag := range []string{"--dns-port", "--http-port"} {
		out, err := exec.Command(program, "demo", flag, strconv.Itoa(port-1)).CombinedOutput()
		if err == nil || !strings.Contains(string(out), strconv.Itoa(port)) || !strings.Contains(string(out), flag) {
			t.Errorf("demo with a taken port: %v\n%s", err, out)
		}
	}
}

func TestTheDemoGoesOnWhenAZoneFileIsRefused(t *testing.T) {
	folder := writeZones(t, map[string]string{"good.example": zoneFile("192.0.2.1"), "bad.example": "no zone at all\n"})
	dir := t.TempDir()
	d := startDemo(t, dir, "--zones", folder)
	d.at(3).answers("www.good.example", dns.TypeA, "192.0.2.1")
}
