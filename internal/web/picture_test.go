package web

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// drawn is the picture of web1 with members, of whom others have stated links.
func drawn(members int, edges ...cluster.Edge) picture {
	st := control.Status{Self: control.Identity{Name: "web1"}, Clustering: true}
	for i := range members {
		var m control.MemberStatus
		m.Name, m.Role = fmt.Sprintf("ns%02d", i+1), cluster.Roles()[i%3]
		m.Link.Connected = true
		st.Members = append(st.Members, m)
	}
	return draw(st, edges, time.Time{})
}

// Every server has a place of its own inside of the picture, and every link an arrow with its role beside it.
func TestThePictureHasEveryServerAndLink(t *testing.T) {
	for members := range 12 {
		var edges []cluster.Edge
		for i := range members {
			edges = append(edges, cluster.Edge{From: fmt.Sprintf("ns%02d", i+1), To: "web1", Role: cluster.Standalone})
		}
		if members > 1 {
			edges = append(edges, cluster.Edge{From: "ns01", To: "ns02", Role: cluster.WriteOnly}, cluster.Edge{From: "ns01", To: "far", Role: cluster.Synchronize}, cluster.Edge{From: "far", To: "farther", Role: cluster.WriteOnly})
		}
		p := drawn(members, edges...)
		if want := members + len(edges); len(p.Arrows) != want || len(p.Text) != want {
			t.Errorf("%d members: %d arrows and %d sentences, want %d", members, len(p.Arrows), len(p.Text), want)
		}
		for i, n := range p.Nodes {
			if n.X < 0 || n.Y < 0 || n.X+nodeWidth > p.Width || n.Y+n.Height > p.Height {
				t.Errorf("%d members: %+v is outside of %d × %d", members, n, p.Width, p.Height)
			}
			for _, other := range p.Nodes[:i] {
				if n.X == other.X && n.Y < other.Y+other.Height && other.Y < n.Y+n.Height {
					t.Errorf("%d members: %s lies over %s", members, n.Name, other.Name)
				}
			}
		}
		for _, a := range p.Arrows {
			if len(a.Labels) == 0 || a.Labels[0].Role == "" || !a.AtStart && !a.AtEnd {
				t.Errorf("%d members: an arrow says nothing: %+v", members, a)
			}
		}
	}
}

// The heads are where changes arrive.
func TestArrowsShowTheDirection(t *testing.T) {
	p := drawn(3)
	heads := map[string][2]bool{}
	for _, a := range p.Arrows {
		heads[a.Labels[0].Role] = [2]bool{a.AtStart, a.AtEnd}
	}
	want := map[string][2]bool{"standalone": {true, false}, "synchronize": {true, true}, "write-only": {false, true}}
	if fmt.Sprint(heads) != fmt.Sprint(want) {
		t.Errorf("heads %v, want %v", heads, want)
	}
}

// What is wrong is said in words, not only in a colour.
func TestThePictureHasWords(t *testing.T) {
	var m control.MemberStatus
	m.Name, m.Role, m.Threshold = "ns1", cluster.Synchronize, 10
	m.Health.Failures, m.Health.LastError = 3, "no answer"
	m.Link.Waiting = 1234
	p := draw(control.Status{Self: control.Identity{Name: "web1"}, Clustering: true, Members: []control.MemberStatus{m}}, nil, time.Time{})
	if !slices.ContainsFunc(p.Text, func(s string) bool { return strings.Contains(s, "1,234 waiting") }) || p.Nodes[1].State != "no answer" {
		t.Errorf("it says %q, %+v", p.Text, p.Nodes)
	}
}

func TestALargeClusterIsNotDrawnWhole(t *testing.T) {
	p := drawn(maxDrawn + 10)
	if len(p.Nodes) != maxDrawn || p.TooMany != 11 || len(p.Arrows) != maxDrawn-1 {
		t.Errorf("%d servers, %d arrows, %d too many", len(p.Nodes), len(p.Arrows), p.TooMany)
	}
	if len(p.Text) != maxDrawn+10 {
		t.Errorf("%d sentences", len(p.Text))
	}
}
