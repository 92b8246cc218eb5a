package zone_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

const limitsHead = "$TTL 300\n@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n"

// refusedAs wants an error with the words, or none if there are no words.
func refusedAs(t *testing.T, what string, err error, words string) {
	t.Helper()
	if (err == nil) != (words == "") || err != nil && !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v, want %q", what, err, words)
	}
}

func TestAnEntryHasALongestLength(t *testing.T) {
	entry := func(n int) string { return limitsHead + "big TXT (" + strings.Repeat("\n", n) + "x )\n" }
	origin := name(t, "example.com")
	_, err := zone.ParseText(entry(1<<20-1000), origin)
	refusedAs(t, "an entry below 1 MiB", err, "")
	_, err = zone.ParseText(limitsHead+"big TXT ("+strings.Repeat(" \"\"\n", 1<<18+1000)+")\n", origin)
	refusedAs(t, "an entry above 1 MiB", err, "longer than 1048576 octets")
}

func TestGeneratedRecordsAreBoundedPerFile(t *testing.T) {
	origin := name(t, "example.com")
	parsed, err := zone.ParseText(limitsHead+"$GENERATE 0-65535 h$ A 192.0.2.1\n", origin)
	refusedAs(t, "65536 records", err, "")
	if err == nil && len(parsed.RRsets) < 65536 {
		t.Errorf("%d RRsets", len(parsed.RRsets))
	}
	_, err = zone.ParseText(limitsHead+"$GENERATE 0-65535 h$ A 192.0.2.1\n$GENERATE 1-1 i$ A 192.0.2.1\n", origin)
	refusedAs(t, "one more", err, "more than 65536 records")
	_, err = zone.ParseText(limitsHead+"$GENERATE 0-4294967295 h$ A 192.0.2.1\n", origin)
	refusedAs(t, "the largest range", err, "GENERATE")
}

func TestIncludesAreBoundedInDepthAndSize(t *testing.T) {
	origin := name(t, "example.com")
	nested := func(depth int) fs.FS {
		files := fstest.MapFS{"z": {Data: []byte(limitsHead + "$INCLUDE f1\n")}}
		for i := 1; i <= depth; i++ {
			files[fmt.Sprint("f", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "$INCLUDE f%d\n", i+1)}
		}
		files[fmt.Sprint("f", depth)] = &fstest.MapFile{Data: []byte("end A 192.0.2.1\n")}
		return files
	}
	_, err := zone.ParseFile(nested(10), "z", origin)
	refusedAs(t, "ten deep", err, "")
	_, err = zone.ParseFile(nested(11), "z", origin)
	refusedAs(t, "eleven deep", err, "nested deeper than 10")
	_, err = zone.ParseFile(fstest.MapFS{"z": {Data: []byte(limitsHead + "$INCLUDE z\n")}}, "z", origin)
	refusedAs(t, "a file that includes itself", err, "nested deeper than 10")
	// Two files that each include the other twice: 2^10 reads of a tenth of the bound each.
	wide := bytes.Repeat([]byte("; x\n"), 1<<20)
	wide = append(wide, strings.Repeat("$INCLUDE w\n", 20)...)
	began := time.Now()
	_, err = zone.ParseFile(fstest.MapFS{"z": {Data: []byte(limitsHead + "$INCLUDE w\n")}, "w": {Data: wide}}, "z", origin)
	if err == nil {
		t.Error("a file that includes itself twenty times was read")
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
}

func TestAFileLargerThanTheBoundIsNotRead(t *testing.T) {
	_, err := zone.ParseFile(hugeFile{}, "z", name(t, "example.com"))
	refusedAs(t, "a file of 257 MiB", err, "larger than")
}

// hugeFile is a file system with one file that says that it is large, and that nobody may read.
type hugeFile struct{}

func (hugeFile) Open(string) (fs.File, error)      { return nil, errors.New("it was opened") }
func (hugeFile) Stat(string) (fs.FileInfo, error)  { return hugeInfo{}, nil }
func (hugeFile) Lstat(string) (fs.FileInfo, error) { return hugeInfo{}, nil }

func (hugeFile) ReadLink(string) (string, error) { return "", errors.New("no link") }

type hugeInfo struct{}

func (hugeInfo) Name() string       { return "z" }
func (hugeInfo) Size() int64        { return 257 << 20 }
func (hugeInfo) Mode() fs.FileMode  { return 0o644 }
func (hugeInfo) ModTime() time.Time { return time.Time{} }
func (hugeInfo) IsDir() bool        { return false }
func (hugeInfo) Sys() any           { return nil }
