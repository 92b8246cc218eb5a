package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/store"
)

// roomyWriter stops before a backup takes the last space of a disk: the zones may lie on the same one, and an edit is
// worth more than a backup.
type roomyWriter struct {
	w    io.Writer
	dir  string
	left int64 // may be written before it looks again
}

// A backup leaves this much free, or a third of a small file system: more than the store keeps for itself.
const (
	backupReserve = 128 << 20
	lookEvery     = 8 << 20
)

func (r *roomyWriter) Write(p []byte) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		var s unix.Statfs_t
		if err := unix.Statfs(r.dir, &s); err != nil {
			return 0, fmt.Errorf("ask for free space: %w", err)
		}
		free, reserve := int64(s.Bavail)*s.Bsize, min(backupReserve, int64(s.Blocks)*s.Bsize/3)
		if free-int64(len(p)) < reserve {
			return 0, fmt.Errorf("%w: %d MiB are free in %s and %d MiB have to stay free; hint: make room, or choose another disk with backup_dir",
				store.ErrDiskFull, free>>20, r.dir, reserve>>20)
		}
		r.left = min(lookEvery, (free-reserve)/2)
	}
	return r.w.Write(p)
}

// Bounds of the backup command.
const (
	commandTime = 6 * time.Hour
	// commandStall is how long it may leave a piece unread: meanwhile the database keeps what has changed since the backup began.
	commandStall = 15 * time.Minute
	commandPiece = 64 << 10
	commandGrace = 10 * time.Second // between being told to stop and being made to
	maxComplaint = 1000             // of what it says on standard error
)

// toCommand hands a backup to a program. It is whole if the program has read everything and ends with 0. The program runs
// without a shell, in a process group of its own so that all that it started ends with it.
func (b *backups) toCommand(ctx context.Context, command []string) (s backup.Summary, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, b.commandTime, fmt.Errorf("it did not end within %s", b.commandTime))
	defer cancel()
	var complaint tail
	cmd, in, err := b.startCommand(ctx, command, &complaint)
	if err != nil {
		return s, fmt.Errorf("run the backup command: %w", err)
	}
	// Whatever holds the other end may neither read nor heed being told to stop.
	defer context.AfterFunc(ctx, func() { _ = in.SetWriteDeadline(time.Unix(1, 0)) })()
	s, wrote := b.Write(ctx, &patientWriter{ctx, in, b.commandStall}, false)
	var left *os.File
	if wrote != nil {
		cancel()         // a part must not pass for the whole: its input does not end before it does
		defer in.Close() // always of a pipe
	} else {
		left = otherEnd(in)
		wrote = in.Close()
	}
	err = errors.Join(cmd.Wait(), wrote)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what is left of its group; most often nothing
	if n := unread(left); err == nil && n > 0 {
		err = fmt.Errorf("it ended with 0 and did not read the last %d octets", n)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return s, fmt.Errorf("backup command %s: %w%s", filepath.Base(command[0]), err, complaint.said())
	}
	return s, nil
}

// patientWriter gives the other end of a pipe that long for each piece.
type patientWriter struct {
	ctx   context.Context
	in    *os.File
	stall time.Duration
}

func (w *patientWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		_ = w.in.SetWriteDeadline(time.Now().Add(w.stall))
		if w.ctx.Err() != nil { // the end of ctx has set one, before this one or after it
			_ = w.in.SetWriteDeadline(time.Unix(1, 0))
		}
		var m int
		m, err = w.in.Write(p[:min(len(p), commandPiece)])
		n, p = n+m, p[m:]
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && w.ctx.Err() == nil {
		err = fmt.Errorf("it read nothing for %s", w.stall)
	}
	return n, err
}

// startCommand starts the program; what is written to in is its standard input.
func (b *backups) startCommand(ctx context.Context, command []string, complaint *tail) (cmd *exec.Cmd, in *os.File, err error) {
	cmd = exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdout, cmd.Stderr = io.Discard, complaint
	cmd.Dir = "/"
	cmd.Env = append(cmd.Environ(), "ZONEFLEET_BACKUP_NAME="+b.prefix()+time.UnixMilli(int64(b.node.now())).UTC().Format(backupTime)+backupSuffix)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = b.commandGrace
	out, in, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer out.Close()
	cmd.Stdin = out
	if err := cmd.Start(); err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return cmd, in, nil
}

// otherEnd opens the reading end of a pipe once more, so that what nobody read can be counted when all others are closed; nil
// where that is not to be had.
func otherEnd(in *os.File) (out *os.File) {
	c, err := in.SyscallConn()
	if err != nil {
		return nil
	}
	_ = c.Control(func(fd uintptr) {
		out, err = os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", fd), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	})
	if err != nil {
		return nil
	}
	return out
}

// unread is how many octets lie in a pipe. It closes it.
func unread(out *os.File) (n int) {
	if out == nil {
		return 0
	}
	defer out.Close()
	if c, err := out.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	}
	return n
}

// tail keeps the end of what a program says. The buffer is not embedded: its ReadFrom would take all of it.
type tail struct{ text bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.text.Write(p)
	if over := t.text.Len() - maxComplaint; over > 0 {
		t.text.Next(over)
	}
	return len(p), nil
}

func (t *tail) said() string {
	if text := strings.Join(strings.Fields(strings.ToValidUTF8(t.text.String(), "?")), " "); text != "" {
		return ": it says: " + text
	}
	return ""
}
