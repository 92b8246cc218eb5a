package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sys/unix"
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
	mount := mountSmall(t)
	ballast, data := filepath.Join(mount, "ballast"), filepath.Join(mount, "data")
	s, stop := openStore(t, data, Options{})
	ctx := testContext(t)
	leave(t, mount, ballast, 24<<20)
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

	leave(t, mount, ballast, 1<<20)
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

// mountSmall mounts a file system of 64 MiB. Without the right to do so the tests above and of failure have to do.
func mountSmall(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	mount := t.TempDir()
	if err := unix.Mount("tmpfs", mount, "tmpfs", 0, "size=64m"); err != nil {
		t.Fatalf("mount a small file system: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(mount, unix.MNT_DETACH) })
	return mount
}

// leave makes a file that leaves so many octets free.
func leave(t *testing.T, mount, ballast string, free uint64) {
	t.Helper()
	usage, err := vfs.Default.GetDiskUsage(mount)
	if err == nil && usage.AvailBytes > free {
		err = os.WriteFile(ballast, make([]byte, usage.AvailBytes-free), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A folder that cannot be written is said to be so when it is opened, and when that happens under a running store.
func TestAReadOnlyFolderIsNamed(t *testing.T) {
	mount := mountSmall(t)
	dir := filepath.Join(mount, "data")
	s, stop := openStore(t, dir, Options{})
	must(create(testContext(t), s, numbered(1), 1))(t)
	stop()
	if err := unix.Mount("tmpfs", mount, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Join(mount, "new")} {
		if _, err := Open(d, Options{}); !errors.Is(err, ErrReadOnly) || !strings.Contains(err.Error(), d) {
			t.Errorf("open says %v", err)
		}
	}
}

// The guard says read-only before the database meets it.
func TestAFileSystemThatBecomesReadOnlyIsNamed(t *testing.T) {
	mount := mountSmall(t)
	outside := filepath.Join(mount, "data")
	s, _ := openStore(t, outside, Options{})
	must(create(testContext(t), s, numbered(1), 1))(t)
	// A bind mount over the folder: the database's open files stay writable, the folder is not.
	if err := unix.Mount(outside, outside, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(outside, unix.MNT_DETACH) })
	if err := unix.Mount("", outside, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := create(testContext(t), s, numbered(2), 1); !errors.Is(err, ErrReadOnly) || errors.Is(err, ErrFailed) {
		t.Errorf("commit says %v", err)
	}
	if err := unix.Unmount(outside, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	must(create(testContext(t), s, numbered(2), 1))(t)
	checkWhole(t, s)
}
