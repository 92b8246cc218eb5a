package store

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// fault makes the operations that it is for fail while it is on.
type fault struct {
	on   atomic.Bool
	hits atomic.Int64
	err  error
	when func(errorfs.Op) bool
}

func (f *fault) String() string { return "fault" }

func (f *fault) MaybeError(op errorfs.Op) error {
	if !f.on.Load() || !f.when(op) {
		return nil
	}
	f.hits.Add(1)
	return f.err
}

func onLog(kinds ...errorfs.OpKind) func(errorfs.Op) bool {
	return onFile(func(path string) bool { return strings.HasSuffix(path, ".log") }, kinds...)
}

func onFile(match func(string) bool, kinds ...errorfs.OpKind) func(errorfs.Op) bool {
	return func(op errorfs.Op) bool {
		for _, k := range kinds {
			if op.Kind == k && match(op.Path) {
				return true
			}
		}
		return false
	}
}

// A log that cannot be written, whatever the operation, ends the committer with the cause. Nothing of the failed
// commit is seen, reads go on, and opened again the folder has everything that was acknowledged.
func TestALogThatFailsEndsTheCommitter(t *testing.T) {
	for what, c := range map[string]struct {
		err  error
		is   error
		when func(errorfs.Op) bool
	}{
		"write, disk full":  {syscall.ENOSPC, ErrDiskFull, onLog(errorfs.OpFileWrite)},
		"sync, disk broken": {syscall.EIO, syscall.EIO, onLog(errorfs.OpFileSync, errorfs.OpFileSyncData)},
		"write, read-only":  {syscall.EROFS, ErrReadOnly, onLog(errorfs.OpFileWrite)},
		"new log":           {syscall.EIO, syscall.EIO, onLog(errorfs.OpCreate, errorfs.OpReuseForWrite)},
	} {
		t.Run(what, func(t *testing.T) {
			testFailure(t, &fault{err: c.err, when: c.when}, c.is)
		})
	}
}

// onManifest is for a manifest's writes, see the test with a process of its own.
func onManifest(op errorfs.Op) bool {
	return onFile(func(path string) bool { return strings.Contains(path, "MANIFEST") }, errorfs.OpFileWrite)(op)
}

func testFailure(t *testing.T, f *fault, is error) {
	dir, disk := t.TempDir(), vfs.NewMem()
	s, err := Open(dir, Options{FS: errorfs.Wrap(disk, f)})
	if err != nil {
		t.Fatal(err)
	}
	ran := make(chan error, 1)
	go func() { ran <- s.Run(context.Background()) }()
	ctx := testContext(t)
	must(create(ctx, s, numbered(0), 1))(t)

	f.on.Store(true)
	var acked []int
	for i := 1; err == nil; i++ { // until the fault is met: a new log comes after some megabytes
		if _, err = create(ctx, s, numbered(i), 1000); err == nil {
			acked = append(acked, i)
		}
	}
	if f.hits.Load() == 0 || !errors.Is(err, ErrFailed) || !errors.Is(err, is) {
		t.Fatalf("after %d faults the commit said %v", f.hits.Load(), err)
	}
	if err := <-ran; !errors.Is(err, ErrFailed) || !errors.Is(err, is) {
		t.Errorf("run said %v", err)
	}
	if _, _, total, err := s.Heads(Query{IncludeDeleted: true}); err != nil || total != 1+len(acked) {
		t.Errorf("%d zones are seen after %d commits, error %v", total, 1+len(acked), err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	f.on.Store(false)
	s, _ = openStore(t, dir, Options{FS: disk})
	checkWhole(t, s)
	for _, i := range append(acked, 0) {
		if _, err := s.Head(numbered(i)); err != nil {
			t.Errorf("zone %d was acknowledged: %v", i, err)
		}
	}
}

// A flush that finds no space is tried again until there is some; commits go on as long as the log takes them.
func TestAFlushThatFailsIsTriedAgain(t *testing.T) {
	table := func(path string) bool { return strings.HasSuffix(path, ".sst") }
	f := &fault{err: syscall.ENOSPC, when: onFile(table, errorfs.OpCreate)}
	s, _ := openStore(t, t.TempDir(), Options{FS: errorfs.Wrap(vfs.NewMem(), f)})
	ctx := testContext(t)
	must(create(ctx, s, numbered(0), 1))(t)
	f.on.Store(true)
	flushed, err := s.db.AsyncFlush()
	if err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the flush has failed", func() bool { return f.hits.Load() > 0 })
	must(create(ctx, s, numbered(1), 1))(t)
	f.on.Store(false)
	<-flushed
	must(create(ctx, s, numbered(2), 1))(t)
	checkWhole(t, s)
}
