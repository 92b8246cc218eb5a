package acl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Bounds of a scope: it is checked for every record that its holder writes.
const (
	maxScopeNames = 100
	maxScopeTypes = 20
)

// Scope narrows a token to single records: owner names that match one of its patterns, with one of its types. Its zero
// value narrows nothing. Whoever has one may read and write such records and do nothing else.
//
// A pattern is a domain name in which one label may be *, which stands for one label or more: _acme-challenge.* is
// _acme-challenge.example.com and _acme-challenge.www.example.net. It is kept as text, so that principals compare.
type Scope struct {
	Names string `json:",omitempty"` // patterns, with a space between
	Types string `json:",omitempty"` // types, with a space between; none is every type
}

// ParseScope reads patterns and types; neither gives the zero Scope.
func ParseScope(names, types []string) (Scope, error) {
	switch {
	case len(names) == 0 && len(types) == 0:
		return Scope{}, nil
	case len(names) == 0:
		return Scope{}, errors.New("a scope needs a name pattern (* is every name)")
	case len(names) > maxScopeNames || len(types) > maxScopeTypes:
		return Scope{}, fmt.Errorf("a scope has at most %d name patterns and %d types", maxScopeNames, maxScopeTypes)
	}
	patterns := make([]string, 0, len(names))
	for _, text := range names {
		n, err := zone.ParseName(text)
		if err != nil {
			return Scope{}, fmt.Errorf("name pattern %q: %w", text, err)
		}
		if stars := count(n, "*"); stars > 1 {
			return Scope{}, fmt.Errorf("name pattern %q has %d labels that are *: one may be", text, stars)
		}
		patterns = append(patterns, n.Text())
	}
	kinds := make([]string, 0, len(types))
	for _, text := range types {
		t, err := zone.ParseType(text)
		if err != nil {
			return Scope{}, err
		}
		if t.IsMeta() || t == zone.TypeSOA {
			return Scope{}, fmt.Errorf("type %s cannot be in a scope", t)
		}
		kinds = append(kinds, t.String())
	}
	slices.Sort(patterns)
	slices.Sort(kinds)
	return Scope{strings.Join(slices.Compact(patterns), " "), strings.Join(slices.Compact(kinds), " ")}, nil
}

// IsZero reports whether the scope narrows nothing.
func (s Scope) IsZero() bool { return s == Scope{} }

// NameList and TypeList are what ParseScope read, sorted.
func (s Scope) NameList() []string { return strings.Fields(s.Names) }

// TypeList is empty where every type is meant.
func (s Scope) TypeList() []string { return strings.Fields(s.Types) }

// Covers reports whether records of that name and type are in the scope.
func (s Scope) Covers(owner zone.Name, t zone.Type) bool {
	if s.IsZero() {
		return true
	}
	if types := s.TypeList(); len(types) > 0 && !slices.Contains(types, t.String()) {
		return false
	}
	return slices.ContainsFunc(s.NameList(), func(text string) bool {
		p, err := zone.ParseName(text)
		return err == nil && matches(labels(p), labels(owner))
	})
}

// Reaches reports whether a zone could have records of the scope.
func (s Scope) Reaches(z zone.Name) bool {
	if s.IsZero() {
		return true
	}
	return slices.ContainsFunc(s.NameList(), func(text string) bool {
		p, err := zone.ParseName(text)
		return err == nil && reaches(p, z)
	})
}

// String says what the scope covers: "TXT at _acme-challenge.*".
func (s Scope) String() string {
	types := "records"
	if s.Types != "" {
		types = strings.Join(s.TypeList(), ", ")
	}
	return types + " at " + strings.Join(s.NameList(), ", ")
}

// matches compares labels, of which one of the pattern may stand for several.
func matches(pattern, name []string) bool {
	star := slices.Index(pattern, "*")
	if star < 0 {
		return slices.Equal(pattern, name)
	}
	tail := len(pattern) - star - 1
	return len(name) >= len(pattern) && slices.Equal(pattern[:star], name[:star]) &&
		slices.Equal(pattern[star+1:], name[len(name)-tail:])
}

// reaches compares what follows the star with the end of the zone's name; what stands before it may be below the zone.
func reaches(pattern, z zone.Name) bool {
	p, at := labels(pattern), labels(z)
	star := slices.Index(p, "*")
	if star < 0 {
		return pattern.IsSubdomainOf(z)
	}
	tail := p[star+1:]
	n := min(len(tail), len(at))
	return slices.Equal(tail[len(tail)-n:], at[len(at)-n:])
}

// labels are the labels of a name, without the root's.
func labels(n zone.Name) []string {
	var out []string
	for len(n) > 1 {
		out = append(out, string(n[1:1+int(n[0])]))
		n = n[1+int(n[0]):]
	}
	return out
}

func count(n zone.Name, label string) (times int) {
	for _, l := range labels(n) {
		if l == label {
			times++
		}
	}
	return times
}
