package store

import (
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// logFS keeps the errors of the database's log from the database, which ends the whole process in the middle of its
// work when it cannot write, sync or begin a log file. Here the committer is told instead: it looks at failure after
// each batch and before it believes in it, and refuses everything from then on. So what the database takes for written
// is seen by nobody and acknowledged to nobody, and reads go on. While the database opens, errors pass.
type logFS struct {
	vfs.FS
	failure *failure
}

// Unwrap implements vfs.FS.
func (l logFS) Unwrap() vfs.FS { return l.FS }

func isLog(name string) bool { return strings.HasSuffix(name, ".log") }

// swallow notes the error and takes it away, unless it may pass.
func (l logFS) swallow(err error) error {
	if err == nil || l.failure.opening.Load() {
		return err
	}
	l.failure.fail(plain(err))
	return nil
}

// Create implements vfs.FS.
func (l logFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := l.FS.Create(name, c)
	if !isLog(name) {
		return f, err
	}
	return l.log(f, err)
}

// ReuseForWrite implements vfs.FS.
func (l logFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := l.FS.ReuseForWrite(old, name, c)
	if !isLog(name) {
		return f, err
	}
	return l.log(f, err)
}

// OpenDir implements vfs.FS: a log file exists when its folder is synced.
func (l logFS) OpenDir(name string) (vfs.File, error) {
	f, err := l.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return logFile{f, l}, nil
}

func (l logFS) log(f vfs.File, err error) (vfs.File, error) {
	if l.swallow(err) != nil {
		return nil, err
	}
	if err != nil {
		return lostFile{vfs.NewMemFile(nil)}, nil
	}
	return logFile{f, l}, nil
}

// lostFile stands for a log file that could not be made.
type lostFile struct{ vfs.File }

func (lostFile) Write(p []byte) (int, error) { return len(p), nil }
func (lostFile) Sync() error                 { return nil }
func (lostFile) SyncData() error             { return nil }
func (lostFile) SyncTo(int64) (bool, error)  { return true, nil }
func (lostFile) Close() error                { return nil }

// logFile is a log file, or the folder of the logs.
type logFile struct {
	vfs.File
	fs logFS
}

func (f logFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if err == nil {
		return n, nil
	}
	return len(p), f.fs.swallow(err)
}

func (f logFile) Sync() error { return f.fs.swallow(f.File.Sync()) }

func (f logFile) SyncData() error { return f.fs.swallow(f.File.SyncData()) }

func (f logFile) SyncTo(length int64) (bool, error) {
	full, err := f.File.SyncTo(length)
	return full, f.fs.swallow(err)
}

func (f logFile) Close() error { return f.fs.swallow(f.File.Close()) }
