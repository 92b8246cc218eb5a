package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// program builds the program and returns the folder that it is in. The tests run the real one, never themselves under
// another name: the demo starts its own executable, which would then be the tests again.
func program(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "zonefleet"), ".").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return dir
}

// Each script is a story told with the real program. $PORT and $DNS are free ports, and so are those that end in 2 and
// 3; `ready $PORT` waits until the server there serves all that it holds.
func TestScripts(t *testing.T) {
	bin := program(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+e.WorkDir, "ZONEFLEET_DATA="+filepath.Join(e.WorkDir, "data"), "NO_COLOR=1")
			for _, n := range []string{"", "2", "3"} {
				ports, err := freePorts()
				if err != nil {
					return err
				}
				e.Vars = append(e.Vars, fmt.Sprintf("PORT%s=%d", n, ports[0]), fmt.Sprintf("DNS%s=%d", n, ports[1]))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready": func(ts *testscript.TestScript, _ bool, args []string) {
				if err := awaitReady("127.0.0.1:" + args[0]); err != nil {
					ts.Fatalf("%v", err)
				}
			},
			// expand FROM TO copies a file with its variables replaced.
			"expand": func(ts *testscript.TestScript, _ bool, args []string) {
				text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
				ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
			},
			// appears TEXT FILE waits until a file that is being written has it.
			"appears": func(ts *testscript.TestScript, _ bool, args []string) {
				for range 300 {
					if strings.Contains(ts.ReadFile(args[1]), args[0]) {
						return
					}
					time.Sleep(100 * time.Millisecond)
				}
				ts.Fatalf("%q does not appear in %s:\n%s", args[0], args[1], ts.ReadFile(args[1]))
			},
		},
	})
}

func freePorts() ([2]int, error) {
	var ports [2]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports, err
		}
		defer l.Close() // held until both are chosen, so that they differ
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func awaitReady(addr string) error {
	c := &http.Client{Timeout: time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, // our own child on loopback
	}}
	for range 300 {
		if res, err := c.Get("https://" + addr + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%s does not become ready: %w", addr, os.ErrDeadlineExceeded)
}
