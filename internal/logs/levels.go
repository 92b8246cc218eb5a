package logs

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
)

// Levels says from which severity on lines are written: for every package, and for some another one.
type Levels struct {
	Default  slog.Level
	Packages map[string]slog.Level
}

// ParseLevels reads "info,store=debug,rest=warn": a level for all and others for some packages, either of which may be
// missing. Levels are debug, info, warn and error.
func ParseLevels(s string) (Levels, error) {
	out := Levels{Packages: map[string]slog.Level{}}
	seen := map[string]bool{}
	for _, part := range strings.Split(s, ",") {
		name, level, of := strings.Cut(strings.TrimSpace(part), "=")
		if !of {
			name, level = "", name
		}
		name = strings.TrimSpace(name)
		if of && !packageName(name) {
			return Levels{}, fmt.Errorf("%q is not the name of a package", name)
		}
		if seen[name] {
			return Levels{}, fmt.Errorf("%q says twice what %s writes", s, orAll(name))
		}
		seen[name] = true
		l, err := ParseLevel(strings.TrimSpace(level))
		if err != nil {
			return Levels{}, err
		}
		if of {
			out.Packages[name] = l
		} else {
			out.Default = l
		}
	}
	return out, nil
}

// ParseLevel reads one level.
func ParseLevel(s string) (slog.Level, error) {
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if s == LevelText(l) {
			return l, nil
		}
	}
	return 0, fmt.Errorf("%q is not a level: debug, info, warn or error", s)
}

// LevelText is a level as people write it.
func LevelText(l slog.Level) string { return strings.ToLower(l.String()) }

// String is the form that ParseLevels reads.
func (l Levels) String() string {
	parts := []string{LevelText(l.Default)}
	for _, name := range slices.Sorted(maps.Keys(l.Packages)) {
		parts = append(parts, name+"="+LevelText(l.Packages[name]))
	}
	return strings.Join(parts, ",")
}

func (l Levels) of(name string) slog.Level {
	if level, ok := l.Packages[name]; ok {
		return level
	}
	return l.Default
}

func packageName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789/_-") == ""
}

func orAll(name string) string {
	if name == "" {
		return "every package"
	}
	return name
}
