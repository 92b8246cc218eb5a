package rest

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// Folders in a backup: the database's own copy, and the files beside it that make the server who it is.
const (
	backupCheckpoint = "checkpoint"
	backupFiles      = "files"
)

// UnfinishedBackups is how the folders of the data folder are named in which backups are prepared. One that a start finds
// was left by a server that was killed.
const UnfinishedBackups = ".backup-unfinished-*"

// besides are the files of the data folder that belong to a backup and are not in the database's copy.
func besides() []string { return []string{"node.key", "node.crt", "root.token", "settings.toml"} }

// backup streams one file: a tar of a consistent copy, compressed with zstd. It holds every secret of the server, so
// only root may have it.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	if err := may(principal(r.Context()), acl.ManageNode); err != nil {
		writeProblem(w, s.problem(err))
		return
	}
	if s.Checkpoint == nil {
		writeProblem(w, s.problem(&control.Error{Code: control.CodeUnavailable, Message: "this server makes no backups"}))
		return
	}
	dir, err := os.MkdirTemp(s.Data, UnfinishedBackups)
	if err == nil {
		defer os.RemoveAll(dir)
		err = s.Checkpoint(filepath.Join(dir, backupCheckpoint))
	}
	if err != nil {
		writeProblem(w, s.problem(fmt.Errorf("prepare a backup: %w", err)))
		return
	}
	name := fmt.Sprintf("zonefleet-%s-%s.tar.zst", s.Control.Self.Name, s.Now().UTC().Format("20060102-150405"))
	w.Header().Set("Content-Type", "application/zstd")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	if err := s.pack(w, dir); err != nil {
		s.Logger.Error("backup broke off", "error", err)
		// The status is sent. Ending the connection is the way to say that this is not the whole file.
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) pack(w io.Writer, dir string) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	err = addFolder(t, filepath.Join(dir, backupCheckpoint), backupCheckpoint)
	for _, name := range besides() {
		if err != nil {
			break
		}
		err = addFile(t, filepath.Join(s.Data, name), backupFiles+"/"+name)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return errors.Join(err, t.Close(), z.Close())
}

func addFolder(t *tar.Writer, dir, as string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return addFile(t, path, as+"/"+filepath.ToSlash(rel))
	})
}

func addFile(t *tar.Writer, path, as string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := &tar.Header{Name: as, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime().Truncate(time.Second), Typeflag: tar.TypeReg}
	if err := t.WriteHeader(head); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}
