package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2"
)

// Checkpoint makes a consistent copy of the data folder in dir, which must not exist, while the store works on: the
// database (hard links where that is possible) and seal.key, so a checkpoint is as secret as the data folder. Not in
// it: the instance (a restored folder is a new one), and the files of others in the data folder.
func (s *Store) Checkpoint(dir string) error {
	if err := s.checkpoint(dir); err != nil {
		return fmt.Errorf("checkpoint to %s: %w", dir, plain(err))
	}
	return nil
}

func (s *Store) checkpoint(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return s.published.read(func(*view) error { // the store is open as long as this runs
		if err := s.db.Checkpoint(filepath.Join(dir, "db"), pebble.WithFlushedWAL()); err != nil {
			return err
		}
		return copyFile(filepath.Join(s.dir, "seal.key"), filepath.Join(dir, "seal.key"))
	})
}

// Restore makes the data folder dir, which must not exist or be empty, from a checkpoint. When it is opened it becomes
// a new instance with a fresh node id: what the lost node wrote after the checkpoint may be known to others.
func Restore(checkpoint, dir string) error {
	if err := restore(checkpoint, dir); err != nil {
		return fmt.Errorf("restore %s from %s: %w", dir, checkpoint, plain(err))
	}
	return nil
}

func restore(checkpoint, dir string) error {
	if _, err := os.Stat(filepath.Join(checkpoint, "db")); err != nil {
		return fmt.Errorf("not a checkpoint: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if there, err := os.ReadDir(dir); err != nil || len(there) > 0 {
		return errors.Join(err, errors.New("the folder is not empty"))
	}
	if err := copyFolder(filepath.Join(checkpoint, "db"), filepath.Join(dir, "db")); err != nil {
		return err
	}
	err := copyFile(filepath.Join(checkpoint, "seal.key"), filepath.Join(dir, "seal.key"))
	return errors.Join(err, syncFolder(dir))
}

// copyFolder copies a folder of plain files.
func copyFolder(from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Type().IsRegular() {
			return fmt.Errorf("%s: %w", f.Name(), fs.ErrInvalid)
		}
		if err := copyFile(filepath.Join(from, f.Name()), filepath.Join(to, f.Name())); err != nil {
			return err
		}
	}
	return syncFolder(to)
}

func copyFile(from, to string) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Sync(), w.Close())
}
