package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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
	commandTime  = 6 * time.Hour
	commandGrace = 10 * time.Second // between being told to stop and being made to
	maxComplaint = 1000             // of what it says on standard error
)

// toCommand hands a backup to a program. It is whole if the program has taken everything and ends with 0. The program runs
// without a shell, in a process group of its own so that all that it started ends with it.
func (b *backups) toCommand(ctx context.Context, command []string) (s backup.Summary, err error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var complaint tail
	cmd.Stdout, cmd.Stderr = io.Discard, &complaint
	cmd.Dir = "/"
	cmd.Env = append(cmd.Environ(), "ZONEFLEET_BACKUP_NAME="+b.prefix()+time.UnixMilli(int64(b.node.now())).UTC().Format(backupTime)+backupSuffix)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = commandGrace
	in, err := cmd.StdinPipe()
	if err != nil {
		return s, fmt.Errorf("run the backup command: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return s, fmt.Errorf("run the backup command: %w", err)
	}
	s, wrote := b.Write(ctx, in, false)
	if wrote != nil {
		cancel() // a part must not pass for the whole: the program is told to stop before its input ends
	}
	closed := in.Close()
	ended := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what is left of its group; most often nothing
	if err := errors.Join(ended, wrote, closed); err != nil {
		return s, fmt.Errorf("backup command %s: %w%s", filepath.Base(command[0]), err, complaint.said())
	}
	return s, nil
}

// tail keeps the end of what a program says.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.Buffer.Write(p)
	if over := t.Len() - maxComplaint; over > 0 {
		t.Next(over)
	}
	return len(p), nil
}

func (t *tail) said() string {
	if text := strings.Join(strings.Fields(strings.ToValidUTF8(t.String(), "?")), " "); text != "" {
		return ": it says: " + text
	}
	return ""
}
