package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// server is one `zonefleet serve` process and a client of its API.
type server struct {
	name, dir, dns, https string
	binary, token         string
	cmd                   *exec.Cmd
	client                *http.Client
}

func newServer(o options, name string) (*server, error) {
	s := &server{name: name + ".zonefleet.test", dir: filepath.Join(o.dir, name), binary: o.binary}
	for _, addr := range []*string{&s.dns, &s.https} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		*addr = l.Addr().String()
		l.Close()
	}
	// Own server, own loopback: the key says nothing here.
	s.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	return s, nil
}

// start returns how long it took from the start of the process until it serves all that it holds.
func (s *server) start(ctx context.Context) (time.Duration, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return 0, err
	}
	log, err := os.Create(s.dir + ".log")
	if err != nil {
		return 0, err
	}
	defer log.Close()
	s.cmd = exec.Command(s.binary, "serve", "--data", s.dir, "--name", s.name, "--dns", s.dns, "--listen", s.https, "--advertise", s.https)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	for time.Since(began) < 5*time.Minute {
		if res, err := s.client.Get("https://" + s.https + "/readyz"); err == nil {
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				took := time.Since(began)
				token, err := os.ReadFile(filepath.Join(s.dir, "root.token"))
				s.token = strings.TrimSpace(string(token))
				return took, err
			}
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	return 0, fmt.Errorf("%s is not ready after 5 minutes", s.name)
}

func (s *server) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		s.cmd.Process.Signal(syscall.SIGTERM)
		s.cmd.Wait()
		s.cmd = nil
	}
}

// kill ends the process as a power failure does.
func (s *server) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
}

// call asks the API and decodes the answer.
func (s *server) call(ctx context.Context, method, path string, body, answer any) error {
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r = bytes.NewReader(text)
	}
	text, err := s.ask(ctx, method, path, r)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

// ask returns the body of the answer.
func (s *server) ask(ctx context.Context, method, path string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://"+s.https+"/api/v1"+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 400 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	return text, nil
}

// cli runs the command line.
func (s *server) cli(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env = append(os.Environ(), "ZONEFLEET_SERVER=https://"+s.https, "ZONEFLEET_DATA="+s.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("zonefleet %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// link makes to a member that synchronizes everything with s; with now also what both have at the moment.
func (s *server) link(ctx context.Context, to *server, now bool) error {
	var made struct {
		Token string `json:"token"`
	}
	if err := to.call(ctx, http.MethodPost, "/tokens", map[string]any{"name": s.name, "kind": "relay"}, &made); err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, "/members", map[string]any{
		"host": to.https, "token": made.Token, "role": "synchronize", "zones": "all", "reverse_trust": true, "sync_now": now,
	}, nil)
}

// inStep waits until every server serves everything.
func (s *server) inStep(ctx context.Context) error {
	return s.cli(ctx, "wait", "--timeout", "10m")
}
