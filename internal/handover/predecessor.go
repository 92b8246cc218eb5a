package handover

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Predecessor is the process that this one succeeds. A nil one is none: the process started as any other.
type Predecessor struct {
	control *os.File
	in      *bufio.Reader
}

// errGone says that the predecessor ended before it had handed over.
var errGone = errors.New("the process to take over from has ended")

// Find finds the predecessor in the environment.
func Find(getenv func(string) string) *Predecessor {
	fd, err := strconv.Atoi(getenv(envPredecessor))
	if err != nil || fd < firstInherited {
		return nil
	}
	unix.CloseOnExec(fd)
	if unix.SetNonblock(fd, true) != nil {
		return nil // no such descriptor: the variable is left over from somewhere
	}
	f := os.NewFile(uintptr(fd), "predecessor")
	return &Predecessor{f, bufio.NewReaderSize(f, maxLine)}
}

// Hello says that this process runs, and returns when the predecessor has let go of the data folder, with what that one has
// found out (see Successor.Go).
func (p *Predecessor) Hello(ctx context.Context, version string) (settled bool, err error) {
	if p == nil {
		return false, nil
	}
	if _, err := fmt.Fprintf(p.control, "hello 1 %s\n", version); err != nil {
		return false, fmt.Errorf("%w: %w", errGone, err)
	}
	word, err := p.await(ctx, wordGo, wordSettled)
	return word == wordSettled, err
}

// Loading says how many zones are loaded.
func (p *Predecessor) Loading(n int) {
	if p != nil {
		fmt.Fprintf(p.control, "loading %d\n", n) // an end of the predecessor is noticed where something is awaited
	}
}

// Ready says that this process answers, and returns when everything is its own. A predecessor that is killed in between
// hands over too.
func (p *Predecessor) Ready(ctx context.Context) error {
	if p == nil {
		return nil
	}
	defer p.control.Close()
	if _, err := p.control.WriteString("ready\n"); err != nil {
		return nil
	}
	if _, err := p.await(ctx, wordYours); err != nil && !errors.Is(err, errGone) {
		return err
	}
	return nil
}

// await returns the next word, which has to be one of those.
func (p *Predecessor) await(ctx context.Context, want ...string) (string, error) {
	stop := context.AfterFunc(ctx, func() { _ = p.control.SetReadDeadline(time.Now()) })
	defer stop()
	line, err := p.in.ReadString('\n')
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fmt.Errorf("%w: %w", errGone, err)
	case !slices.Contains(want, line):
		return "", fmt.Errorf("the process to take over from says %q, which is not understood", line)
	}
	return line, nil
}
