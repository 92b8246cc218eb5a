package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// whoAmI opens a folder for a moment.
func whoAmI(t *testing.T, dir string, o Options) (string, zone.NodeID) {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return s.Instance(), s.NodeID()
}

func TestAFolderKeepsItsIdentity(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	instance, node := whoAmI(t, dir, Options{MachineID: "m1"})
	if instance == "" || node == (zone.NodeID{}) {
		t.Errorf("instance %q, node %x", instance, node)
	}
	if i, n := whoAmI(t, dir, Options{MachineID: "m1"}); i != instance || n != node {
		t.Errorf("opened again it is %q, %x, was %q, %x", i, n, instance, node)
	}
	moved := filepath.Join(t.TempDir(), "moved") // the same inode: the same folder
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	if i, n := whoAmI(t, moved, Options{MachineID: "m1"}); i != instance || n != node {
		t.Errorf("moved it is %q, %x, was %q, %x", i, n, instance, node)
	}
}

// A copy would give dots again that the original gives: it becomes a node of its own.
func TestACopiedFolderIsAFreshNode(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{MachineID: "m1"})
	must(create(testContext(t), s, numbered(1), 1))(t)
	instance, node := s.Instance(), s.NodeID()
	stop()
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for what, where := range map[string]struct{ dir, machine string }{
		"copied folder": {copied, "m1"}, "other machine": {dir, "m2"},
	} {
		i, n := whoAmI(t, where.dir, Options{MachineID: where.machine})
		if i == instance || n == node {
			t.Errorf("%s: instance %q, node %x are as before", what, i, n)
		}
		if i2, n2 := whoAmI(t, where.dir, Options{MachineID: where.machine}); i2 != i || n2 != n {
			t.Errorf("%s: changes again", what)
		}
	}
}

func TestAFreshNodeIDIsKept(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{})
	instance, node := s.Instance(), s.NodeID()
	if err := s.FreshNodeID(); err != nil {
		t.Fatal(err)
	}
	fresh := s.NodeID()
	stop()
	if i, n := whoAmI(t, dir, Options{}); i != instance || n != fresh || n == node {
		t.Errorf("instance %q (was %q), node %x, was %x, fresh %x", i, instance, n, node, fresh)
	}
}

func TestADamagedIdentityIsNamed(t *testing.T) {
	dir := t.TempDir()
	whoAmI(t, dir, Options{})
	path := filepath.Join(dir, "instance")
	for _, text := range []string{"", "format 1\n", "format 1\ninstance x\nnode zz\n", "format 1\ninstance x\nnode 00\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAFolderIsOpenedOnce(t *testing.T) {
	dir := t.TempDir()
	openStore(t, dir, Options{})
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v", err)
	}
}

func TestNobodyElseReadsTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	openStore(t, dir, Options{})
	for name, want := range map[string]os.FileMode{".": 0o700, "seal.key": 0o600, "instance": 0o600, "LOCK": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v, error %v", name, info.Mode().Perm(), want, err)
		}
	}
}
