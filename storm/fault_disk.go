package main

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
)

// diskFull fills the file system of a server until nothing more goes in, and empties it again. A database that met the
// full disk ends its process: then it is started again, as the service manager of a machine does.
func diskFull(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	filler := filepath.Join(srv.home, "filler")
	defer os.Remove(filler)
	if err := fill(filler); err != nil {
		return err
	}
	s.rest(ctx, r, 15*time.Second)
	if err := os.Remove(filler); err != nil {
		return err
	}
	if !srv.alive() {
		s.log.say("the full disk ended " + srv.name)
		return srv.start(context.WithoutCancel(ctx))
	}
	return nil
}

func fill(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 1<<16)
	for {
		if _, err := f.Write(block); err != nil {
			return nil
		}
	}
}

// folderCopy is a copy of a stopped server's folder.
type folderCopy struct {
	dir  string
	last store.Position // newest change in it
}

// takeCopy copies a data folder, as a snapshot of a virtual machine does.
func takeCopy(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	if err := srv.stop(); err != nil {
		return err
	}
	last, err := s.past.read(srv)
	if err != nil {
		return err
	}
	c := &folderCopy{dir: filepath.Join(s.dir, "copy-of-"+srv.name), last: last}
	if err := os.RemoveAll(c.dir); err != nil {
		return err
	}
	if err := copyFolder(srv.dir, c.dir); err != nil {
		return err
	}
	srv.copied = c
	return srv.start(context.WithoutCancel(ctx))
}

// rollBack puts the copy back, into the same folder or into a new one of that name.
func rollBack(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	return s.goBack(ctx, srv, r, func() error { return replaceFolder(srv.dir, srv.copied.dir, r.IntN(2) == 0) })
}

// amnesia puts the copy back, but the server goes on saying that it has everything that it ever acknowledged: what it has
// forgotten can be found only by comparing.
func amnesia(ctx context.Context, s *storm, srv *server, r *rand.Rand) error {
	return s.goBack(ctx, srv, r, func() error {
		claims, err := readRegisters(ctx, srv.dir)
		if err != nil {
			return err
		}
		if err := replaceFolder(srv.dir, srv.copied.dir, false); err != nil {
			return err
		}
		return writeRegisters(ctx, srv.dir, claims)
	})
}

// goBack ends a server, remembers what its folder knew, puts the older one in its place, and starts it.
func (s *storm) goBack(ctx context.Context, srv *server, r *rand.Rand, putBack func() error) error {
	end := srv.kill
	if r.IntN(2) == 0 {
		end = srv.stop
	}
	if err := end(); err != nil {
		return err
	}
	if _, err := s.past.read(srv); err != nil {
		return err
	}
	s.past.rolledBack(srv, srv.copied.last)
	s.log.say(fmt.Sprintf("%s goes back to change %d", srv.name, srv.copied.last))
	srv.mu.Lock()
	srv.gen++
	srv.mu.Unlock()
	if err := putBack(); err != nil {
		return err
	}
	srv.copied = nil
	return srv.start(context.WithoutCancel(ctx))
}

// replaceFolder makes the content of from that of dir. A new folder has another inode, as a copy on another disk has.
func replaceFolder(dir, from string, anew bool) error {
	if anew {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		return copyFolder(from, dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return copyFolder(from, dir)
}

// copyFolder copies files with their modes.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), info.Mode().Perm())
		}
		if !info.Mode().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), content, info.Mode().Perm())
	})
}
