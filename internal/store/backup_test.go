package store

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

var update = flag.Bool("update", false, "make the golden data folder again")

func TestALoadedDumpIsANewInstance(t *testing.T) {
	root := t.TempDir()
	dir, restored := filepath.Join(root, "data"), filepath.Join(root, "restored")
	s, _ := openStore(t, dir, Options{})
	ctx := testContext(t)
	must(create(ctx, s, numbered(1), 3))(t)
	box := s.Seal([]byte("a token"), "x")
	rows := dump(t, s)
	must(create(ctx, s, numbered(2), 1))(t)
	key := func() []byte { return must(s.SealKey())(t) }
	if err := Load(restored, key, each(rows)); err != nil {
		t.Fatal(err)
	}
	if err := Load(restored, key, each(rows)); err == nil {
		t.Error("loaded into a folder that is not empty")
	}
	if err := Load(filepath.Join(root, "no"), key, each(rows[:3])); !errors.Is(err, ErrCorrupt) {
		t.Errorf("rows without a layout: %v", err)
	}
	r, _ := openStore(t, restored, Options{})
	if r.Instance() == s.Instance() || r.NodeID() == s.NodeID() {
		t.Error("the restored folder is the old instance or node")
	}
	if _, err := r.Head(numbered(1)); err != nil || r.Synced() != 1 {
		t.Errorf("restored up to %d, error %v", r.Synced(), err)
	}
	if got, err := r.Unseal(box, "x"); err != nil || string(got) != "a token" {
		t.Errorf("%q, error %v", got, err)
	}
	checkWhole(t, r)
	must(create(ctx, r, numbered(3), 1))(t)
	checkWhole(t, r)
	checkWhole(t, s)
	for _, name := range []string{"", "seal.key"} {
		info, err := os.Stat(filepath.Join(restored, name))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, error %v", name, info.Mode(), err)
		}
	}
}

func dump(t *testing.T, s *Store) (rows []Row) {
	t.Helper()
	err := s.Dump(testContext(t), func(r Row) error {
		rows = append(rows, Row{bytes.Clone(r.Key), bytes.Clone(r.Value)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func each(rows []Row) func() (Row, error) {
	return func() (Row, error) {
		if len(rows) == 0 {
			return Row{}, io.EOF
		}
		r := rows[0]
		rows = rows[1:]
		return r, nil
	}
}

func TestZonesArePutTogetherFromADump(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	ctx := testContext(t)
	for n := range 5 {
		must(create(ctx, s, numbered(n), n+1))(t)
	}
	got := map[zone.Name]*zone.State{}
	a := Assembly{
		Want:  func(h Head) bool { return h.Zone != numbered(2) },
		Found: func(h Head, st *zone.State) error { got[h.Zone] = st; return nil },
	}
	for _, r := range dump(t, s) {
		if err := a.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.End(); err != nil {
		t.Fatal(err)
	}
	if a.Live != 5 || a.Deleted != 0 || len(got) != 4 || got[numbered(2)] != nil {
		t.Errorf("%d live, %d deleted, %d put together", a.Live, a.Deleted, len(got))
	}
	for z, st := range got {
		want, _, err := s.State(z)
		if d := cmp.Diff(want, st); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", z.Text(), err, d)
		}
	}
}

// golden is a folder of the first format. Every later version has to read it.
const golden = "testdata/golden-v1"

func TestTheGoldenFolderIsRead(t *testing.T) {
	if *update {
		makeGolden(t)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	s, _ := openStore(t, dir, Options{})
	checkWhole(t, s)
	st, p, err := s.State(numbered(1))
	if err != nil || p != 2 {
		t.Fatalf("state at %d, error %v", p, err)
	}
	want := zone.NewState(numbered(1))
	write(want, nodeA, 1000, birth(want.Zone, 2))
	write(want, nodeA, 2007, map[zone.Key][]byte{aKey(want.Zone, ownerIn(want.Zone, 0)): address(7)})
	if d := cmp.Diff(want, st); d != "" {
		t.Error(d)
	}
	if h := must(s.Head(numbered(1)))(t); h.Owner != "root" || h.Records != 2 || !h.Live || h.StoredAt != 2007 {
		t.Errorf("head is %+v", h)
	}
	e := must(s.Entry(1))(t)
	if e.Author != "test@node" || e.Kind != "create" || len(e.Keys) != 5 {
		t.Errorf("entry is %+v", e)
	}
	if d := cmp.Diff([]Event{{ID: 1, Time: 9, Kind: "k", Fields: map[string]string{"a": "b"}}}, must(s.Events(0, 9))(t)); d != "" {
		t.Error(d)
	}
	box := must(s.Record("token", "t1"))(t)
	if secret, err := s.Unseal(box, "token/t1"); err != nil || string(secret) != "a secret" {
		t.Errorf("secret %q, error %v", secret, err)
	}
	if v, ok := s.Register("cursor/ns1"); !ok || string(v) != "2" {
		t.Errorf("register %q %v", v, ok)
	}
}

func makeGolden(t *testing.T) {
	s, stop := openStore(t, t.TempDir(), Options{})
	ctx, z := testContext(t), numbered(1)
	must(create(ctx, s, z, 2))(t)
	must(edit(ctx, s, z, ownerIn(z, 0), 7))(t)
	s.SetRegister("cursor/ns1", []byte("2"))
	_, err := s.Commit(ctx, "", func(tx *Tx) error {
		tx.AppendEvent(Event{Time: 9, Kind: "k", Fields: map[string]string{"a": "b"}})
		tx.PutRecord("token", "t1", s.Seal([]byte("a secret"), "token/t1"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the register is written", func() bool {
		s.registers.mu.Lock()
		defer s.registers.mu.Unlock()
		return len(s.registers.dirty) == 0
	})
	if err := s.db.Flush(); err != nil { // tables are smaller than a log
		t.Fatal(err)
	}
	if err := os.RemoveAll(golden); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(golden, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.db.Checkpoint(filepath.Join(golden, "db"), pebble.WithFlushedWAL()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(golden, sealFile), must(s.SealKey())(t), 0o600); err != nil {
		t.Fatal(err)
	}
	stop()
}

func TestAFolderOfANewerVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{})
	must(create(testContext(t), s, numbered(1), 1))(t)
	if err := s.db.Set([]byte(formatKey), []byte("2"), pebble.Sync); err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrNewer) {
		t.Errorf("error %v", err)
	}
}

func TestADamagedRowIsAnError(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	z := numbered(1)
	must(create(testContext(t), s, z, 1))(t)
	row := must(get(s.db, headKey(z)))(t)
	for _, damaged := range [][]byte{{}, {2}, append([]byte{9}, row...), append([]byte{rowFormat}, row[:len(row)-1]...)} {
		if err := s.db.Set(headKey(z), damaged, pebble.Sync); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Commit(testContext(t), z, func(tx *Tx) error { _, err := tx.State(); return err }); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%x: %v", damaged, err)
		}
	}
}
