package backup

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/zonefleet/zonefleet/internal/store"
)

// written is a backup of a data folder that is real and empty.
func written(t *testing.T) (file []byte, key Key) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seal, err := s.SealKey()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, err = Write(&out, Header{Server: "a.example.net"}, KeyOf(seal), false, Source{
		Rows:   func(f func(store.Row) error) error { return s.Dump(t.Context(), f) },
		Secret: func(store.Row) bool { return false },
		Files:  map[string][]byte{sealKeyFile: seal, "node.key": []byte("a key")},
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), KeyOf(seal)
}

// The folder may be the service's, made by the package, or a disk of its own: it stays the one that it is.
func TestAFolderThatIsThereKeepsItsOwnerAndItsPlace(t *testing.T) {
	file, key := written(t)
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	before := whose(t, dir)
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, 4321, 4322); err != nil {
			t.Fatal(err)
		}
		before.Uid, before.Gid = 4321, 4322
	}
	if _, _, err := Restore(t.Context(), bytes.NewReader(file), &key, false, dir); err != nil {
		t.Fatal(err)
	}
	if whose(t, dir).Ino != before.Ino {
		t.Error("it is another folder")
	}
	for _, name := range []string{"", "db", "seal.key", "node.key"} {
		if s := whose(t, filepath.Join(dir, name)); s.Uid != before.Uid || s.Gid != before.Gid || name != "db" && s.Mode&0o077 != 0 {
			t.Errorf("%q belongs to %d:%d with mode %o", name, s.Uid, s.Gid, s.Mode)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("%v, %v", entries, err)
	}
}

func whose(t *testing.T, path string) *syscall.Stat_t {
	t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(path, &s); err != nil {
		t.Fatal(path, err)
	}
	return &s
}

// Wherever a file is cut or an octet of it changed: nothing is restored, nothing is left, and a check says so.
func TestNoPartOfADamagedFileIsRestored(t *testing.T) {
	file, key := written(t)
	damaged := map[string][]byte{"cut": nil, "changed": nil}
	for at := 0; at < len(file); at += 1 + len(file)/50 {
		damaged["cut"] = file[:at]
		damaged["changed"] = bytes.Clone(file)
		damaged["changed"][at] ^= 1 << (at % 8)
		for what, b := range damaged {
			parent := t.TempDir()
			dir := filepath.Join(parent, "data")
			if at%2 == 0 {
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := Restore(t.Context(), bytes.NewReader(b), &key, false, dir); err == nil {
				t.Errorf("%s at %d of %d: it was restored", what, at, len(file))
			}
			if r, err := Check(t.Context(), bytes.NewReader(b), &key, parent); err == nil && r.Whole() {
				t.Errorf("%s at %d of %d: it is called whole", what, at, len(file))
			}
			if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
				t.Errorf("%s at %d of %d: %v is left", what, at, len(file), left)
			}
			if left, err := filepath.Glob(filepath.Join(parent, workplacePrefix+"*")); err != nil || len(left) > 0 {
				t.Errorf("%s at %d of %d: %v is left", what, at, len(file), left)
			}
		}
	}
}

// heap calls visit often and has the most that was in use at its calls, beyond what was before.
type heap struct {
	base, most uint64
	calls      int
}

func (h *heap) visit() {
	if h.calls++; h.calls%2000 != 1 {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if h.base == 0 {
		h.base = m.HeapAlloc
	}
	h.most = max(h.most, m.HeapAlloc-min(m.HeapAlloc, h.base))
}

// A store of 100 MiB goes through a few blocks of memory, both ways.
func TestMemoryDoesNotGrowWithTheStore(t *testing.T) {
	const rows, size, limit = 100_000, 1024, 32 << 20
	var writing, reading heap
	in, out := io.Pipe()
	noise := rand.NewChaCha8([32]byte{1})
	done := make(chan error, 1)
	go func() {
		_, err := Write(out, Header{Server: "a.example.net"}, Key{1}, false, Source{
			Rows: func(f func(store.Row) error) error {
				value := make([]byte, size)
				for i := range rows {
					writing.visit()
					_, _ = noise.Read(value)
					if err := f(store.Row{Key: []byte{1, 'y', byte(i >> 16), byte(i >> 8), byte(i)}, Value: value}); err != nil {
						return err
					}
				}
				return nil
			},
			Secret: func(store.Row) bool { return false },
		})
		out.CloseWithError(err)
		done <- err
	}()
	r, err := Open(t.Context(), in, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for ; ; n++ {
		reading.visit()
		if _, err = r.Next(); err != nil {
			break
		}
	}
	if werr := <-done; werr != nil || !errors.Is(err, io.EOF) || n != rows {
		t.Fatalf("%d rows, %v, %v", n, err, werr)
	}
	if writing.most > limit || reading.most > limit {
		t.Errorf("in use: %d MiB while writing, %d while reading", writing.most>>20, reading.most>>20)
	}
}

func TestAFolderThatIsNotEmptyIsNotTouched(t *testing.T) {
	file, key := written(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Restore(t.Context(), bytes.NewReader(file), &key, false, dir); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("%v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// A restore that is killed leaves as much as a whole database behind. The next one, into the very folder too, removes it, and
// leaves one that is at work alone.
func TestWhatAKilledRestoreLeftIsRemovedByTheNext(t *testing.T) {
	file, key := written(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "data")
	var left []string
	for _, folder := range []string{parent, dir} {
		path := filepath.Join(folder, workplacePrefix+"1234")
		if err := os.MkdirAll(filepath.Join(path, "data/db"), 0o700); err != nil {
			t.Fatal(err)
		}
		left = append(left, path)
	}
	working, err := newWorkplace(parent)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Restore(t.Context(), bytes.NewReader(file), &key, false, dir); err != nil {
		t.Fatal(err)
	}
	if err := Sweep(parent); err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	if _, err := os.Stat(working.path); err != nil {
		t.Errorf("a restore at work lost its folder: %v", err)
	}
	if err := working.close(); err != nil {
		t.Error(err)
	}
}
