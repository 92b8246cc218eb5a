package node

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBackupsThatWereBrokenOffAreRemovedAndNothingElse(t *testing.T) {
	data := t.TempDir()
	for _, dir := range []string{".backup-unfinished-1/checkpoint", ".backup-unfinished-2", "backup-2026/checkpoint", "db"} {
		if err := os.MkdirAll(filepath.Join(data, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{".backup-unfinished-1/checkpoint/1.sst", ".backup-unfinished-3", "backup-2026/checkpoint/1.sst", "db/1.sst"} {
		if err := os.WriteFile(filepath.Join(data, file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := removeLeftovers(data); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{".backup-unfinished-3", "backup-2026", "db"}, names); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if err := removeLeftovers(filepath.Join(data, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a folder that is not there: %v", err)
	}
}

func TestAStartRemovesABackupThatWasBrokenOff(t *testing.T) {
	dir := t.TempDir()
	running(t, built(t, dir))()
	left := filepath.Join(dir, ".backup-unfinished-1")
	if err := os.MkdirAll(filepath.Join(left, "checkpoint"), 0o700); err != nil {
		t.Fatal(err)
	}
	running(t, built(t, dir))
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there after a start: %v", err)
	}
}
