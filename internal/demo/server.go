package demo

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// server is one child process. Its settings are kept in its data folder by serve itself, so that
// `zonefleet serve --data DIR` starts it by hand as it was.
type server struct {
	number int    // from 1
	name   string // FQDN
	what   string // what it is in the story
	dir    string
	dns    string // address of its nameserver
	https  string // address of its HTTPS port
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the process has ended
	err    error         // how it ended, valid after ended
}

func newServers(o Options) []*server {
	servers := make([]*server, o.Servers)
	for i := range servers {
		s := &server{
			number: i + 1,
			name:   fmt.Sprintf("ns%d.zonefleet.test", i),
			what:   "a nameserver",
			dir:    filepath.Join(o.Dir, fmt.Sprintf("server%d", i+1)),
			dns:    loopback(o.DNSPort + i),
			https:  loopback(o.HTTPPort + i),
		}
		if i == 0 {
			s.name, s.what = "web.zonefleet.test", "the web server"
		}
		servers[i] = s
	}
	return servers
}

func (s *server) pidFile() string { return filepath.Join(s.dir, "zonefleet.pid") }
func (s *server) logFile() string { return filepath.Join(s.dir, "serve.log") }

// start runs the child. The calling goroutine must be locked to a thread that lives as long as the demo: the kernel
// kills the child when the thread that started it ends, also when the demo itself is killed.
func (s *server) start(binary string) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder of server %d: %w", s.number, err)
	}
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of server %d: %w", s.number, err)
	}
	defer log.Close()
	s.cmd = exec.Command(binary, "serve", "--data", s.dir, "--name", s.name, "--dns", s.dns, "--listen", s.https, "--advertise", s.https)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Setpgid:   true, // an interrupt at the terminal reaches the demo alone, which then stops its children in order
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start server %d: %w", s.number, err)
	}
	s.ended = make(chan struct{})
	return nil
}

// wait returns when the process has ended; Run's goroutine for this child calls it.
func (s *server) wait() {
	s.err = s.cmd.Wait()
	close(s.ended)
}

// ready waits until the server answers that it serves all that it holds.
func (s *server) ready(ctx context.Context) error {
	// The demo talks to its own child on loopback; whose key that is does not matter for a health check.
	client := &http.Client{
		Timeout:   time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
	}
	for {
		if res, err := client.Get("https://" + s.https + "/readyz"); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("server %d did not become ready: %w\nhint: see %s", s.number, context.Cause(ctx), s.logFile())
		case <-s.ended:
			return fmt.Errorf("server %d ended at once: %w\n%s", s.number, s.err, s.lastLines())
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// stop ends the child gently, after 10 s for certain.
func (s *server) stop() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
}

func (s *server) lastLines() string {
	text, err := os.ReadFile(s.logFile())
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
