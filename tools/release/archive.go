package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"time"
)

// tarball writes files, and the folders that they are in, with one time and owner.
type tarball struct {
	out  bytes.Buffer
	w    *tar.Writer
	when time.Time
}

func newTarball(when time.Time) *tarball {
	t := &tarball{when: when}
	t.w = tar.NewWriter(&t.out)
	return t
}

// add writes to memory: what goes wrong there is a fault of this program.
func (t *tarball) add(h tar.Header, body []byte) {
	h.ModTime, h.Format, h.Size = t.when, tar.FormatGNU, int64(len(body))
	if h.Uid == 0 {
		h.Uname, h.Gname = "root", "root"
	}
	if err := t.w.WriteHeader(&h); err != nil {
		panic(err)
	}
	if _, err := t.w.Write(body); err != nil {
		panic(err)
	}
}

func (t *tarball) file(name string, mode int64, body []byte) {
	t.add(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode}, body)
}

func (t *tarball) folder(name string, mode int64) {
	t.add(tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode}, nil)
}

func (t *tarball) bytes() []byte {
	if err := t.w.Close(); err != nil {
		panic(err)
	}
	return t.out.Bytes()
}

// gzipped has no name and no time in it.
func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}
