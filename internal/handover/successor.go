package handover

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// envPredecessor names the descriptor over which a successor speaks to whom it succeeds.
const envPredecessor = "ZONEFLEET_HANDOVER"

// helloTime is how long a program may take to say that it runs: it reads its configuration and no data until then.
const helloTime = 15 * time.Second

// maxLine bounds what is read of a successor before a line ends.
const maxLine = 512

// What a predecessor says.
const (
	wordGo      = "go\n"
	wordSettled = "go settled\n"
	wordYours   = "yours\n"
)

// ErrFailed is wrapped by every reason why a successor did not take over.
var ErrFailed = errors.New("the new process did not take over")

// Program is what a successor is started from.
type Program struct {
	Path string   // program file
	Args []string // without its name
	Env  []string
}

// Successor is a process that is on its way to take over.
type Successor struct {
	Version string // as it says itself
	cmd     *exec.Cmd
	control *os.File
	lines   chan string // closed when it says no more
	ended   chan error  // its end, once
}

// Start starts a successor with the sockets and returns when it has said hello. Nothing of this process was touched if it
// fails; the successor is gone then.
func Start(ctx context.Context, p Program, s *Sockets) (*Successor, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFailed, os.NewSyscallError("socketpair", err))
	}
	_ = unix.SetNonblock(pair[0], true) // before it becomes a file: reads of it have a deadline then
	ours, theirs := os.NewFile(uintptr(pair[0]), "successor"), os.NewFile(uintptr(pair[1]), "predecessor")
	files, names := s.copies()
	x := &Successor{control: ours, cmd: exec.Command(p.Path, p.Args...), lines: make(chan string), ended: make(chan error, 1)}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	x.cmd.ExtraFiles = append(files, theirs)
	x.cmd.Env = append(without(p.Env, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID", envPredecessor),
		"LISTEN_FDS="+strconv.Itoa(len(files)), "LISTEN_FDNAMES="+strings.Join(names, ":"),
		envPredecessor+"="+strconv.Itoa(firstInherited+len(files)))
	err = x.cmd.Start()
	for _, f := range x.cmd.ExtraFiles { // now, so that the end of the successor is seen as the end of what it says
		f.Close()
	}
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("%w: %w", ErrFailed, err)
	}
	go x.read()
	go func() { x.ended <- x.cmd.Wait() }()
	if err := x.hello(ctx); err != nil {
		return nil, errors.Join(err, x.Kill())
	}
	return x, nil
}

// PID is the process id.
func (x *Successor) PID() int { return x.cmd.Process.Pid }

// read hands on the lines until there are no more.
func (x *Successor) read() {
	defer close(x.lines)
	in := bufio.NewScanner(x.control)
	in.Buffer(make([]byte, maxLine), maxLine)
	for in.Scan() {
		x.lines <- in.Text()
	}
}

func (x *Successor) hello(ctx context.Context) error {
	line, err := x.next(ctx, helloTime, "say that it runs")
	if err != nil {
		return err
	}
	rest, ok := strings.CutPrefix(line, "hello 1 ")
	if !ok {
		return fmt.Errorf("%w: it says %q, which is not understood", ErrFailed, line)
	}
	x.Version = rest
	return nil
}

// next waits for a line.
func (x *Successor) next(ctx context.Context, limit time.Duration, what string) (string, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case line, ok := <-x.lines:
		if ok {
			return line, nil
		}
		return "", x.whyEnded()
	case <-timer.C:
		return "", fmt.Errorf("%w: it did not %s within %s", ErrFailed, what, limit)
	case <-ctx.Done():
		return "", fmt.Errorf("%w: this one was told to stop meanwhile", ErrFailed)
	}
}

// endTime is how long after its last word the end of a process may take to be seen.
const endTime = 5 * time.Second

func (x *Successor) whyEnded() error {
	select {
	case err := <-x.ended:
		x.ended <- err
		if err == nil {
			return fmt.Errorf("%w: it ended at once (its log says why)", ErrFailed)
		}
		return fmt.Errorf("%w: it ended: %w (its log says why)", ErrFailed, err)
	case <-time.After(endTime):
		return fmt.Errorf("%w: it hung up", ErrFailed)
	}
}

// Go tells the successor that the data folder is free, and whether it was found out already that its node may go on writing
// under its id, and waits until the successor is ready. It may take as long as it loads zones: limit is how long it may stand
// still.
func (x *Successor) Go(ctx context.Context, limit time.Duration, settled bool) error {
	word := wordGo
	if settled {
		word = wordSettled
	}
	if _, err := x.control.WriteString(word); err != nil {
		return fmt.Errorf("%w: %w", ErrFailed, err)
	}
	loaded := -1
	for deadline := time.Now().Add(limit); ; {
		line, err := x.next(ctx, time.Until(deadline), "become ready or load another zone")
		if err != nil {
			return err
		}
		if line == "ready" {
			return nil
		}
		count, ok := strings.CutPrefix(line, "loading ")
		if n, err := strconv.Atoi(count); ok && err == nil && n > loaded {
			loaded, deadline = n, time.Now().Add(limit)
		}
	}
}

// Yours tells the successor that everything is its own now. The two are strangers then.
func (x *Successor) Yours() error {
	_, err := x.control.WriteString(wordYours)
	return errors.Join(err, x.control.Close())
}

// Kill ends the successor and returns when it is gone, and with it its hold on the data folder.
func (x *Successor) Kill() error {
	err := x.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	if err == nil {
		<-x.ended
	}
	x.control.Close()
	for range x.lines { // until the reader has ended
	}
	return err
}

func without(env []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(names, name)
	})
}
