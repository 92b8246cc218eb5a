package logs

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Format is how a line looks.
type Format string

// Formats. Auto is text for people at a terminal and JSON for programs elsewhere.
const (
	Auto Format = "auto"
	Text Format = "text"
	JSON Format = "json"
)

// packageKey is the attribute by which a logger says whose it is.
const packageKey = "package"

// Logs writes the lines of all loggers made from it. It is safe for concurrent use.
type Logs struct {
	out *output
	now func() time.Time

	asText atomic.Bool

	mu       sync.Mutex
	levels   Levels
	packages map[string]*source
}

// New returns Logs that write to w.
func New(w io.Writer, f Format, levels Levels) *Logs {
	l := &Logs{out: &output{w: w}, now: time.Now, packages: map[string]*source{}}
	l.Set(f, levels)
	return l
}

// Logger returns the logger of a package, as does With("package", name) on any other that came from here.
func (l *Logs) Logger(name string) *slog.Logger { return slog.New(l.handler(l.source(name), nil)) }

// Set chooses format and levels, for loggers in use too. Levels that SetLevel chose are forgotten.
func (l *Logs) Set(f Format, levels Levels) {
	l.asText.Store(f == Text || f != JSON && isTerminal(l.out.w))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.levels = Levels{levels.Default, maps.Clone(levels.Packages)}
	if l.levels.Packages == nil {
		l.levels.Packages = map[string]slog.Level{}
	}
	l.apply()
}

// SetLevel chooses the level of one package, or with an empty name that of all packages.
func (l *Logs) SetLevel(name string, level slog.Level) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if name == "" {
		l.levels = Levels{Default: level, Packages: map[string]slog.Level{}}
		l.apply()
		return nil
	}
	if l.packages[name] == nil {
		return fmt.Errorf("no package %s writes to the log: there are %s", name, strings.Join(l.names(), ", "))
	}
	l.levels.Packages[name] = level
	l.apply()
	return nil
}

// Levels returns the level of every package that has a logger.
func (l *Logs) Levels() Levels {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := Levels{l.levels.Default, map[string]slog.Level{}}
	for name, s := range l.packages {
		out.Packages[name] = s.level.Level()
	}
	return out
}

// Unknown lists the packages that have a level and no logger: most likely their names are mistyped.
func (l *Logs) Unknown() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(l.levels.Packages)) {
		if l.packages[name] == nil {
			out = append(out, name)
		}
	}
	return out
}

// LeftOut returns how many lines of each package the limits kept from being written.
func (l *Logs) LeftOut() map[string]uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]uint64{}
	for name, s := range l.packages {
		out[name] = s.leftOut.Load()
	}
	return out
}

func (l *Logs) apply() {
	for name, s := range l.packages {
		s.level.Set(l.levels.of(name))
	}
}

func (l *Logs) names() []string { return slices.Sorted(maps.Keys(l.packages)) }

// maxSources bounds the packages that are told apart. Names come from code and are few; should that ever change, the
// rest share one.
const maxSources = 100

func (l *Logs) source(name string) *source {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.packages[name]
	if s == nil && len(l.packages) >= maxSources {
		name = "others"
		s = l.packages[name]
	}
	if s == nil {
		s = newSource(name)
		s.level.Set(l.levels.of(name))
		l.packages[name] = s
	}
	return s
}

// isTerminal takes any character device for one: of those, only terminals are given to a server, or /dev/null.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
