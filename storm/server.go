package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// server is one `zonefleet serve` process, its folder, and the way to it.
type server struct {
	name, binary string
	host         string // its address: of the loopback network, or in its network namespace
	space        *space // nil: it is in the storm's own
	dir, home    string // home is the folder around the data folder, a file system of its own if mounted
	dns, https   string
	door         *proxy   // where those reach it that have it by reverse trust
	ways         []*proxy // all ways to it and from it
	mounted      bool
	leaf         bool                      // it holds its own zones only
	sender       bool                      // its links are write-only: it has its own zones, and nothing comes back to it
	given        map[string]wire.TokenHash // the tokens that it gave to others
	client       *http.Client

	mu     sync.Mutex
	cmd    *exec.Cmd
	ended  chan struct{}
	token  string
	offset time.Duration // of its clock
	busy   bool          // a fault has it
	gen    int           // how many times its folder was rolled back

	copied *folderCopy // of the fault that has it
}

// start runs the process and waits until it answers.
func (s *server) start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(s.home, "..", s.name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{
		"serve", "--data", s.dir, "--name", s.name, "--dns", s.dns, "--listen", s.https, "--advertise", s.door.addr(),
		"--allow-transfer", "127.0.0.0/8", "--allow-transfer", "10.99.0.0/24", "--log-level", "info",
	}
	if s.offset != 0 {
		args = append(args, "--clock-offset", s.offset.String())
	}
	cmd := exec.Command(s.binary, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "STORM_CLOCK="+s.clockFile())
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	fmt.Fprintf(log, "--- %s start, clock offset %s\n", time.Now().UTC().Format(time.RFC3339Nano), s.offset)
	if err := s.space.inside(cmd.Start); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // ends with the process, which discard ends at the latest
	s.mu.Lock()
	s.cmd, s.ended = cmd, ended
	s.mu.Unlock()
	return s.ready(ctx, ended)
}

// clockFile says by how many seconds the server's clock is off, to programs that were built to read it.
func (s *server) clockFile() string { return s.home + ".clock" }

// startLimit is how long a server may take until it serves; the machine may be busy with other things.
const startLimit = 60 * time.Second

func (s *server) ready(ctx context.Context, ended <-chan struct{}) error {
	deadline := time.Now().Add(startLimit)
	for time.Now().Before(deadline) {
		if token, err := os.ReadFile(filepath.Join(s.dir, "root.token")); err == nil {
			s.mu.Lock()
			s.token = strings.TrimSpace(string(token))
			s.mu.Unlock()
			if s.isReady(ctx) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ended:
			return fmt.Errorf("%s ended at once, see its log", s.name)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s is not ready after %s", s.name, startLimit)
}

func (s *server) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+s.https+"/readyz", nil)
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+s.bearer())
	res, err := s.client.Do(req)
	if err != nil {
		return false
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// end sends a signal that ends the process, and waits for the end.
func (s *server) end(sig syscall.Signal) error {
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Signal(sig)
	defer func() { s.mu.Lock(); s.cmd = nil; s.mu.Unlock() }()
	select {
	case <-ended:
		return nil
	case <-time.After(20 * time.Second):
		_ = cmd.Process.Kill()
		<-ended
		return fmt.Errorf("%s did not end within 20 s of %s", s.name, sig)
	}
}

func (s *server) stop() error { return s.end(syscall.SIGTERM) }
func (s *server) kill() error { return s.end(syscall.SIGKILL) }

// signal reaches a process that goes on.
func (s *server) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(sig)
	}
}

// alive says that the process has not ended by itself.
func (s *server) alive() bool {
	s.mu.Lock()
	ended := s.ended
	running := s.cmd != nil
	s.mu.Unlock()
	if !running {
		return false
	}
	select {
	case <-ended:
		return false
	default:
		return true
	}
}

// discard ends everything of the server, whatever state it is in. A folder to keep is taken out of its file system.
func (s *server) discard(keep bool) error {
	s.signal(syscall.SIGCONT)
	_ = s.kill()
	for _, way := range s.ways {
		way.close()
	}
	if !s.mounted {
		return nil
	}
	kept := s.home + ".kept"
	if keep {
		if err := copyFolder(s.home, kept); err != nil {
			return err
		}
	}
	if err := syscall.Unmount(s.home, syscall.MNT_DETACH); err != nil || !keep {
		return err
	}
	return errors.Join(os.Remove(s.home), os.Rename(kept, s.home))
}

// generation names the folder's past: it is raised by a rollback, after which numbers of changes repeat.
func (s *server) generation() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gen
}

func (s *server) bearer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}
