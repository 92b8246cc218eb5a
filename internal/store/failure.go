package store

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// failure is the database's logger, because that is how the database says that it cannot continue: it calls Fatalf
// when its log or manifest cannot be written and expects not to come back. The default ends the process in the middle
// of whatever it does. Here the cause is kept, the committer refuses from then on, and Run returns it.
type failure struct {
	log     *slog.Logger
	opening atomic.Bool
	once    sync.Once
	failed  chan struct{}
	cause   error // read only after failed is closed
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
// manifest, so its goroutine ends here, which releases its locks and starts no other. The database cannot be closed
// after that and is left to the end of the process.
func (f *failure) Fatalf(format string, args ...any) {
	f.fail(cause(format, args))
	if f.opening.Load() || strings.HasPrefix(format, fatalCommit) {
		return
	}
	runtime.Goexit()
}

// cause keeps the error among the arguments, so that it can be asked what it is.
func cause(format string, args []any) error {
	for _, a := range args {
		if err, ok := a.(error); ok {
			return fmt.Errorf("%s: %w", strings.TrimSuffix(format, ": %v"), err)
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

// background is told of a flush or compaction that failed and will be tried again.
func (f *failure) background(err error) {
	f.log.Warn("database", "message", "background work failed, will be tried again", "cause", err)
}

// corrupt is told of a damaged file; the read that met it gets the error.
func (f *failure) corrupt(info pebble.DataCorruptionInfo) {
	f.log.Error("database file is damaged, restore a backup", "file", info.Path, "cause", info.Details)
}
