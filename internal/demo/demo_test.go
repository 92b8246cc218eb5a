package demo

import (
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestATakenPortIsToldWithTheFlagThatChangesIt(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	byTCP, byUDP := tcp.Addr().(*net.TCPAddr).Port, udp.LocalAddr().(*net.UDPAddr).Port

	for what, c := range map[string]struct {
		err  error
		want string // "" for none
	}{
		"DNS, by TCP":             {portFree("DNS", byTCP, "--dns-port", true), "--dns-port"},
		"DNS, by UDP alone":       {portFree("DNS", byUDP, "--dns-port", true), "--dns-port"},
		"HTTPS":                   {portFree("HTTPS", byTCP, "--http-port", false), "--http-port"},
		"one of a whole demo":     {checkPorts(Options{Servers: 1, HTTPPort: byTCP}), "--http-port"},
		"HTTPS does not need UDP": {portFree("HTTPS", byUDP, "--http-port", false), ""},
	} {
		switch {
		case c.want == "" && c.err != nil:
			t.Errorf("%s: %v", what, c.err)
		case c.want != "" && (c.err == nil || !strings.Contains(c.err.Error(), "is taken") || !strings.Contains(c.err.Error(), c.want)):
			t.Errorf("%s: %v, want %s to be named", what, c.err, c.want)
		}
	}
}

func TestOnlyAServerOnTheFolderIsEnded(t *testing.T) {
	s := &server{dir: filepath.Join(t.TempDir(), "server1")}
	other := filepath.Join(filepath.Dir(s.dir), "server12")
	for what, c := range map[string]struct {
		args []string
		want bool
	}{
		"a server on the folder":    {[]string{"serve", "--data", s.dir}, true},
		"the same in one argument":  {[]string{"serve", "--data=" + s.dir}, true},
		"the same, written longer":  {[]string{"serve", "--data", s.dir + "/../server1/"}, true},
		"a server on another":       {[]string{"serve", "--data", other}, false},
		"the folder as other value": {[]string{"--zones", s.dir}, false},
		"a flag without its value":  {[]string{"serve", "--data"}, false},
	} {
		// A process with these arguments, which echoes what it reads until that ends.
		cmd := exec.Command("sh", append([]string{"-c", "cat; exit", "zonefleet"}, c.args...)...)
		in, errIn := cmd.StdinPipe()
		out, errOut := cmd.StdoutPipe()
		if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil { // it runs
			t.Fatal(err)
		}
		if got := s.owns(cmd.Process.Pid); got != c.want {
			t.Errorf("%s: %v", what, got)
		}
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		if s.owns(cmd.Process.Pid) {
			t.Errorf("%s: also when it has ended", what)
		}
	}
}

func TestTheDemoRunsTwoToNineServers(t *testing.T) {
	for _, n := range []int{0, 1, 10} {
		if err := Run(t.Context(), Options{Servers: n}); err == nil || !strings.Contains(err.Error(), "2 to 9") {
			t.Errorf("%d servers: %v", n, err)
		}
	}
}

func TestTheFirstServerIsTheWebServer(t *testing.T) {
	list := newServers(Options{Servers: 3, Dir: "/demo", DNSPort: 5300, HTTPPort: 2087})
	for i, want := range []server{
		{number: 1, name: "web.zonefleet.test", what: "the web server", dir: "/demo/server1", dns: "127.0.0.1:5300", https: "127.0.0.1:2087"},
		{number: 2, name: "ns1.zonefleet.test", what: "a nameserver", dir: "/demo/server2", dns: "127.0.0.1:5301", https: "127.0.0.1:2088"},
		{number: 3, name: "ns2.zonefleet.test", what: "a nameserver", dir: "/demo/server3", dns: "127.0.0.1:5302", https: "127.0.0.1:2089"},
	} {
		if *list[i] != want {
			t.Errorf("got %+v, want %+v", *list[i], want)
		}
	}
}
