package cli

import (
	"archive/tar"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// FuzzBackupFile unpacks an archive of any content. Nothing is written but plain files in the two folders of a backup.
func FuzzBackupFile(f *testing.F) {
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
		dir := filepath.Join(parent, "a", "b")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = unpack(&packed, dir)
		err = filepath.WalkDir(parent, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, _ := filepath.Rel(dir, p)
			info, err := d.Info()
			if top, _, _ := strings.Cut(rel, "/"); top != "checkpoint" && top != "files" || !info.Mode().IsRegular() || info.Mode().Perm() != 0o600 {
				t.Fatalf("unpacked %s, %s", rel, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzFileName: names of zones come from a server, and become names of files in one folder.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"example.com", ".", "../../etc/passwd", "a/b", "\x00", "xn--a.b", "%2f", "A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := fileName(s)
		if s == "" {
			return // no zone has no name; the file is hidden, and in the folder all the same
		}
		if !filepath.IsLocal(name) || filepath.Base(name) != name || strings.ContainsAny(name, "/\\\x00") || strings.HasPrefix(name, ".") {
			t.Fatalf("%q becomes the file %q", s, name)
		}
	})
}

// FuzzRecordData reads the data of records as the shell hands them over. What is made of a TXT record's text is that
// text, and no record becomes two.
func FuzzRecordData(f *testing.F) {
	f.Add("TXT", "v=spf1 -all", ",")
	f.Add("TXT", `"quoted" "twice"`, `a"b\`)
	f.Add("MX", "10", "mail")
	f.Add("A", "192.0.2.1", "192.0.2.2")
	f.Add("CAA", "0", "issue")
	origin := zone.Name("\x07example\x03com\x00")
	f.Fuzz(func(t *testing.T, typeName, first, second string) {
		texts, err := groups(typeName, []string{first, second})
		if err != nil || !strings.EqualFold(typeName, "TXT") || strings.HasPrefix(first, `"`) || strings.HasPrefix(second, `"`) || first == "," || second == "," {
			return
		}
		if len(texts) != 1 {
			t.Fatalf("%q and %q are %d records", first, second, len(texts))
		}
		fields, err := zone.Fields(texts[0])
		if err != nil {
			t.Fatalf("%q and %q become %s: %v", first, second, texts[0], err)
		}
		data, err := zone.ParseData(zone.TypeTXT, origin, fields)
		if err != nil {
			return // longer than a record can be
		}
		var plain []byte
		for len(data) > 0 {
			plain, data = append(plain, data[1:1+data[0]]...), data[1+data[0]:]
		}
		if string(plain) != first+second {
			t.Fatalf("%q and %q become the text %q", first, second, plain)
		}
	})
}
