package store

import (
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options are the choices of Open; the zero value is right for a server.
type Options struct {
	// Logger gets what the operator should know: a new node id, a lost key file, the database's complaints. Nil
	// discards it.
	Logger *slog.Logger
	// Synced is told how long each batch of commits took to become durable; nil is told nothing. The committer calls
	// it, so it must be quick.
	Synced func(time.Duration)
	// FS replaces the file system of the database, for tests of crashes and full disks. Nil is the real one. The
	// identity and the key file always lie in the real data folder.
	FS vfs.FS
	// MachineID replaces the content of /etc/machine-id, for tests.
	MachineID string
	// Untimed, for tests in virtual time, lets compactions begin only when something was written or another has ended. The
	// database otherwise looks ten times a second, which is most of what happens in an hour of a quiet server.
	Untimed bool
}

// The memory budget, stated in the package comment. The database takes its memtables out of the cache's room: with less
// than what they take nothing is left for blocks, and each read of a row unpacks the index of its file again. Answers come
// from the nameserver's own table, so blocks are read for edits alone, and a thousand of them are enough for those. Small
// memtables keep the memory even: each is new memory, and there are up to four while edits come fast.
const (
	cacheBytes    = 16<<20 + 2*memTableBytes
	memTableBytes = 8 << 20
	memTables     = 4
)

// The formats of the database under the store: a data folder is raised to it when opened, never above what this
// version was tested with.
const databaseFormat = pebble.FormatValueSeparation

func (o Options) database(f *failure, total uint64) *pebble.Options {
	memTable := uint64(memTableBytes)
	for memTable > 1<<20 && total > 0 && memTable > total/16 {
		memTable /= 2 // a log is preallocated at the size of a memtable: a small file system gets small ones
	}
	opts := &pebble.Options{
		FS:                          logFS{o.FS, f},
		CacheSize:                   cacheBytes,
		MemTableSize:                memTable,
		MemTableStopWritesThreshold: memTables,
		MaxOpenFiles:                500,
		FormatMajorVersion:          databaseFormat,
		Logger:                      f,
		EventListener:               &pebble.EventListener{DataCorruption: f.corrupt, BackgroundError: f.background},
		CompactionConcurrencyRange:  func() (int, int) { return 1, 2 },
	}
	if o.Untimed {
		opts.Experimental.CompactionScheduler = pebble.NewConcurrencyLimitSchedulerWithNoPeriodicGrantingForTest()
	}
	for i := range opts.Levels {
		opts.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
		opts.Levels[i].BlockSize = blockBytes
		if i >= len(opts.Levels)-coldLevels {
			opts.Levels[i].Compression = func() *sstable.CompressionProfile { return sstable.ZstdCompression }
		}
	}
	return opts
}

// Nearly all of a folder is history, whose rows repeat each other: names, authors, node ids, the versions before and
// after. In blocks of 16 KiB, packed well in the two lowest levels where nearly all of them lie, a change of a record
// takes about 55 octets, a third of what it does in blocks of 4 KiB packed quickly. Larger blocks would make reading one
// row dearer.
const (
	blockBytes = 16 << 10
	coldLevels = 2
)
