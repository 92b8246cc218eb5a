package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/zonefleet/zonefleet/internal/store"
)

// Files of a data folder that make the server who it is. seal.key is put back by store.
func Files() []string {
	return []string{sealKeyFile, "node.key", "node.crt", "root.token", "settings.toml"}
}

const sealKeyFile = "seal.key"

// ErrSealed says that a file was to be restored whole without the key of its sealed part.
var ErrSealed = errors.New("the server's keys, tokens and members in it are sealed")

// Restore makes the data folder dir, which must not exist or be empty, from a file. Without a key for the sealed part it
// does so only if bare: then zones, their history and the settings come back, as a server that nobody knows yet. Nothing
// is left of a restore that fails.
func Restore(ctx context.Context, from io.Reader, key *Key, bare bool, dir string) (Header, Summary, error) {
	dir = filepath.Clean(dir)
	there, err := os.ReadDir(dir)
	if err == nil {
		there = slices.DeleteFunc(there, isWorkplace) // swept below
	}
	if len(there) > 0 {
		return Header{}, Summary{}, fmt.Errorf("%s is not empty", dir)
	}
	// A folder that is there may be a file system of its own, and its parent not ours to write: then all happens in it.
	parent := dir
	if _, err := os.Stat(dir); err != nil {
		parent = filepath.Dir(dir)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return Header{}, Summary{}, err
	}
	r, err := Open(ctx, from, key, parent) // where there is room for the data, there is for unpacking it
	if err != nil {
		return Header{}, Summary{}, err
	}
	defer r.Close()
	if !r.Opened && !bare {
		return r.Header, Summary{}, fmt.Errorf("%w for the recovery key %s", ErrSealed, r.Header.KeyID)
	}
	half, err := newWorkplace(parent)
	if err != nil {
		return r.Header, Summary{}, err
	}
	defer half.close()
	made := filepath.Join(half.path, "data")
	if err := fill(ctx, r, made); err != nil {
		return r.Header, Summary{}, err
	}
	if parent != dir {
		return r.Header, r.Summary, os.Rename(made, dir)
	}
	return r.Header, r.Summary, settle(made, dir)
}

// settle moves what was made into the folder that was there, and gives it to whom that belongs: root restores, another user
// serves.
func settle(made, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if ok && os.Geteuid() == 0 {
		err = filepath.WalkDir(made, func(path string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(path, int(owner.Uid), int(owner.Gid)))
		})
	}
	entries, listed := os.ReadDir(made)
	if err := errors.Join(err, listed); err != nil {
		return err
	}
	for _, e := range slices.Backward(entries) { // db last: a folder without it is seen to be none
		if err := os.Rename(filepath.Join(made, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.Chmod(dir, info.Mode().Perm()&0o700)
}

func fill(ctx context.Context, r *Reader, dir string) error {
	files := map[string][]byte{}
	err := store.Load(dir, func() []byte { return files[sealKeyFile] }, func() (store.Row, error) {
		for {
			e, err := r.Next()
			if err == nil {
				err = ctx.Err()
			}
			if err != nil || e.File == "" {
				return e.Row, err
			}
			if !slices.Contains(Files(), e.File) {
				return e.Row, fmt.Errorf("it holds the file %q, which no backup has", e.File)
			}
			files[e.File] = slices.Clone(e.Content)
		}
	})
	if err != nil {
		return err
	}
	delete(files, sealKeyFile)
	for name, content := range files {
		if err := writeFile(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
