package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// disk is a server's database on a file system in memory, which a power failure robs of what was not synced. A trap makes
// the power fail in the middle of the server's work: just before or just after one of its next syncs.
type disk struct {
	vfs.FS
	memory *vfs.MemFS
	trap   atomic.Pointer[trap]
}

// trap is called once, at the sync that it counts down to.
type trap struct {
	left  atomic.Int64
	after bool // the sync is done
	fall  func()
}

func newDisk(memory *vfs.MemFS) *disk { return &disk{FS: memory, memory: memory} }

// around does a sync, and springs the trap if it is due.
func (d *disk) around(sync func() error) error {
	t := d.trap.Load()
	if t == nil || t.left.Add(-1) != 0 {
		return sync()
	}
	if !t.after {
		t.fall()
		return sync()
	}
	err := sync()
	t.fall()
	return err
}

func (d *disk) Unwrap() vfs.FS { return d.FS }

func (d *disk) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return d.watched(d.FS.Create(name, c))
}

func (d *disk) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return d.watched(d.FS.ReuseForWrite(old, name, c))
}

func (d *disk) OpenDir(name string) (vfs.File, error) { return d.watched(d.FS.OpenDir(name)) }

func (d *disk) watched(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return watched{f, d}, nil
}

type watched struct {
	vfs.File
	disk *disk
}

func (f watched) Sync() error     { return f.disk.around(f.File.Sync) }
func (f watched) SyncData() error { return f.disk.around(f.File.SyncData) }

func (f watched) SyncTo(length int64) (full bool, err error) {
	err = f.disk.around(func() (err error) {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

// image is what a data folder holds at one moment: the database, and the file that says which folder it is. The others
// never change.
type image struct {
	memory   *vfs.MemFS
	instance []byte
}

// copyOf takes an image of a database, as it is found after a power failure that leaves that much of what was not synced.
func copyOf(memory *vfs.MemFS, dir string, cfg vfs.CrashCloneCfg) (image, error) {
	text, err := os.ReadFile(filepath.Join(dir, "instance"))
	return image{memory: memory.CrashClone(cfg), instance: text}, err
}

// lay puts the small file back where it was.
func (i image) lay(dir string) error {
	return os.WriteFile(filepath.Join(dir, "instance"), i.instance, 0o600)
}

// withInode is the image for another folder that believes to be the one it was copied from, as that of a cloned virtual
// machine does.
func (i image) withInode(inode string) image {
	lines := strings.Split(string(i.instance), "\n")
	for k, line := range lines {
		if strings.HasPrefix(line, "inode ") {
			lines[k] = "inode " + inode
		}
	}
	i.instance = []byte(strings.Join(lines, "\n"))
	return i
}

// move makes the image that of another folder.
func (i image) move(from, to string) error {
	ok, err := vfs.Clone(i.memory, i.memory, from, to, vfs.CloneSync)
	if err != nil || !ok {
		return fmt.Errorf("copy %s: found %t: %w", from, ok, err)
	}
	above, err := i.memory.OpenDir(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(above.Sync(), above.Close())
}
