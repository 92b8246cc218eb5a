package serve

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// peer is another nameserver, run by the test.
type peer struct {
	name       string
	addr       string
	exceptions []exception
	origins    map[string]bool // of all zones
}

func startServer(t *testing.T, all []zoneText) string {
	t.Helper()
	table := NewTable()
	for _, z := range all {
		table.Swap(viewOf(t, z.origin, z.text))
	}
	return runServer(t, table, Options{}).Addrs()[0].String()
}

// runServer runs a server on loopback until the test ends.
func runServer(t testing.TB, table *Table, o Options) *Server {
	t.Helper()
	if o.Addrs == nil {
		o.Addrs = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	}
	s := NewServer(table, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	select {
	case <-s.Ready():
	case err := <-done:
		done <- nil
		t.Fatalf("Run: %v", err)
	}
	return s
}

func startBIND(t *testing.T, all []zoneText) peer {
	return runBIND(t, zoneDir(t, all), all, func(z zoneText) string {
		return fmt.Sprintf("type primary; file %q", z.origin+"zone")
	})
}

// runBIND runs BIND with the zones as statement configures each.
func runBIND(t *testing.T, dir string, all []zoneText, statement func(zoneText) string) peer {
	port := freePort(t)
	var conf strings.Builder
	fmt.Fprintf(&conf, `options {
	directory "%s"; pid-file none; session-keyfile "%s/session.key"; listen-on port %d { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; dnssec-validation no; notify no; empty-zones-enable no; allow-transfer { any; }; allow-query { any; };
	minimal-responses no-auth; zero-no-soa-ttl no; minimal-any no; max-udp-size 1232; check-integrity no; ixfr-from-differences no;
	check-wildcard no; check-names primary ignore; check-names secondary ignore; check-mx ignore; check-sibling no; check-srv-cname ignore; check-mx-cname ignore;
};
controls { };
`, dir, dir, port)
	for _, z := range all {
		fmt.Fprintf(&conf, "zone %q { %s; };\n", z.origin, statement(z))
	}
	file := filepath.Join(dir, "named.conf")
	writeFile(t, file, conf.String())
	p := peer{name: "BIND", addr: fmt.Sprintf("127.0.0.1:%d", port), exceptions: exceptBIND()}
	run(t, p.addr, all, "named", "-g", "-n", "1", "-c", file)
	return p
}

func startKnot(t *testing.T, all []zoneText) peer {
	dir, port := zoneDir(t, all), freePort(t)
	var conf strings.Builder
	fmt.Fprintf(&conf, `server:
    rundir: "%[1]s"
    listen: 127.0.0.1@%[2]d
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: 1232
database:
    storage: "%[1]s/db"
log:
  - target: stderr
    any: warning
acl:
  - id: all
    action: transfer
template:
  - id: default
    storage: "%[1]s"
    file: "%%szone"
    semantic-checks: off
    zonefile-sync: -1
    journal-content: none
    acl: all
zone:
`, dir, port)
	for _, z := range all {
		fmt.Fprintf(&conf, "  - domain: %q\n    file: %q\n", z.origin, z.origin+"zone")
	}
	file := filepath.Join(dir, "knot.conf")
	writeFile(t, file, conf.String())
	p := peer{name: "Knot", addr: fmt.Sprintf("127.0.0.1:%d", port), exceptions: exceptKnot()}
	run(t, p.addr, all, "knotd", "-c", file)
	return p
}

func zoneDir(t *testing.T, all []zoneText) string {
	t.Helper()
	dir := t.TempDir()
	for _, z := range all {
		writeFile(t, filepath.Join(dir, z.origin+"zone"), z.text)
	}
	return dir
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	e, err := listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	e.close()
	return int(e.addr.Port())
}

// run starts a nameserver and waits until it answers for every zone. It is killed when the test ends.
func run(t *testing.T, addr string, all []zoneText, name string, args ...string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path = "/usr/sbin/" + name
	}
	cmd := exec.Command(path, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v (hint: the tests need the Debian packages bind9 and knot)", name, err)
	}
	gone := make(chan struct{})
	go func() { _ = cmd.Wait(); close(gone) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-gone
	})
	deadline := time.Now().Add(20 * time.Second)
	for _, z := range all {
		for !answersFor(addr, z.origin) {
			select {
			case <-gone:
				t.Fatalf("%s ended:\n%s", name, out.String())
			case <-time.After(50 * time.Millisecond):
			}
			if time.Now().After(deadline) {
				_ = cmd.Process.Kill()
				<-gone
				t.Fatalf("%s does not answer for %s:\n%s", name, z.origin, out.String())
			}
		}
	}
}

func answersFor(addr, origin string) bool {
	c := dns.Client{Timeout: time.Second}
	m, _, err := c.Exchange(question(origin, dns.TypeSOA), addr)
	return err == nil && m.Rcode == dns.RcodeSuccess && m.Authoritative
}
