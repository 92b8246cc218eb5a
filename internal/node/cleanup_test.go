package node

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBackupsThatWereBrokenOffAreRemovedAndNothingElse(t *testing.T) {
	data := t.TempDir()
	for _, dir := range []string{"backup-1/checkpoint", "backup-2", "backup-mine", "backup-2026/checkpoint", "db"} {
		if err := os.MkdirAll(filepath.Join(data, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"backup-1/checkpoint/1.sst", "backup-mine/example.com.zone", "backup-2026/notes", "backup-old.tar.zst", "db/1.sst"} {
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
	if diff := cmp.Diff([]string{"backup-2026", "backup-mine", "backup-old.tar.zst", "db"}, names); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if err := removeLeftovers(data); err != nil {
		t.Errorf("once more: %v", err)
	}
}
