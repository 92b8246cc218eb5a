package logs

import (
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// How much a package writes. Errors have a share of their own, so that a flood of warnings does not hide them; debug has
// more, because somebody wants to see it, and a bound nevertheless, because somebody may forget it.
//
// A share of 512 octets a second is 44 MB a day: about two and a half lines a second, for ever. The largest that a
// package writes in a day, with every share in flood, is 88 MB, and 1.4 GB of debug.
const (
	burst       = 256 << 10 // octets at once
	perSecond   = 512       // octets a second on the long run
	debugFactor = 32

	// maxLine bounds a line. Its texts are cut to maxValue, so that only a list of a thousand values could be longer.
	maxLine = 16 << 10

	// noteEvery is how often at most a package says how much was left out.
	noteEvery = time.Minute
)

// source is what is known of a package that writes: its level and its shares.
type source struct {
	name    string
	level   slog.LevelVar
	leftOut atomic.Uint64
	shares  [3]share // guarded by output.mu
}

func newSource(name string) *source {
	s := &source{name: name}
	for i := range s.shares {
		s.shares[i] = share{factor: 1, left: burst}
	}
	s.shares[0] = share{factor: debugFactor, left: burst * debugFactor}
	return s
}

func (s *source) share(l slog.Level) *share {
	switch {
	case l < slog.LevelInfo:
		return &s.shares[0]
	case l < slog.LevelError:
		return &s.shares[1]
	}
	return &s.shares[2]
}

// share is a bucket of octets. A line is written while there is anything in it, so it may owe one line.
type share struct {
	factor  int
	left    float64
	at      time.Time
	skipped uint64    // lines left out since the last note
	noted   time.Time // when that was
}

func (b *share) fill(now time.Time) {
	if passed := now.Sub(b.at); !b.at.IsZero() && passed > 0 {
		b.left = min(float64(burst*b.factor), b.left+passed.Seconds()*float64(perSecond*b.factor))
	}
	b.at = now
}

// output is the writer behind all loggers. It counts what a line costs.
type output struct {
	mu      sync.Mutex
	w       io.Writer
	written int
	tooLong bool
}

// write writes a line, and before it a note about lines left out earlier, as far as the share of its source goes.
func (o *output) write(s *source, level slog.Level, now time.Time, line func(note *slog.Record) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := s.share(level)
	b.fill(now)
	if b.left <= 0 {
		b.skipped++
		s.leftOut.Add(1)
		return nil
	}
	o.written, o.tooLong = 0, false
	var note slog.Record
	if b.skipped > 0 && now.Sub(b.noted) >= noteEvery {
		note = slog.NewRecord(now, level, "lines were left out: more than the limit of this package", 0)
		note.AddAttrs(slog.Uint64("lines", b.skipped))
		b.skipped, b.noted = 0, now
		if err := line(&note); err != nil {
			return err
		}
	}
	err := line(nil)
	b.left -= float64(o.written)
	if o.tooLong {
		b.skipped++
		s.leftOut.Add(1)
	}
	return err
}

// Write is called by the handlers, under write, once for each line.
func (o *output) Write(p []byte) (int, error) {
	if len(p) > maxLine {
		o.tooLong = true
		return len(p), nil
	}
	o.written += len(p)
	return o.w.Write(p)
}
