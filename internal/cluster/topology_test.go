package cluster

import (
	"fmt"
	"strings"
	"testing"
)

func TestCircleWarning(t *testing.T) {
	wo := func(a, b string) Edge { return Edge{a, b, WriteOnly} }
	sync := func(a, b string) Edge { return Edge{a, b, Synchronize} }
	standalone := func(a, b string) Edge { return Edge{a, b, Standalone} }
	for _, c := range []struct {
		name  string
		known []Edge
		saved Edge
		want  string // the circle; empty: no warning
	}{
		{"a ring of three write-only links", []Edge{wo("b", "c"), wo("c", "a")}, wo("a", "b"), "a → b → c → a"},
		{"two servers that write to each other", []Edge{wo("b", "a")}, wo("a", "b"), "a → b → a"},
		{"a write-only link against a synchronize one", []Edge{sync("b", "a")}, wo("a", "b"), "a → b → a"},
		{"a synchronize link closes it", []Edge{wo("b", "c"), sync("c", "a")}, sync("a", "b"), "a → b → c → a"},
		{"a standalone link closes it", []Edge{wo("b", "a")}, standalone("b", "a"), ""},
		{"a standalone link brings the writes back", []Edge{wo("a", "b")}, standalone("a", "b"), ""},
		{"a server that follows whom it is written by from", []Edge{wo("b", "c"), wo("c", "d")}, standalone("b", "d"), "d → b → c → d"},
		{"a ring of joins", []Edge{sync("b", "c"), sync("c", "a")}, sync("a", "b"), ""},
		{"one synchronize link is no circle", nil, sync("a", "b"), ""},
		{"reverse trust runs in the same direction", []Edge{standalone("b", "a")}, wo("a", "b"), ""},
		{"a tree", []Edge{wo("a", "c"), wo("b", "d")}, wo("a", "b"), ""},
		{"a circle that is there without the link", []Edge{wo("b", "c"), sync("c", "b")}, sync("a", "b"), ""},
		{"the role of a link is changed", []Edge{wo("b", "c"), wo("c", "a"), wo("a", "b")}, sync("a", "b"), "a → b → c → a"},
		{"a role that nobody knows", []Edge{wo("b", "a")}, Edge{"a", "b", "both"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := CircleWarning(c.known, c.saved)
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("warning %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheSearchForCirclesIsBounded(t *testing.T) {
	var full []Edge
	for a := range 60 {
		for b := range 60 {
			if a != b {
				full = append(full, Edge{fmt.Sprint(a), fmt.Sprint(b), Synchronize})
			}
		}
	}
	if w := CircleWarning(full, Edge{"0", "1", Synchronize}); w != "" {
		t.Errorf("warning %q about joins alone", w)
	}
}

func TestWritersWarning(t *testing.T) {
	known := []Edge{{"web2", "ns1", WriteOnly}, {"web3", "ns1", Synchronize}, {"web4", "ns2", WriteOnly}, {"web1", "ns1", WriteOnly}}
	if w := WritersWarning(known, Edge{"web1", "ns1", WriteOnly}); !strings.HasPrefix(w, "web2 also writes to ns1") || !strings.HasSuffix(w, "set one or both to synchronize") {
		t.Errorf("warning %q", w)
	}
	want(t, "synchronize", WritersWarning(known, Edge{"web1", "ns1", Synchronize}), "")
	want(t, "alone", WritersWarning(known, Edge{"web1", "ns3", WriteOnly}), "")
}
