package test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// manager does for one server what systemd does for a unit: it hears what the server says of itself, keeps the sockets that it
// is given, and starts the next process with them.
type manager struct {
	t    *testing.T
	path string
	conn *net.UnixConn
	done chan struct{}

	mu    sync.Mutex
	said  []string
	store map[string]*os.File
	main  int
}

func newManager(t *testing.T) *manager {
	t.Helper()
	m := &manager{t: t, path: filepath.Join(t.TempDir(), "notify"), done: make(chan struct{}), store: map[string]*os.File{}}
	var err error
	if m.conn, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.path, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	go m.listen()
	t.Cleanup(func() {
		m.conn.Close()
		<-m.done
		for _, f := range m.store {
			f.Close()
		}
	})
	return m
}

func (m *manager) listen() {
	defer close(m.done)
	b, oob := make([]byte, 8192), make([]byte, 1024)
	for {
		n, oobn, _, _, err := m.conn.ReadMsgUnix(b, oob)
		if err != nil {
			return
		}
		var fds []int
		if messages, err := unix.ParseSocketControlMessage(oob[:oobn]); err == nil && len(messages) == 1 {
			fds, _ = unix.ParseUnixRights(&messages[0])
		}
		m.hear(strings.Split(string(b[:n]), "\n"), fds)
	}
}

func (m *manager) hear(words []string, fds []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said = append(m.said, words...)
	name := ""
	for _, w := range words {
		if n, ok := strings.CutPrefix(w, "FDNAME="); ok {
			name = n
		}
		if pid, ok := strings.CutPrefix(w, "MAINPID="); ok {
			m.main, _ = strconv.Atoi(pid)
		}
	}
	if old := m.store[name]; old != nil && (len(fds) > 0 || slices.Contains(words, "FDSTOREREMOVE=1")) {
		old.Close()
		delete(m.store, name)
	}
	for _, fd := range fds {
		m.store[name] = os.NewFile(uintptr(fd), name)
	}
}

// await waits until something is said that was not before.
func (m *manager) await(word string) {
	m.t.Helper()
	eventually(m.t, 20*time.Second, "the server says "+word, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if i := slices.Index(m.said, word); i >= 0 {
			m.said = m.said[i+1:]
			return nil
		}
		return fmt.Errorf("it says %q", m.said)
	})
}

// start starts the server with what is in the store. It is started through a shell because it has to know its own number.
func (m *manager) start(s *server) {
	m.t.Helper()
	m.mu.Lock()
	m.said = nil
	var names []string
	var files []*os.File
	for name, f := range m.store {
		names, files = append(names, name), append(files, f)
	}
	m.mu.Unlock()
	args := append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`}, s.command()...)
	s.cmd = exec.Command("sh", args...)
	s.cmd.ExtraFiles = files
	s.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+m.path, "WATCHDOG_USEC=1000000")
	if len(files) > 0 {
		s.cmd.Env = append(s.cmd.Env, "LISTEN_FDS="+strconv.Itoa(len(files)), "LISTEN_FDNAMES="+strings.Join(names, ":"))
	}
	s.log = &output{}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	done := make(chan struct{})
	s.done = done
	cmd := s.cmd
	go func() { _ = cmd.Wait(); close(done) }()
	m.mu.Lock()
	m.main = cmd.Process.Pid
	m.mu.Unlock()
	m.await("READY=1")
}

func (m *manager) mainPID() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.main
}

// stop ends the main process as systemd does.
func (m *manager) stop() {
	m.t.Helper()
	endPID(m.t, m.mainPID())
}

func TestRestartsOfAServiceLoseNoQueryAndNoWrite(t *testing.T) {
	m, s := newManager(t), newServer(t, "ns1.zonefleet.test")
	m.start(s)
	t.Cleanup(m.stop)
	s.run("zone", "import", writeZones(t, map[string]string{"example.com": zoneFile("192.0.2.1")}), "--wait=all")
	l, w := startLoad(t, s.dns), startWrites(t, s)
	m.await("WATCHDOG=1")
	for range 3 {
		m.stop()
		m.start(s)
		time.Sleep(200 * time.Millisecond)
	}
	before := m.mainPID()
	s.run("restart")
	m.await("READY=1")
	if now := m.mainPID(); now == before || syscall.Kill(now, 0) != nil {
		t.Errorf("process %d was said to be the main one, before it was %d", now, before)
	}
	m.await("WATCHDOG=1") // from the new one
	m.stop()
	m.start(s)
	time.Sleep(200 * time.Millisecond)
	l.end()
	w.end()
}

// What does not fit the configuration any more is neither used nor kept.
func TestSocketsOfAnOldConfigurationAreClosed(t *testing.T) {
	m, s := newManager(t), newServer(t, "ns1.zonefleet.test")
	m.start(s)
	t.Cleanup(m.stop)
	old := s.dns
	m.stop()
	s.dns = freeAddr(t)
	m.start(s)
	eventually(t, 10*time.Second, "the old socket is let go of", func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		for name := range m.store {
			if strings.Contains(name, strings.ReplaceAll(old, ":", ".")) {
				return errors.New(name + " is kept")
			}
		}
		return nil
	})
	if c, err := net.ListenPacket("udp", old); err != nil {
		t.Errorf("the old address is still held: %v", err)
	} else {
		c.Close()
	}
}
