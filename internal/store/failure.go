package store

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// failure says whether the database can continue. It is the database's logger too, because that is how the database
// says that it cannot: it calls Fatalf, for instance when its manifest cannot be written, and expects not to come back.
// The default ends the process in the middle of whatever it does. Here the cause is kept, the committer refuses from
// then on, and Run returns it.
type failure struct {
	log     *slog.Logger
	opening atomic.Bool // errors go to who opens
	stuck   atomic.Bool // a goroutine of the database has ended in the middle: it cannot be closed
	once    sync.Once

	complained atomic.Int64 // unix time of the last complaint about background work
	failed     chan struct{}
	cause      error // read only after failed is closed
}

func newFailure(log *slog.Logger) *failure {
	return &failure{log: log, failed: make(chan struct{})}
}

func (f *failure) fail(cause error) {
	f.once.Do(func() {
		f.cause = cause
		close(f.failed)
		f.log.Error("database cannot continue", "cause", cause)
	})
}

// err is nil while the database works.
func (f *failure) err() error {
	select {
	case <-f.failed:
		return fmt.Errorf("%w: %w", ErrFailed, f.cause)
	default:
		return nil
	}
}

// fatalCommit begins the one message that comes from the committer's own goroutine.
const fatalCommit = "pebble: fatal commit error"

// Fatalf implements pebble.Logger. A commit comes back to the committer, which looks at err before it believes
// anything; opening comes back with an error. A flush or compaction must not run on after it failed to write the
// manifest, so its goroutine ends here, which releases its locks and starts no other.
func (f *failure) Fatalf(format string, args ...any) {
	f.fail(cause(format, args))
	if f.opening.Load() || strings.HasPrefix(format, fatalCommit) {
		return
	}
	f.stuck.Store(true)
	runtime.Goexit()
}

// cause keeps the error among the arguments, so that it can be asked what it is.
func cause(format string, args []any) error {
	for _, a := range args {
		if err, ok := a.(error); ok {
			return plain(err)
		}
	}
	return fmt.Errorf(format, args...)
}

// Infof implements pebble.Logger; the database's own chatter is of no use to an operator.
func (f *failure) Infof(string, ...any) {}

// Errorf implements pebble.Logger.
func (f *failure) Errorf(format string, args ...any) {
	f.log.Warn("database", "message", fmt.Sprintf(format, args...))
}

// background is told of a flush or compaction that failed. The database tries again at once, so this says it only
// now and then.
func (f *failure) background(err error) {
	now := time.Now().Unix()
	if last := f.complained.Load(); (now-last >= complainSeconds || now < last) && f.complained.CompareAndSwap(last, now) {
		f.log.Warn("database work in the background failed and is tried again", "cause", plain(err))
	}
}

const complainSeconds = 10

// corrupt is told of a damaged file; the read that met it gets the error.
func (f *failure) corrupt(info pebble.DataCorruptionInfo) {
	f.log.Error("database file is damaged, restore a backup", "file", info.Path, "cause", info.Details)
}
