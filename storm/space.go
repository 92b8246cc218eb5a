package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// inSpaces marks a storm that has namespaces of its own.
const inSpaces = "STORM_IN_SPACES"

// enterSpaces makes this process start again in a network and a mount namespace of its own, so that nothing of it is seen
// outside or is left when it has ended, however it ends. It returns only where that cannot be, and says why.
func enterSpaces() error {
	if os.Getenv(inSpaces) != "" {
		return nil
	}
	if os.Geteuid() != 0 {
		return errors.New("not root")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return err
	}
	runtime.LockOSThread() // exec ends the other threads and goes on with this one
	defer runtime.UnlockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("namespaces: %w", err)
	}
	return syscall.Exec(self, os.Args, append(os.Environ(), inSpaces+"=1"))
}

// network is the network of a storm in a namespace of its own: a switch, and a namespace for each server with a cable to it.
type network struct {
	home *os.File // the storm's own namespace
}

const (
	// storms is the storm's own address: of clients, and of the ways that can be garbled.
	storms  = "10.99.0.254"
	netmask = "/24"
)

func serverAddress(n int) string { return fmt.Sprintf("10.99.0.%d", n+1) }

// newNetwork sets up the switch; nil without namespaces, or where the kernel has no switches or cables, which it says.
func newNetwork(out io.Writer) (*network, error) {
	if os.Getenv(inSpaces) == "" {
		return nil, nil
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return nil, fmt.Errorf("keep mounts apart: %w", err)
	}
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	if err := ip("link set lo up"); err != nil {
		return nil, err
	}
	if err := ip("link add try type veth peer name other", "link del try", "link add switch type bridge", "addr add "+storms+netmask+" dev switch", "link set switch up"); err != nil {
		withoutCables(out, err)
		return nil, home.Close()
	}
	return &network{home}, nil
}

func withoutCables(out io.Writer, why error) {
	fmt.Fprintf(out, "not as root with network namespaces and iproute2: cables are not pulled (%v)\n", why)
}

// ip runs commands of iproute2.
func ip(commands ...string) error {
	for _, c := range commands {
		if out, err := exec.Command("ip", strings.Fields(c)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", c, err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

// space is the network namespace of one server. Without one, the server is in the storm's.
type space struct {
	network *network
	file    *os.File
	port    string // of the switch
}

// add makes a namespace and plugs it in.
func (n *network) add(address string, number int) (*space, error) {
	s := &space{network: n, port: "port" + strconv.Itoa(number)}
	err := n.away(func() (err error) {
		if err = unix.Unshare(unix.CLONE_NEWNET); err == nil {
			s.file, err = os.Open("/proc/thread-self/ns/net") // which keeps it
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make a network namespace: %w", err)
	}
	path := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), s.file.Fd())
	if err := ip("link add "+s.port+" type veth peer name cable", "link set cable netns "+path, "link set "+s.port+" master switch up"); err != nil {
		return nil, err
	}
	return s, s.inside(func() error {
		return ip("link set lo up", "addr add "+address+netmask+" dev cable", "link set cable up")
	})
}

// inside calls f in the namespace: sockets that it opens and processes that it starts belong there.
func (s *space) inside(f func() error) error {
	if s == nil {
		return f()
	}
	return s.network.away(func() error {
		if err := unix.Setns(int(s.file.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter a network namespace: %w", err)
		}
		return f()
	})
}

// away lets f take its thread to another namespace, and brings the thread back. A thread must not end here: the servers
// that it has started are killed when it does (Pdeathsig), and it may have started some.
func (n *network) away(f func() error) error {
	runtime.LockOSThread()
	err := f()
	if back := unix.Setns(int(n.home.Fd()), unix.CLONE_NEWNET); back != nil {
		panic("storm: a thread does not come back to its network namespace: " + back.Error())
	}
	runtime.UnlockOSThread()
	return err
}

// plug pulls the cable, or puts it back.
func (s *space) plug(in bool) error {
	state := " down"
	if in {
		state = " up"
	}
	return ip("link set " + s.port + state)
}

// mute makes what the server sends to the addresses go astray, while what they send arrives; or ends that.
func (s *space) mute(on bool, addresses []string) error {
	return s.inside(func() (err error) {
		for _, a := range addresses {
			if on {
				err = errors.Join(err, ip("neigh replace "+a+" lladdr 02:00:00:00:00:01 nud permanent dev cable"))
			} else {
				err = errors.Join(err, ip("neigh del "+a+" dev cable"))
			}
		}
		return err
	})
}
