package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Position numbers the commits of one data folder, from 1. Another data folder (instance) has its own.
type Position uint64

// Version is the version of the layout that this package writes. It reads all older ones.
const Version = 1

// Store is an open data folder. All methods may be called concurrently.
type Store struct {
	dir       string
	fs        vfs.FS
	log       *slog.Logger
	lock      *os.File
	failure   *failure
	db        *pebble.DB
	published *published
	identity  *identity
	seal      *sealer
	synced    func(time.Duration)
	registers *registers
	digests   digests
	indexed   indexes // what lists read; set by Open

	queue    chan *request
	closing  chan struct{} // closed by Close
	stopped  chan struct{} // closed when the committer has ended, or will never run
	run      sync.Mutex    // held by Run, and by Close
	close    sync.Once
	closeErr error

	counters counters // owned by the committer
}

// counters are the last numbers given.
type counters struct {
	position Position
	event    uint64
	indexed  indexes
}

// Open opens the data folder, making it if it does not exist, and locks it. Reads work at once, commits wait for Run.
func Open(dir string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Synced == nil {
		o.Synced = func(time.Duration) {}
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	s := &Store{
		dir: dir, fs: o.FS, log: o.Logger, failure: newFailure(o.Logger),
		published: newPublished(), registers: newRegisters(), synced: o.Synced,
		queue: make(chan *request, queueLength), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	if err := s.open(o); err != nil {
		s.abandon()
		return nil, fmt.Errorf("open data folder %s: %w", dir, plain(err))
	}
	return s, nil
}

func (s *Store) open(o Options) (err error) {
	if err := makeFolder(s.dir); err != nil {
		return err
	}
	if s.lock, err = lockFolder(s.dir); err != nil {
		return err
	}
	if err := s.openDatabase(o); err != nil {
		return err
	}
	fresh, err := s.checkFormat()
	if err != nil {
		return err
	}
	if err := s.readCounters(); err != nil {
		return err
	}
	if s.identity, err = openIdentity(s.dir, o, fresh); err != nil {
		return err
	}
	if s.seal, err = openSealer(s.dir, o.Logger, fresh); err != nil {
		return err
	}
	if err := s.index(); err != nil {
		if s.failure.err() != nil {
			return err
		}
		s.log.Warn("zones are not indexed by owner and home, lists of one account's or server's zones read all", "err", err)
	}
	s.published.publish(s.db.NewSnapshot(), s.counters.position, nil)
	return nil
}

// makeFolder makes the folder if it is not there, so that it is still there after a power failure.
func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

func (s *Store) openDatabase(o Options) (err error) {
	var total uint64
	if usage, err := o.FS.GetDiskUsage(s.dir); err == nil {
		total = usage.TotalBytes
	}
	s.failure.opening.Store(true)
	defer s.failure.opening.Store(false)
	if s.db, err = pebble.Open(s.databaseDir(), o.database(s.failure, total)); err != nil {
		return err
	}
	return s.failure.err()
}

// databaseDir is the database's own folder inside the data folder.
func (s *Store) databaseDir() string { return filepath.Join(s.dir, "db") }

// checkFormat refuses a newer layout. A fresh folder is marked with ours.
func (s *Store) checkFormat() (fresh bool, err error) {
	v, closer, err := s.db.Get([]byte(formatKey))
	if errors.Is(err, pebble.ErrNotFound) {
		return true, s.markFormat()
	}
	if err != nil {
		return false, err
	}
	defer closer.Close()
	n, err := strconv.Atoi(string(v))
	if err != nil {
		return false, fmt.Errorf("%w: format %q", ErrCorrupt, v)
	}
	if n > Version {
		return false, fmt.Errorf("%w: its format is %d, this version reads up to %d", ErrNewer, n, Version)
	}
	return false, nil
}

func (s *Store) markFormat() error {
	if err := s.room(); err != nil {
		return err
	}
	b := s.db.NewBatch()
	defer b.Close()
	if err := b.Set([]byte(formatKey), strconv.AppendInt(nil, Version, 10), nil); err != nil {
		return err
	}
	return s.apply(b)
}

func (s *Store) readCounters() error {
	v, err := get(s.db, tableKey(tableCounter))
	if err != nil || v == nil {
		return err
	}
	d := decoder{b: v}
	s.counters = counters{position: Position(d.uint()), event: d.uint()}
	if d.err == nil && len(d.b) > 0 { // an older release stops before it
		s.counters.indexed.owners = d.bool()
	}
	if d.err == nil && len(d.b) > 0 {
		s.counters.indexed.homes = d.bool()
	}
	return d.err
}

func (c counters) value() []byte {
	b := binary.AppendUvarint(binary.AppendUvarint(value(), uint64(c.position)), c.event)
	return appendBool(appendBool(b, c.indexed.owners), c.indexed.homes)
}

// Close stops the committer if it runs, waits for the readers and closes the database. Commits that wait get
// ErrClosed; registers are written.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.closing)
		s.run.Lock() // Run has ended, and starts no more
		defer s.run.Unlock()
		s.stop()
		s.published.close()
		s.closeErr = s.abandon()
	})
	return s.closeErr
}

// abandon gives back what Open has taken so far.
func (s *Store) abandon() (err error) {
	// A database with a goroutine that ended in the middle would wait for it for ever, and others of it may still
	// write: the end of the process closes it and unlocks the folder.
	if s.failure.stuck.Load() {
		return nil
	}
	if s.db != nil {
		err = s.db.Close()
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}

// plain gives the errors of a disk that takes no writes their own names.
func plain(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}
