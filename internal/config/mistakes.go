package config

import (
	"fmt"
	"strings"
)

// Mistakes are all that is wrong with what an operator said, each with its place: file and line, flag, or variable.
type Mistakes []error

func (m *Mistakes) add(err error) { *m = append(*m, err) }

// Error has a line for each.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, err := range m {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.Is look into them.
func (m Mistakes) Unwrap() []error { return m }

// suggest names the key that was probably meant: nearly the same letters, or one that begins or ends alike.
func suggest(name string) string {
	plain := strings.ReplaceAll(name, "-", "_")
	best, least := "", 3 // two letters wrong are a slip, three are another word
	for _, k := range Keys() {
		if d := distance(plain, k.Name); d < least && 2*d < len(plain) {
			best, least = k.Name, d
		}
	}
	for _, k := range Keys() {
		alike := strings.HasPrefix(k.Name, plain) || strings.HasPrefix(plain, k.Name)
		if best == "" && alike && plain != "" {
			best = k.Name
		}
	}
	if best == "" {
		return " (docs/configuration.md lists the keys)"
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// distance is how many letters must be added, removed, replaced or swapped with their neighbour to make b of a.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a) // nobody means a key by that
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
