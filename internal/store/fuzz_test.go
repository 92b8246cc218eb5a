package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// goldenRows are all rows of the golden data folder, without their format octets.
func goldenRows(f *testing.F) (rows [][2][]byte) {
	f.Helper()
	dir := filepath.Join(f.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		f.Fatal(err)
	}
	s, err := Open(dir, Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	err = scan(s.db, []byte{rowFormat}, []byte{rowFormat + 1}, func(k, v []byte) error {
		rows = append(rows, [2][]byte{bytes.Clone(k), bytes.Clone(v)})
		return nil
	})
	if err != nil || len(rows) < 10 {
		f.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows
}

// FuzzRow reads rows as a damaged disk may give them. What is read at all is written and read as the same.
func FuzzRow(f *testing.F) {
	for _, row := range goldenRows(f) {
		f.Add(row[0][1], row[1])
	}
	z := zone.Name("\x07example\x03com\x00")
	f.Fuzz(func(t *testing.T, table byte, v []byte) {
		switch table {
		case tableHead:
			again(t, v, func(v []byte) (Head, error) { return parseHead(z, v) }, Head.value)
		case tableHistory:
			again(t, v, func(v []byte) (Entry, error) { return parseEntry(z, 7, v) }, Entry.value)
		case tableEvent:
			again(t, v, func(v []byte) (Event, error) { return parseEvent(7, v) }, Event.value)
		case tableListing:
			_ = listedZone(v)
			_, _ = (&Store{}).matcher(nil, Query{Search: "a"})([]byte("a.example.com"), v)
		case tableCell:
			_, _ = parseCell(z, append([]byte{rowFormat, tableCell}, append([]byte(z), v...)...))
		}
	})
}

// again wants a value that can be read to be written so that it reads as the same.
func again[T any](t *testing.T, v []byte, parse func([]byte) (T, error), write func(T) []byte) {
	t.Helper()
	first, err := parse(v)
	if err != nil {
		return
	}
	row := write(first)
	second, err := parse(row[1:])
	if err != nil {
		t.Fatalf("%x reads as %+v, which is written as %x and not read: %v", v, first, row, err)
	}
	if d := cmp.Diff(first, second, cmpopts.EquateEmpty(), cmp.AllowUnexported(Head{}, facts{}, sums{})); d != "" {
		t.Fatalf("written and read again (-first +second):\n%s", d)
	}
}

// FuzzInstanceFile reads the file that names the data folder. What is read is kept by writing it.
func FuzzInstanceFile(f *testing.F) {
	f.Add([]byte("format 1\ninstance ABC\nnode 0102030405060708\nmachine m\ninode 7\n"))
	f.Add([]byte("format 2\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		id := identity{path: filepath.Join(dir, "instance")}
		if err := os.WriteFile(id.path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if found, err := id.read(); err != nil || !found {
			return
		}
		kept := identity{path: id.path}
		if err := id.write(); err != nil {
			t.Fatal(err)
		}
		if _, err := kept.read(); err != nil || kept.instance != id.instance || kept.node != id.node {
			t.Fatalf("%q is kept as %q %x: %v", text, kept.instance, kept.node, err)
		}
	})
}

// FuzzUnseal opens what may have been changed on the disk: only what was sealed for the context is ever opened.
func FuzzUnseal(f *testing.F) {
	s := &Store{}
	var err error
	if s.seal, err = openSealer(f.TempDir(), Options{}.Logger, true); err != nil {
		f.Fatal(err)
	}
	box := s.Seal([]byte("secret"), "token of ns1")
	f.Add([]byte{}, []byte{}, "token of ns1")
	f.Add([]byte{0, 1}, []byte{1}, "token of ns2")
	f.Fuzz(func(t *testing.T, change, tail []byte, context string) {
		damaged := append(bytes.Clone(box), tail...)
		for i, c := range change {
			damaged[i%len(damaged)] ^= c
		}
		plain, err := s.Unseal(damaged, context)
		whole := bytes.Equal(damaged, box) && context == "token of ns1"
		if whole != (err == nil) || whole && string(plain) != "secret" {
			t.Fatalf("opened %q, %v; unchanged: %v", plain, err, whole)
		}
	})
}

// FuzzDamage changes octets of the database's own files. The folder opens and gives what it held, or less of it, or
// errors: it never gives what was not written, never hangs and never takes the process down.
func FuzzDamage(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(golden, "db", "*"))
	if err != nil || len(files) == 0 {
		f.Fatal("no golden files", err)
	}
	held := map[zone.Name]Head{}
	open := func(dir string) (*Store, error) { return Open(dir, Options{MachineID: "m"}) }
	whole := filepath.Join(f.TempDir(), "data")
	if err := os.CopyFS(whole, os.DirFS(golden)); err != nil {
		f.Fatal(err)
	}
	s, err := open(whole)
	if err != nil {
		f.Fatal(err)
	}
	heads, _, _, err := s.Heads(Query{Limit: maxLimit, IncludeDeleted: true})
	for _, h := range heads {
		held[h.Zone] = h
	}
	if err != nil || len(held) == 0 || s.Close() != nil {
		f.Fatal("the golden folder is not read", err)
	}
	for i := range files {
		f.Add(byte(i), uint32(0), byte(1), false)
		f.Add(byte(i), uint32(200), byte(0x80), false)
		f.Add(byte(i), uint32(300), byte(0), true)
	}
	f.Fuzz(func(t *testing.T, file byte, offset uint32, change byte, cut bool) {
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "db", filepath.Base(files[int(file)%len(files)]))
		b, err := os.ReadFile(path)
		if err != nil || len(b) == 0 {
			return
		}
		at := int(offset) % len(b)
		b[at] ^= change
		if cut {
			b = b[:at]
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := open(dir)
		if err != nil {
			return
		}
		defer s.Close()
		heads, _, _, err := s.Heads(Query{Limit: maxLimit, IncludeDeleted: true})
		if err != nil {
			return
		}
		for _, h := range heads {
			if !held[h.Zone].Vector.Includes(h.Vector) {
				t.Fatalf("%s octet %d: %s was never as %v", filepath.Base(path), at, h.Zone.Text(), h.Vector)
			}
			state, _, err := s.State(h.Zone)
			if err != nil {
				continue
			}
			if err := state.Whole().Check(); err != nil {
				t.Fatalf("%s octet %d: a state that never was: %v", filepath.Base(path), at, err)
			}
		}
	})
}
