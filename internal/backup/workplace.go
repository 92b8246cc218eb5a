package backup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// workplacePrefix begins the names of folders in which a restore works. One that is killed leaves its folder behind.
const workplacePrefix = ".zonefleet-restore-"

// workplace is a folder for one restore, removed by close. Its lock says that somebody works in it.
type workplace struct {
	path string
	lock *os.File
}

// newWorkplace makes one in dir, "" being the system's folder for such things, and removes what killed ones left there.
func newWorkplace(dir string) (*workplace, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	if err := Sweep(dir); err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp(dir, workplacePrefix+"*")
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(path)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return &workplace{path, lock}, nil
}

func (w *workplace) close() error {
	return errors.Join(os.RemoveAll(w.path), w.lock.Close())
}

// Sweep removes from a folder what restores that were killed left there: each holds as much as a whole database. One that is
// at work, and what belongs to another user, stays.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if !isWorkplace(e) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Geteuid() {
			continue
		}
		lock, err := lockFolder(path)
		if err != nil {
			continue // somebody works there
		}
		errs = append(errs, os.RemoveAll(path), lock.Close())
	}
	return errors.Join(errs...)
}

func isWorkplace(e os.DirEntry) bool {
	return e.IsDir() && strings.HasPrefix(e.Name(), workplacePrefix)
}

func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}
