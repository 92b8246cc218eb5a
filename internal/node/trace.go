package node

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// The debug log: 5 files of 50 MB, which hold about two million transactions.
const (
	traceFile  = "cluster.log"
	traceFiles = 5
	traceSize  = 50 << 20
)

// traceLog writes the transactions of members in debug mode, one JSON line each: no content of zones, no secrets.
type traceLog struct {
	dir string

	mu   sync.Mutex
	file *os.File
	size int64
}

func newTraceLog(dir string) *traceLog { return &traceLog{dir: dir} }

type traceLine struct {
	Time      string  `json:"time"`
	Member    string  `json:"member"`
	Direction string  `json:"direction"` // sent, received
	What      string  `json:"what"`
	Zone      string  `json:"zone,omitempty"`
	Serial    uint32  `json:"serial,omitempty"`
	Bytes     int     `json:"bytes"`
	Millis    float64 `json:"ms"`
	Result    string  `json:"result"`
}

// of returns the trace function of one member.
func (t *traceLog) of(member string) func(wire.Transaction) {
	return func(x wire.Transaction) {
		line := traceLine{
			Time: time.Now().UTC().Format(time.RFC3339Nano), Member: member, Direction: "received", What: x.What,
			Serial: x.Serial, Bytes: x.Bytes, Millis: float64(x.Took.Microseconds()) / 1000, Result: x.Result,
		}
		if x.Sent {
			line.Direction = "sent"
		}
		if x.Zone != "" {
			line.Zone = x.Zone.Text()
		}
		text, err := json.Marshal(line)
		if err == nil {
			t.write(append(text, '\n'))
		}
	}
}

// write appends a line. A log that cannot be written is no reason to stop: the line is lost.
func (t *traceLog) write(line []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file != nil && t.size+int64(len(line)) > traceSize {
		t.rotate()
	}
	if t.file == nil && t.open() != nil {
		return
	}
	n, _ := t.file.Write(line)
	t.size += int64(n)
}

func (t *traceLog) path(i int) string {
	if i == 0 {
		return filepath.Join(t.dir, traceFile)
	}
	return filepath.Join(t.dir, fmt.Sprintf("%s.%d", traceFile, i))
}

func (t *traceLog) open() error {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(t.path(0), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	t.file, t.size = f, info.Size()
	return nil
}

func (t *traceLog) rotate() {
	t.file.Close()
	t.file = nil
	for i := traceFiles - 1; i > 0; i-- {
		_ = os.Rename(t.path(i-1), t.path(i)) // the oldest is overwritten; one that is missing is no loss
	}
}

// Close ends the log.
func (t *traceLog) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
