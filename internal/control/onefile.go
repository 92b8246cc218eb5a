package control

import (
	"io"
	"io/fs"
	"strings"
	"time"
)

// oneFile is a file system with one text file: a zone file that came without its folder. The name tells which zone it
// is, and there is nothing to include.
type oneFile struct{ name, text string }

func (o oneFile) Open(name string) (fs.File, error) {
	if name != o.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &openFile{oneFile: o, Reader: strings.NewReader(o.text)}, nil
}

type openFile struct {
	oneFile
	io.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *openFile) Close() error               { return nil }
func (f *openFile) Name() string               { return f.name }
func (f *openFile) Size() int64                { return int64(len(f.text)) }
func (f *openFile) Mode() fs.FileMode          { return 0o400 }
func (f *openFile) ModTime() time.Time         { return time.Time{} }
func (f *openFile) IsDir() bool                { return false }
func (f *openFile) Sys() any                   { return nil }
