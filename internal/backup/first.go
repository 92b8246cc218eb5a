package backup

import (
	"archive/tar"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/zonefleet/zonefleet/internal/store"
)

// A file of the first format is a tar, compressed with zstd, of a copy of the database ("checkpoint") and the key files
// beside it ("files"), nothing sealed. It is unpacked and opened, and then read like any other.

// firstMagic begins every zstd frame (RFC 8878 section 3.1.1).
const firstMagic = "\x28\xb5\x2f\xfd"

const (
	firstCheckpoint = "checkpoint"
	firstFiles      = "files"
)

type first struct {
	dir    string
	place  *workplace
	store  *store.Store
	reader *Reader
	pull   func() (Entry, error, bool)
	stop   func()
	zones  store.Assembly
}

func openFirst(ctx context.Context, in io.Reader, dir string) (*Reader, error) {
	place, err := newWorkplace(dir)
	if err != nil {
		return nil, fmt.Errorf("unpack backup: %w", err)
	}
	f := &first{dir: place.path, place: place, stop: func() {}}
	f.reader = &Reader{Format: 1, Opened: true, source: f, Header: Header{Version: "0.1.0"}}
	if err := f.open(ctx, in); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f.reader, nil
}

func (f *first) open(ctx context.Context, in io.Reader) (err error) {
	if err := f.unpack(ctx, in); err != nil {
		return fmt.Errorf("%w: %w", &Damage{What: "the archive cannot be unpacked", over: true}, err)
	}
	data := filepath.Join(f.dir, firstCheckpoint)
	if _, err := os.Stat(filepath.Join(data, "db")); err != nil {
		return ErrNotBackup
	}
	if f.store, err = store.Open(data, store.Options{}); err != nil {
		return fmt.Errorf("open the database in the backup: %w", err)
	}
	f.name()
	next, stop := iter.Pull2(f.entries(ctx))
	f.pull, f.stop = next, stop
	return nil
}

// name takes the server's name from its certificate: the format says it nowhere else.
func (f *first) name() {
	text, err := os.ReadFile(filepath.Join(f.dir, firstFiles, "node.crt"))
	if err != nil {
		return
	}
	if block, _ := pem.Decode(text); block != nil {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			f.reader.Header.Server = c.Subject.CommonName
		}
	}
}

func (f *first) next() (Entry, error) {
	e, err, more := f.pull()
	if more {
		return e, err
	}
	f.reader.Summary.Zones, f.reader.Summary.Deleted = f.zones.Live, f.zones.Deleted
	return Entry{}, io.EOF
}

func (f *first) close() error {
	f.stop()
	var err error
	if f.store != nil {
		err = f.store.Close()
	}
	return errors.Join(err, f.place.close())
}

// errStopped ends a dump whose reader has gone.
var errStopped = errors.New("stopped")

func (f *first) entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		err := f.store.Dump(ctx, func(r store.Row) error {
			if err := f.zones.Add(r); err != nil {
				return err
			}
			f.reader.Summary.Rows++
			if !yield(Entry{Row: r}, nil) {
				return errStopped
			}
			return nil
		})
		if err == nil {
			err = f.files(yield)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(Entry{}, fmt.Errorf("%w: %w", &Damage{What: "the database in it cannot be read", over: true}, err))
		}
	}
}

func (f *first) files(yield func(Entry, error) bool) error {
	key, err := store.ReadSealKey(filepath.Join(f.dir, firstCheckpoint))
	if err != nil {
		return err
	}
	if !yield(Entry{File: "seal.key", Content: key}, nil) {
		return errStopped
	}
	list, err := os.ReadDir(filepath.Join(f.dir, firstFiles))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range list {
		content, err := os.ReadFile(filepath.Join(f.dir, firstFiles, e.Name()))
		if err != nil {
			return err
		}
		if !yield(Entry{File: e.Name(), Content: content}, nil) {
			return errStopped
		}
	}
	return nil
}

// unpack writes the files of the archive below the folder: only plain files in its two folders, never outside.
func (f *first) unpack(ctx context.Context, r io.Reader) error {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return err
	}
	defer z.Close()
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			// The end of the archive is not the end of the file: what follows must be nothing, and must decompress.
			_, err := io.Copy(io.Discard, z)
			return err
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := f.unpackFile(t, h); err != nil {
			return err
		}
		f.reader.Header.Time = latest(f.reader.Header.Time, h.ModTime.UTC())
	}
}

// latest is when the backup was made: it says so nowhere, but its database was written until then.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (f *first) unpackFile(t io.Reader, h *tar.Header) error {
	top, _, _ := strings.Cut(h.Name, "/")
	if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) || path.Clean(h.Name) != h.Name || top != firstCheckpoint && top != firstFiles {
		return fmt.Errorf("it holds %q, which no backup has", h.Name)
	}
	target := filepath.Join(f.dir, filepath.FromSlash(h.Name))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	w, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, t)
	return errors.Join(err, w.Close())
}
