package backup

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/zonefleet/zonefleet/internal/store"
)

// forged writes a file of format 2 whose checksums are right, whatever its blocks hold. Each block is said by an octet for
// its kind and compression, two for its length, and its content.
func forged(t testing.TB, head, script []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newBlockWriter(&out)
	pack, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer pack.Close()
	s, err := newSealer(make([]byte, 32), head)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind byte, payload []byte) {
		if err := w.block(kind, payload); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.raw(append([]byte(magic), Format)); err != nil {
		t.Fatal(err)
	}
	block(blockHeader, head)
	for len(script) > 3 {
		kind := []byte{blockRows, blockSealed, blockHeader, blockEnd, script[0]}[script[0]%5]
		n := min(int(binary.BigEndian.Uint16(script[1:])), len(script)-3)
		payload := script[3 : 3+n]
		if script[0] < 0x80 {
			payload = pack.EncodeAll(payload, nil)
		}
		if kind == blockSealed {
			payload = s.seal(payload)
		}
		block(kind, payload)
		script = script[3+n:]
	}
	end, err := json.Marshal(Summary{Octets: w.octets, SHA256: w.sum.Sum(nil)})
	if err != nil {
		t.Fatal(err)
	}
	block(blockEnd, end)
	return out.Bytes()
}

// FuzzFile reads, checks and restores files that somebody made: nothing but a data folder comes of one, or nothing, and
// what comes of it opens or is refused.
func FuzzFile(f *testing.F) {
	head, err := json.Marshal(Header{Server: "ns1.example.net", Version: "1", OpenKey: make([]byte, 32)})
	if err != nil {
		f.Fatal(err)
	}
	block := func(kind byte, entries ...[]byte) []byte {
		content := slices.Concat(entries...)
		return append(binary.BigEndian.AppendUint16([]byte{kind}, uint16(len(content))), content...)
	}
	format := appendEntry(nil, entryRow, []byte("FORMAT"), []byte("1"))
	sealKey := appendEntry(nil, entryFile, []byte(sealKeyFile), make([]byte, 32))
	f.Add(head, slices.Concat(block(0, format), block(1, sealKey)))
	f.Add(head, block(0, appendEntry(nil, entryRow, []byte("FORMAT"), []byte("99"))))
	f.Add(head, block(1, appendEntry(nil, entryFile, []byte("../../x"), []byte("abc"))))
	f.Add(head, block(0, appendEntry(nil, entryRow, []byte("\x01h\x03com\x00"), []byte("\x01\x01"))))
	f.Add(head, block(0, appendEntry(nil, entryRow, nil, nil)))
	f.Add([]byte(`{"open_key":"AA=="}`), []byte{})
	f.Fuzz(func(t *testing.T, head, script []byte) {
		if len(head) > maxHeader {
			return
		}
		file := forged(t, head, script)
		parent := t.TempDir()
		if _, err := Check(t.Context(), bytes.NewReader(file), nil, parent); err != nil && len(leftIn(t, parent)) > 0 {
			t.Fatalf("a check that failed leaves %v", leftIn(t, parent))
		}
		dir := filepath.Join(parent, "data")
		_, _, err := Restore(t.Context(), bytes.NewReader(file), nil, true, dir)
		for _, p := range leftIn(t, parent) {
			top, _, _ := strings.Cut(p, "/")
			name := filepath.Base(p)
			known := strings.HasPrefix(p, "data/db/") || slices.Contains(Files(), name) && filepath.Dir(p) == "data"
			if err != nil || top != "data" || !known {
				t.Fatalf("restored with %v, there is %s", err, p)
			}
		}
		if err != nil {
			return
		}
		s, err := store.Open(dir, store.Options{})
		if err != nil {
			return
		}
		defer s.Close()
		if heads, _, _, err := s.Heads(store.Query{IncludeDeleted: true}); err == nil {
			for _, h := range heads {
				_, _, _ = s.State(h.Zone)
				_, _ = s.History(h.Zone, 0, 10)
			}
		}
	})
}

// leftIn lists the files below a folder.
func leftIn(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			paths = append(paths, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// FuzzFirstFile unpacks an archive of the first format and any content. Nothing is written outside its two folders.
func FuzzFirstFile(f *testing.F) {
	archive := func(headers ...tar.Header) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, h := range headers {
			h.Size, h.Mode = 3, 0o777
			if w.WriteHeader(&h) == nil {
				_, _ = w.Write([]byte("abc"))
			}
		}
		w.Close()
		return b.Bytes()
	}
	f.Add(archive(tar.Header{Name: "checkpoint/db/000001.log", Typeflag: tar.TypeReg}, tar.Header{Name: "files/root.token", Typeflag: tar.TypeReg}))
	f.Add(archive(tar.Header{Name: "files/../../x", Typeflag: tar.TypeReg}))
	f.Add(archive(tar.Header{Name: "files/link", Linkname: "/", Typeflag: tar.TypeSymlink}, tar.Header{Name: "files/link/x", Typeflag: tar.TypeReg}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, tarball []byte) {
		var packed bytes.Buffer
		w, err := zstd.NewWriter(&packed, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(tarball)
		w.Close()
		parent := t.TempDir()
		half := first{dir: filepath.Join(parent, "a", "b"), reader: &Reader{}}
		if err := os.MkdirAll(half.dir, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = half.unpack(t.Context(), &packed)
		for _, p := range leftIn(t, parent) {
			info, err := os.Lstat(filepath.Join(parent, p))
			inside := strings.HasPrefix(p, "a/b/"+firstCheckpoint) || strings.HasPrefix(p, "a/b/"+firstFiles)
			if err != nil || !inside || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
				t.Fatalf("unpacked %s, %v, %v", p, info.Mode(), err)
			}
		}
	})
}

// FuzzKey reads a recovery key however it was typed.
func FuzzKey(f *testing.F) {
	k := KeyOf([]byte("secret"))
	f.Add([]byte(k.Text()))
	f.Add([]byte(strings.ToUpper(k.Text()) + "\r\n"))
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseKey(b)
		if err != nil {
			return
		}
		if again, err := ParseKey([]byte(k.Text())); err != nil || again != k {
			t.Fatalf("%q is %s, which is %v, %v", b, k.Text(), again, err)
		}
	})
}
