package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/crypto/chacha20poly1305"
)

// Row is one row of the database as it lies there: its version is in its first octets.
type Row struct {
	Key, Value []byte
}

// Record says of which kind a configuration row is, and false of every other row.
func (r Row) Record() (kind string, ok bool) {
	rest, ok := bytes.CutPrefix(r.Key, tableKey(tableRecord))
	kind, _, cut := strings.Cut(string(rest), "\x00")
	return kind, ok && cut
}

// IsRegister says that the row is a register: worth something to this very server only.
func (r Row) IsRegister() bool { return bytes.HasPrefix(r.Key, tableKey(tableRegister)) }

// Dump calls f with every row, in the order of their keys, as of one synced batch, while the store works on. f must not
// keep the row. Registers that were set within the last second may be missing.
func (s *Store) Dump(ctx context.Context, f func(Row) error) error {
	err := s.published.read(func(v *view) (err error) {
		it, err := v.NewIter(nil)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, it.Close()) }()
		for ok := it.First(); ok && ctx.Err() == nil; ok = it.Next() {
			value, err := it.ValueAndErr()
			if err != nil {
				return err
			}
			if err := f(Row{it.Key(), value}); err != nil {
				return err
			}
		}
		return errors.Join(it.Error(), ctx.Err())
	})
	if err != nil {
		return fmt.Errorf("read all rows: %w", plain(err))
	}
	return nil
}

// SealKey is the key with which secrets are sealed in this data folder.
func (s *Store) SealKey() ([]byte, error) { return ReadSealKey(s.dir) }

// ReadSealKey reads the key of a data folder that need not be open.
func ReadSealKey(dir string) ([]byte, error) {
	key, err := os.ReadFile(filepath.Join(dir, sealFile))
	if err == nil && len(key) != chacha20poly1305.KeySize {
		err = fmt.Errorf("%w: %s is not a key of %d octets", ErrCorrupt, sealFile, chacha20poly1305.KeySize)
	}
	return key, err
}

// loadBatch is how much of a data folder that is made anew is written at once.
const loadBatch = 4 << 20

// Load makes the data folder dir, which must not exist or be empty, from the rows of a Dump, which next returns one after
// the other and then io.EOF. With sealKey nil it gets a new one, for rows among which nothing is sealed. When the folder
// is opened it becomes a new instance with a fresh node id: what the lost node wrote after the Dump may be known to others.
func Load(dir string, sealKey func() []byte, next func() (Row, error)) error {
	if err := load(dir, sealKey, next); err != nil {
		return fmt.Errorf("make data folder %s: %w", dir, plain(err))
	}
	return nil
}

func load(dir string, sealKey func() []byte, next func() (Row, error)) error {
	if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
		return errors.New("the folder is not empty")
	}
	if err := makeFolder(dir); err != nil {
		return err
	}
	if err := loadRows(filepath.Join(dir, "db"), next); err != nil {
		return err
	}
	key := sealKey()
	if key == nil {
		key = make([]byte, chacha20poly1305.KeySize)
		rand.Read(key)
	}
	return writeFile(filepath.Join(dir, sealFile), key)
}

// loader writes rows into a database that nobody reads yet, with the same care for a full disk as the committer.
type loader struct {
	Store
	batch *pebble.Batch
}

func loadRows(dir string, next func() (Row, error)) (err error) {
	o := Options{FS: vfs.Default, Logger: slog.New(slog.DiscardHandler)}
	l := loader{Store: Store{dir: filepath.Dir(dir), fs: vfs.Default, failure: newFailure(o.Logger)}}
	if err := l.openDatabase(o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.abandon()) }()
	format := false
	for l.batch = l.db.NewBatch(); ; {
		r, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if string(r.Key) == formatKey {
			format = true
		} else if len(r.Key) < 2 || r.Key[0] != rowFormat {
			return fmt.Errorf("%w: a row's key is %x", ErrCorrupt, r.Key)
		}
		if err := l.add(r); err != nil {
			return err
		}
	}
	if !format {
		return fmt.Errorf("%w: the rows do not say which layout they have", ErrCorrupt)
	}
	return errors.Join(l.commit(pebble.Sync), l.db.Flush(), l.failure.err())
}

func (l *loader) add(r Row) error {
	if err := l.batch.Set(r.Key, r.Value, nil); err != nil || l.batch.Len() < loadBatch {
		return err
	}
	if err := l.commit(pebble.NoSync); err != nil {
		return err
	}
	l.batch = l.db.NewBatch()
	return nil
}

func (l *loader) commit(how *pebble.WriteOptions) error {
	if err := l.room(); err != nil {
		return err
	}
	return errors.Join(l.batch.Commit(how), l.batch.Close(), l.failure.err())
}
