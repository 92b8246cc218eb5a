package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The kernel counts processor time in hundredths of a second (USER_HZ) and room on the disk in blocks of 512 octets,
// whatever the machine.
const (
	tick  = time.Second / 100
	block = 512
)

// cpu is the processor time of the process so far.
func (s *server) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.IndexByte(text, ')')+1:]))
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}

// rss is the resident memory of the process in octets.
func (s *server) rss() int64 { return s.proc("status", "VmRSS:") << 10 }

// written is how much the process has had written to the disk.
func (s *server) written() int64 { return s.proc("io", "write_bytes:") }

// proc is a number that the kernel says of the process.
func (s *server) proc(file, name string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}

// room is what a folder takes on the disk, as du counts it.
func room(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile
		}
		if info, err := d.Info(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				n += stat.Blocks * block
			}
		}
		return nil
	})
	return n
}
