package cluster

import (
	"fmt"
	"slices"
	"strings"
)

// Edge is a link as the members state it: From holds it and works To in the role.
type Edge struct {
	From, To string
	Role     Role
}

// sends reports whether changes flow from a to b over the link.
func (e Edge) sends(a, b string) bool {
	p := Resolve(Link{Role: e.Role})
	return p.Send != SendNone && e.From == a && e.To == b || p.Follow && e.From == b && e.To == a
}

// Fetches reports whether a server follows another by a link that it holds itself.
func Fetches(known []Edge, server, from string) bool {
	return slices.ContainsFunc(known, func(e Edge) bool {
		return e.From == server && e.To == from && Resolve(Link{Role: e.Role}).Follow
	})
}

func (e Edge) replaces() bool { return Resolve(Link{Role: e.Role}).Send == SendReplace }

// maxSteps bounds the search for circles. A cluster has tens of servers; a topology that needs more is not searched
// to its end, and the warning may be missing.
const maxSteps = 100_000

// CircleWarning says that saving a link closes a circle with a write-only link in it, naming it, as far as one node
// can know from what the members state. It is empty if there is none. Circles of joins alone are harmless: a join
// that changes nothing ends them.
func CircleWarning(known []Edge, saved Edge) string {
	others := slices.DeleteFunc(slices.Clone(known), func(e Edge) bool { return e.From == saved.From && e.To == saved.To })
	for _, way := range [][2]string{{saved.From, saved.To}, {saved.To, saved.From}} {
		if !saved.sends(way[0], way[1]) {
			continue
		}
		s := search{edges: others, goal: way[0], steps: maxSteps}
		if path := s.from([]string{way[0], way[1]}, saved.replaces()); path != nil {
			return fmt.Sprintf("this link closes a circle with a write-only link: %s; a write-only server overwrites what others wrote, use synchronize there",
				strings.Join(path, " → "))
		}
	}
	return ""
}

// search looks for a simple path back to goal over which changes flow and that contains a write-only link.
type search struct {
	edges []Edge
	goal  string
	steps int
}

func (s *search) from(path []string, replaced bool) []string {
	at := path[len(path)-1]
	for _, e := range s.edges {
		if s.steps--; s.steps < 0 {
			return nil
		}
		next := e.To
		if next == at {
			next = e.From
		}
		if !e.sends(at, next) {
			continue
		}
		replaced := replaced || e.replaces()
		if next == s.goal {
			if replaced {
				return append(slices.Clone(path), next)
			}
			continue
		}
		if slices.Contains(path, next) {
			continue
		}
		if found := s.from(append(path, next), replaced); found != nil {
			return found
		}
	}
	return nil
}

// WritersWarning says that a write-only link is saved to a server to which others already write in the same way. It
// is empty if there is none. It is shown at both writers.
func WritersWarning(known []Edge, saved Edge) string {
	if !saved.replaces() {
		return ""
	}
	var others []string
	for _, e := range known {
		if e.To == saved.To && e.From != saved.From && e.replaces() && !slices.Contains(others, e.From) {
			others = append(others, e.From)
		}
	}
	if len(others) == 0 {
		return ""
	}
	slices.Sort(others)
	return fmt.Sprintf("%s also writes to %s as write-only: for zones that both have, the last one overwrites; set one or both to synchronize",
		strings.Join(others, ", "), saved.To)
}
