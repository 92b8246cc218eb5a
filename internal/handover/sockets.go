package handover

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Store is where sockets outlive the process; *systemd.Notifier is one.
type Store interface {
	Keep(name string, fd int) error
	Drop(name string) error
}

// Sockets are the listening sockets of this process, each under its network and address. It holds a descriptor of its own
// for each, so that a socket stays open, with what waits in it, when the part of the program that works on it ends. They
// are bare numbers: a file would be watched by the runtime, which would wake it for each packet. A nil one holds nothing.
type Sockets struct {
	mu      sync.Mutex
	store   Store    // nil until Attach
	dropped []string // before that
	fds     map[string]int
	claimed map[string]bool
}

// firstInherited is the first descriptor after standard input, output and error.
const firstInherited = 3

// maxInherited bounds what a process is handed: a host with more than a thousand addresses is none.
const maxInherited = 4096

// Inherit takes the sockets that the process was started with: by its predecessor, or out of systemd's store.
func Inherit(getenv func(string) string) *Sockets {
	s := &Sockets{fds: map[string]int{}, claimed: map[string]bool{}}
	for i, name := range inherited(getenv) {
		fd := firstInherited + i
		unix.CloseOnExec(fd)
		if _, twice := s.fds[name]; twice {
			unix.Close(fd)
			continue
		}
		s.fds[name] = fd
	}
	return s
}

// inherited are the names of the sockets that the environment tells of, in the order of their descriptors; none if it is for
// another process, or too many.
func inherited(getenv func(string) string) []string {
	n, err := strconv.Atoi(getenv("LISTEN_FDS"))
	mine := getenv(envPredecessor) != "" || getenv("LISTEN_PID") == strconv.Itoa(os.Getpid())
	if err != nil || n < 1 || n > maxInherited || !mine {
		return nil
	}
	names := strings.Split(getenv("LISTEN_FDNAMES"), ":")
	if len(names) != n {
		return nil
	}
	return names
}

// Attach brings a store in step with the sockets that there are, and keeps it there.
func (s *Sockets) Attach(to Store) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store = to
	var errs []error
	for _, name := range s.dropped {
		errs = append(errs, to.Drop(name))
	}
	s.dropped = nil
	for name, fd := range s.fds {
		errs = append(errs, to.Keep(name, fd))
	}
	return errors.Join(errs...)
}

// name is how a socket is called in the environment and in systemd's store, where names have no colon.
func name(network, addr string) string {
	return network + " " + strings.ReplaceAll(addr, ":", ".")
}

// TCP returns the listener for that address if there is one, a copy that the caller closes. Nil: there is none.
func (s *Sockets) TCP(addr string) *net.TCPListener {
	f := s.claim(name("tcp", addr))
	if f == nil {
		return nil
	}
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil // not what its name says
	}
	if tcp, ok := l.(*net.TCPListener); ok {
		return tcp
	}
	l.Close()
	return nil
}

// UDP does so for a packet socket.
func (s *Sockets) UDP(addr string) *net.UDPConn {
	f := s.claim(name("udp", addr))
	if f == nil {
		return nil
	}
	defer f.Close()
	p, err := net.FilePacketConn(f)
	if err != nil {
		return nil
	}
	if udp, ok := p.(*net.UDPConn); ok {
		return udp
	}
	p.Close()
	return nil
}

// claim returns a copy, nil if there is no such socket.
func (s *Sockets) claim(name string) *os.File {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fd, ok := s.fds[name]
	if !ok {
		return nil
	}
	s.claimed[name] = true
	return copyOf(fd, name)
}

// copyOf returns a file of its own for a descriptor, nil when there is no room for another.
func copyOf(fd int, name string) *os.File {
	again, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(again), name)
}

// Keep holds a socket that was opened, for the process after this one.
func (s *Sockets) Keep(network, addr string, conn syscall.Conn) error {
	if s == nil {
		return nil
	}
	fd, err := duplicate(conn)
	if err != nil {
		return fmt.Errorf("keep socket %s %s: %w", network, addr, err)
	}
	n := name(network, addr)
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.fds[n]; ok {
		unix.Close(old)
	}
	s.fds[n], s.claimed[n] = fd, true
	if s.store == nil {
		return nil
	}
	return s.store.Keep(n, fd)
}

// duplicate copies the descriptor. The File methods of package net are no use: a file of theirs makes the socket blocking,
// for all its copies, when it is handed to a child.
func duplicate(conn syscall.Conn) (fd int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var dupErr error
	if err := raw.Control(func(from uintptr) { fd, dupErr = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return 0, err
	}
	return fd, os.NewSyscallError("fcntl", dupErr)
}

// Drop lets go of a socket whose address is not served any more.
func (s *Sockets) Drop(network, addr string) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(name(network, addr))
}

func (s *Sockets) drop(name string) error {
	fd, ok := s.fds[name]
	if !ok {
		return nil
	}
	delete(s.fds, name)
	delete(s.claimed, name)
	err := unix.Close(fd)
	if s.store == nil {
		s.dropped = append(s.dropped, name)
		return err
	}
	return errors.Join(err, s.store.Drop(name))
}

// DropUnclaimed lets go of what was inherited and does not fit the configuration.
func (s *Sockets) DropUnclaimed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for name := range s.fds {
		if !s.claimed[name] {
			errs = append(errs, s.drop(name))
		}
	}
	return errors.Join(errs...)
}

// Waiting reports whether any socket was inherited and not claimed yet: then questions may wait in it.
func (s *Sockets) Waiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.fds {
		if !s.claimed[name] {
			return true
		}
	}
	return false
}

// Close closes the descriptors. What is in systemd's store stays there.
func (s *Sockets) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fd := range s.fds {
		unix.Close(fd)
	}
	clear(s.fds)
}

// copies are the sockets in a settled order, as files that the caller closes.
func (s *Sockets) copies() (files []*os.File, names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.fds {
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(name string) bool {
		f := copyOf(s.fds[name], name)
		if f != nil {
			files = append(files, f)
		}
		return f == nil
	})
	return files, names
}
