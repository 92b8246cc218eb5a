package store

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sys/unix"
)

// reserveBytes stay free on the file system of the data folder: room for what is in the memtables, for the log's next
// file and for a compaction, so that the database itself never meets the full disk.
const reserveBytes = 32 << 20

// room is asked before each batch; it is two system calls.
func (s *Store) room() error {
	usage, err := s.fs.GetDiskUsage(s.dir)
	if errors.Is(err, vfs.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask for free space: %w", err)
	}
	if reserve := min(reserveBytes, usage.TotalBytes/4); usage.AvailBytes < reserve {
		return fmt.Errorf("%w: %d MiB are free and %d MiB have to stay free; hint: make room, nothing else is needed",
			ErrDiskFull, usage.AvailBytes>>20, reserve>>20)
	}
	if err := unix.Access(s.dir, unix.W_OK); err != nil && s.fs == vfs.Default {
		return plain(fmt.Errorf("write to the data folder: %w", err))
	}
	return nil
}
