package systemd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Words that systemd understands (sd_notify(3)).
const (
	Ready     = "READY=1"
	Reloading = "RELOADING=1" // with Monotonic; Ready follows when it is over
	Stopping  = "STOPPING=1"
	Watchdog  = "WATCHDOG=1"
)

// Status is the line that `systemctl status` shows.
func Status(text string) string {
	return "STATUS=" + strings.ReplaceAll(text, "\n", " ")
}

// MainPID makes another process of the unit its main one.
func MainPID(pid int) string { return "MAINPID=" + strconv.Itoa(pid) }

// MoreTime asks for time to start or stop, counted from now.
func MoreTime(d time.Duration) string {
	return "EXTEND_TIMEOUT_USEC=" + strconv.FormatInt(d.Microseconds(), 10)
}

// Monotonic is the time that systemd wants to know with Reloading.
func Monotonic() string {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) // never fails for this clock
	return "MONOTONIC_USEC=" + strconv.FormatInt(t.Nano()/1000, 10)
}

// Notifier speaks to the systemd that started this process. A nil one says nothing.
type Notifier struct {
	socket   string // a path, or @ and a name without one
	watchdog time.Duration
}

// Open finds systemd in the environment; nil where the process is no service of it.
func Open(getenv func(string) string) *Notifier {
	path := getenv("NOTIFY_SOCKET")
	if path == "" || path[0] != '/' && path[0] != '@' {
		return nil // other transports are for virtual machines
	}
	n := &Notifier{socket: path}
	// WATCHDOG_PID is not looked at: a process that took over from another has its environment, and its watchdog.
	if usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		n.watchdog = time.Duration(usec) * time.Microsecond
	}
	return n
}

// WatchdogEvery is how often Watchdog has to be sent at least; 0: never.
func (n *Notifier) WatchdogEvery() time.Duration {
	if n == nil {
		return 0
	}
	return n.watchdog
}

// Send tells systemd one or several things at once.
func (n *Notifier) Send(words ...string) error { return n.send(nil, words) }

// Keep puts a socket into systemd's store under a name. The next process of the unit gets it, what waits in it included.
// A socket that is there already is not added again.
func (n *Notifier) Keep(name string, fd int) error {
	return n.send(unix.UnixRights(fd), []string{"FDSTORE=1", "FDNAME=" + name})
}

// Drop takes what has that name out of systemd's store.
func (n *Notifier) Drop(name string) error {
	return n.Send("FDSTOREREMOVE=1", "FDNAME="+name)
}

func (n *Notifier) send(rights []byte, words []string) error {
	if n == nil {
		return nil
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		defer unix.Close(fd)
		err = unix.Sendmsg(fd, []byte(strings.Join(words, "\n")), rights, &unix.SockaddrUnix{Name: n.socket}, unix.MSG_NOSIGNAL)
	}
	if err != nil {
		return fmt.Errorf("tell systemd %s: %w", words[0], err)
	}
	return nil
}
