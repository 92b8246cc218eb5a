package test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// release is a release of this program, as testdata/previous-release names it.
type release struct{ version, commit string }

// previous reads which release came before this one.
func previous(t testing.TB) release {
	t.Helper()
	text, err := os.ReadFile("testdata/previous-release")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 2 && !strings.HasPrefix(line, "#") {
			return release{fields[0], fields[1]}
		}
	}
	t.Fatal("testdata/previous-release names no release: a line with its version and commit is missing")
	return release{}
}

// buildingPrevious makes tests that run at once build it once.
var buildingPrevious sync.Mutex

// previousProgram is the path of the previous release's program. It is built from the repository's own history, which
// keeps 20 MB for each release out of the repository, and kept in the user's cache folder under its commit.
func previousProgram(t testing.TB) string {
	t.Helper()
	buildingPrevious.Lock()
	defer buildingPrevious.Unlock()
	r := previous(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	path := filepath.Join(cache, "zonefleet-test", r.commit, "zonefleet")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := r.build(path); err != nil {
		t.Fatalf("the previous release, %s, cannot be built: %v", r.version, err)
	}
	return path
}

// build makes the program of the release at the path. Whoever builds it at the same time makes the same.
func (r release) build(path string) error {
	if err := exec.Command("git", "cat-file", "-e", r.commit+"^{commit}").Run(); err != nil {
		return fmt.Errorf("its commit %s is not in this repository's history: fetch it (git fetch --unshallow --tags)", r.commit)
	}
	source, err := os.MkdirTemp("", "zonefleet-previous-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(source)
	if err := r.unpack(source); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	fresh := fmt.Sprintf("%s.%d", path, os.Getpid())
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-X main.version="+r.version, "-o", fresh, "./cmd/zonefleet")
	build.Dir, build.Env = source, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return os.Rename(fresh, path)
}

// unpack puts the release's files into a folder.
func (r release) unpack(folder string) error {
	archive := exec.Command("git", "archive", "--format=tar", r.commit)
	archive.Dir = ".." // of a folder of the repository, git archives that folder alone
	untar := exec.Command("tar", "-x", "-C", folder)
	pipe, err := archive.StdoutPipe()
	if err != nil {
		return err
	}
	untar.Stdin = pipe
	if err := errors.Join(archive.Start(), untar.Run(), archive.Wait()); err != nil {
		return fmt.Errorf("unpack commit %s: %w", r.commit, err)
	}
	return nil
}

// ofPrevious makes the server, which does not run, one of the previous release.
func (s *server) ofPrevious() *server {
	s.t.Helper()
	s.other = previousProgram(s.t)
	return s
}

// upgraded makes the server, which does not run, one of this release.
func (s *server) upgraded() *server {
	s.other = ""
	return s
}

// serveOnce runs a program that is expected to end by itself.
func serveOnce(program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, append([]string{"serve"}, args...)...).CombinedOutput()
	return string(out), err
}
