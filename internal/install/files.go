package install

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Where things are, below Host.Root.
const (
	unitFile   = "/etc/systemd/system/zonefleet.service"
	configFile = "/etc/zonefleet/zonefleet.toml"
	sysctlFile = "/etc/sysctl.d/50-zonefleet.conf"
	dataFolder = "/var/lib/zonefleet"
)

// path is where a file of the host is for this process.
func (h *Host) path(p string) string { return filepath.Join("/", h.Root, p) }

// write puts a file in its place and reports whether it was another one before.
func (h *Host) write(path, text string) (changed bool, err error) {
	at := h.path(path)
	if old, err := os.ReadFile(at); err == nil && bytes.Equal(old, []byte(text)) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return false, err
	}
	return true, replace(at, bytes.NewReader([]byte(text)), 0o644)
}

// replace writes a file beside its place and renames it there.
func replace(path string, from io.Reader, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = io.Copy(f, from)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// remove removes files; one that is not there is no error.
func remove(paths ...string) error {
	var errs []error
	for _, p := range paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
