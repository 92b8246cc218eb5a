package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// Sizes of the picture, in the units of its view box, which are pixels where there is room.
const (
	nodeWidth, nodeHeight = 176, 52
	fan                   = 84  // where arrows part from each other
	run                   = 206 // where each runs by itself, under what it says
	columnPitch           = nodeWidth + fan + run
	rowPitch              = nodeHeight + 36
	margin                = 8
	bulge                 = 64 // of an arrow between servers of one column
	apart                 = 10 // of an arrow from the middle, where two servers have two
	slot                  = 16 // room for an arrow at the edge of this server
	maxDrawn              = 48 // servers; a larger cluster is told by the table alone
)

// picture is the cluster as a drawing: servers in columns by their distance from this one, links as arrows in the direction
// in which changes flow.
type picture struct {
	Width, Height int
	Nodes         []pictureNode
	Arrows        []arrow
	Text          []string // the same in sentences
	TooMany       int      // servers that are not drawn
}

type pictureNode struct {
	X, Y, Height int
	Name, State  string
	Level        level
	Self         bool
}

type arrow struct {
	Path           string
	Labels         []label
	Level          level
	AtStart, AtEnd bool // where its heads are
}

// label is a line of text beside an arrow.
type label struct {
	X, Y        int
	Role, State string
}

// spot is a node while it is placed.
type spot struct {
	name, state string
	level       level
	self        bool
	column, row int
	x, y, h     int // of its corner, and its height
}

func (s spot) middle() int { return s.y + s.h/2 }

// link is an arrow before it is placed.
type link struct {
	from, to       string
	role, state    string
	level          level
	sends, follows bool
}

func draw(st control.Status, edges []cluster.Edge, now time.Time) picture {
	links := linksOf(st, edges, now)
	spots := placed(st, links)
	var p picture
	if len(spots) > maxDrawn {
		p.TooMany = len(spots) - maxDrawn
		spots = spots[:maxDrawn]
	}
	p.lay(spots, links)
	for _, s := range spots {
		p.Nodes = append(p.Nodes, pictureNode{X: s.x, Y: s.y, Height: s.h, Name: s.name, State: s.state, Level: s.level, Self: s.self})
	}
	p.connect(links, spots)
	for _, l := range links {
		p.Text = append(p.Text, l.sentence())
	}
	return p
}

// lay gives each spot its corner: columns from left to right, each of them centred.
func (p *picture) lay(spots []spot, links []link) {
	high := map[int]int{} // by column
	for i := range spots {
		s := &spots[i]
		s.h = nodeHeight
		if s.self {
			s.h = max(nodeHeight, slot*len(links))
		}
		s.x, s.y = margin+s.column*columnPitch, high[s.column]
		high[s.column] += s.h + rowPitch - nodeHeight
		p.Height = max(p.Height, high[s.column]-(rowPitch-nodeHeight)+2*margin)
		p.Width = max(p.Width, s.x+nodeWidth+margin)
	}
	for i := range spots {
		used := high[spots[i].column] - (rowPitch - nodeHeight)
		spots[i].y += (p.Height - used) / 2
	}
	if slices.ContainsFunc(links, func(l link) bool { return column(spots, l.from) == column(spots, l.to) }) {
		p.Width += bulge + run/2
	}
}

func column(spots []spot, name string) int {
	i := slices.IndexFunc(spots, func(s spot) bool { return s.name == name })
	if i < 0 {
		return -1
	}
	return spots[i].column
}

// linksOf is the links to draw: this server's with their state, and those that others have stated.
func linksOf(st control.Status, edges []cluster.Edge, now time.Time) []link {
	var links []link
	for _, m := range st.Members {
		row := memberRowOf(m, st.Clustering, now)
		l := newLink(st.Self.Name, m.Label(), m.Role)
		l.state, l.level = row.State.Text, row.State.Level
		if m.Link.Waiting > 0 {
			l.state = number(m.Link.Waiting) + " waiting"
			if row.Lag != "" {
				l.state += ", " + row.Lag
			}
		}
		if row.Disabled {
			l.state = row.State.Text
		}
		links = append(links, l)
	}
	for _, e := range edges {
		if e.From != st.Self.Name && e.To != "" {
			l := newLink(e.From, e.To, e.Role)
			l.level = idle
			links = append(links, l)
		}
	}
	return links
}

func newLink(from, to string, role cluster.Role) link {
	does := cluster.Resolve(cluster.Link{Role: role})
	return link{from: from, to: to, role: string(role), sends: does.Send != cluster.SendNone, follows: does.Follow}
}

func (l link) sentence() string {
	text := fmt.Sprintf("%s to %s: %s", l.from, l.to, l.role)
	if l.state != "" {
		text += ", " + l.state
	}
	return text
}

// placed gives every server a column, its distance from this one, and a row in it by name.
func placed(st control.Status, links []link) []spot {
	servers := []spot{{name: st.Self.Name, state: "this server, " + count(st.Zones, "zone", "zones"), level: good, self: true}}
	known := map[string]bool{st.Self.Name: true}
	for _, m := range st.Members {
		if s := memberState(m, st.Clustering); !known[m.Label()] {
			known[m.Label()] = true
			servers = append(servers, spot{name: m.Label(), state: s.Text, level: s.Level, column: 1})
		}
	}
	for reach := 1; reach < len(links)+2; reach++ {
		for _, l := range links {
			for _, way := range [][2]string{{l.from, l.to}, {l.to, l.from}} {
				at := slices.IndexFunc(servers, func(s spot) bool { return s.name == way[0] && s.column == reach })
				if at >= 0 && !known[way[1]] {
					known[way[1]] = true
					servers = append(servers, spot{name: way[1], state: "as " + l.from + " states", level: idle, column: reach + 1})
				}
			}
		}
	}
	slices.SortFunc(servers, func(a, b spot) int {
		return cmp.Or(cmp.Compare(a.column, b.column), strings.Compare(a.name, b.name))
	})
	next := map[int]int{}
	for i := range servers {
		servers[i].row = next[servers[i].column]
		next[servers[i].column]++
	}
	return servers
}

// connect draws the links whose ends are both in the picture. Arrows at this server begin in the order of the rows to which
// they lead, so that they do not cross.
func (p *picture) connect(links []link, spots []spot) {
	by := map[string]spot{}
	var here string
	for _, s := range spots {
		by[s.name] = s
		if s.self {
			here = s.name
		}
	}
	links = slices.DeleteFunc(slices.Clone(links), func(l link) bool {
		_, from := by[l.from]
		_, to := by[l.to]
		return !from || !to || l.from == l.to
	})
	other := func(l link) spot {
		if l.from == here {
			return by[l.to]
		}
		return by[l.from]
	}
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Compare(other(a).row, other(b).row) })
	total, seen, atSelf := map[string]int{}, map[string]int{}, 0
	for _, l := range links {
		total[pair(l)]++
		if l.from == here || l.to == here {
			atSelf++
		}
	}
	used := 0
	for _, l := range links {
		a, b := by[l.from], by[l.to]
		nth, of := seen[pair(l)], total[pair(l)]
		seen[pair(l)]++
		if a.column == b.column {
			p.Arrows = append(p.Arrows, aside(l, a, b))
			continue
		}
		left, right := a, b
		if left.column > right.column {
			left, right = b, a
		}
		from := left.middle() + (2*nth-(of-1))*apart
		if left.self {
			used++
			from = left.y + used*left.h/(atSelf+1)
		}
		p.Arrows = append(p.Arrows, across(l, left, right, from, nth, of))
	}
}

func pair(l link) string { return min(l.from, l.to) + " " + max(l.from, l.to) }

// across is the arrow between servers of two columns: it parts from the others and then runs straight to its server.
func across(l link, left, right spot, y, nth, of int) arrow {
	end := right.middle() + (2*nth-(of-1))*apart
	x1, x2 := left.x+nodeWidth+3, right.x-3
	turn := x2 - run
	out := newArrow(l)
	if l.from == left.name {
		out.Path = fmt.Sprintf("M%d %d C%d %d %d %d %d %d L%d %d", x1, y, (x1+turn)/2, y, (x1+turn)/2, end, turn, end, x2, end)
	} else {
		out.Path = fmt.Sprintf("M%d %d L%d %d C%d %d %d %d %d %d", x2, end, turn, end, (x1+turn)/2, end, (x1+turn)/2, y, x1, y)
	}
	above, below := end-6, end+15
	switch {
	case of == 1 && l.state != "":
		out.Labels = []label{{turn + 6, above, l.role, ""}, {turn + 6, below, "", l.state}}
	case nth == 0:
		out.Labels = []label{{turn + 6, above, l.role, l.state}}
	default:
		out.Labels = []label{{turn + 6, below, l.role, l.state}}
	}
	return out
}

// aside is the arrow between servers of one column.
func aside(l link, a, b spot) arrow {
	x, ay, by := a.x+nodeWidth+3, a.middle(), b.middle()
	out := newArrow(l)
	out.Path = fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x, ay, x+bulge, ay, x+bulge, by, x, by)
	out.Labels = []label{{x + bulge*3/4 + 6, (ay+by)/2 + 4, l.role, l.state}}
	return out
}

func newArrow(l link) arrow { return arrow{Level: l.level, AtStart: l.follows, AtEnd: l.sends} }

// short is a name as it fits into a node.
func short(name string) string {
	const most = 25
	if len(name) <= most {
		return name
	}
	return name[:most-1] + "…"
}
