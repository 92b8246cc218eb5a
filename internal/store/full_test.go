package store

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// On a disk that runs full commits are refused, nothing is lost, and they go on when there is space again.
func TestAFullDiskRefusesUntilThereIsSpace(t *testing.T) {
	disk := vfs.NewMem()
	s, _ := openStore(t, t.TempDir(), Options{FS: disk})
	ctx := testContext(t)
	must(create(ctx, s, numbered(0), 1))(t)
	disk.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: reserveBytes - 1, TotalBytes: 1 << 40})
	if p, err := create(ctx, s, numbered(1), 1); p != 0 || !errors.Is(err, ErrDiskFull) {
		t.Errorf("position %d, error %v", p, err)
	}
	if _, err := s.Head(numbered(0)); err != nil {
		t.Errorf("read: %v", err)
	}
	if _, err := s.Head(numbered(1)); !errors.Is(err, ErrNotFound) {
		t.Errorf("the refused zone: %v", err)
	}
	disk.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: reserveBytes, TotalBytes: 1 << 40})
	if p := must(create(ctx, s, numbered(1), 1))(t); p != 2 {
		t.Errorf("position %d, want 2", p)
	}
	checkWhole(t, s)
}

// The same on a real file system that really runs full.
func TestASmallFileSystemRunsFull(t *testing.T) {
	disk := mountSmall(t)
	ballast, data := filepath.Join(disk, "ballast"), filepath.Join(disk, "data")
	s, stop := openStore(t, data, Options{})
	ctx := testContext(t)
	leave(t, disk, ballast, 24<<20)
	acked, err := 0, error(nil)
	for {
		if _, err = create(ctx, s, numbered(acked), 2000); err != nil {
			break
		}
		acked++
	}
	if acked == 0 || !errors.Is(err, ErrDiskFull) {
		t.Fatalf("after %d zones: %v", acked, err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	must(create(ctx, s, numbered(acked), 2000))(t)
	checkWhole(t, s)

	leave(t, disk, ballast, 1<<20)
	if _, err := create(ctx, s, numbered(acked+1), 1); !errors.Is(err, ErrDiskFull) {
		t.Errorf("on the full disk: %v", err)
	}
	stop()
	if s, err := Open(data, Options{}); err == nil {
		s.Close()
	} else if !errors.Is(err, ErrDiskFull) {
		t.Errorf("opened on the full disk: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s, _ = openStore(t, data, Options{})
	if _, _, total, err := s.Heads(Query{IncludeDeleted: true}); err != nil || total != acked+1 {
		t.Errorf("%d zones of %d, error %v", total, acked+1, err)
	}
	checkWhole(t, s)
}

// mountSmall mounts a file system of 64 MiB, which belongs to the user who runs the test.
func mountSmall(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mount(t, dir, "-t", "tmpfs", "-o", fmt.Sprintf("size=64m,uid=%d,gid=%d", os.Geteuid(), os.Getegid()), "tmpfs")
	t.Cleanup(func() { unmount(t, dir) })
	return dir
}

// mount runs mount for a folder, as root or through sudo.
func mount(t *testing.T, dir string, args ...string) {
	t.Helper()
	if err := asRoot("mount", append(args, dir)...); err != nil {
		t.Fatalf("%v\nhint: a file system of its own needs root, or sudo without a password", err)
	}
}

func unmount(t *testing.T, dir string) {
	t.Helper()
	if err := asRoot("umount", "--lazy", dir); err != nil {
		t.Error(err)
	}
}

func asRoot(command string, args ...string) error {
	args = append([]string{command}, args...)
	if os.Geteuid() != 0 {
		args = append([]string{"sudo", "-n"}, args...)
	}
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// leave makes a file that leaves so many octets free.
func leave(t *testing.T, disk, ballast string, free uint64) {
	t.Helper()
	usage, err := vfs.Default.GetDiskUsage(disk)
	if err == nil && usage.AvailBytes > free {
		err = os.WriteFile(ballast, make([]byte, usage.AvailBytes-free), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A folder that cannot be written is said to be so when it is opened, and when that happens under a running store.
func TestAReadOnlyFolderIsNamed(t *testing.T) {
	disk := mountSmall(t)
	dir := filepath.Join(disk, "data")
	s, stop := openStore(t, dir, Options{})
	must(create(testContext(t), s, numbered(1), 1))(t)
	stop()
	mount(t, disk, "-o", "remount,ro")
	for _, d := range []string{dir, filepath.Join(disk, "new")} {
		if _, err := Open(d, Options{}); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), d) {
			t.Errorf("open says %v", err)
		}
	}
}

// The guard says read-only before the database meets it.
func TestAFileSystemThatBecomesReadOnlyIsNamed(t *testing.T) {
	outside := filepath.Join(mountSmall(t), "data")
	s, _ := openStore(t, outside, Options{})
	must(create(testContext(t), s, numbered(1), 1))(t)
	// A bind mount over the folder: the database's open files stay writable, the folder is not.
	mount(t, outside, "--bind", outside)
	mount(t, outside, "-o", "bind,remount,ro")
	if _, err := create(testContext(t), s, numbered(2), 1); !errors.Is(err, ErrReadOnly) || errors.Is(err, ErrFailed) {
		t.Errorf("commit says %v", err)
	}
	unmount(t, outside)
	must(create(testContext(t), s, numbered(2), 1))(t)
	checkWhole(t, s)
}
