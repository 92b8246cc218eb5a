package serve

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomZones makes zones of every kind of trouble, each in its own corner; some have a child that is hosted too.
func randomZones(t *testing.T, n int) (out []zoneText) {
	seed := rand.Uint64()
	t.Logf("random zones from seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		origin := fmt.Sprintf("r%d.test.", i)
		out = append(out, zoneText{origin, randomZone(origin, n, r.IntN)})
		if i%5 == 0 {
			child := "a." + origin
			out = append(out, zoneText{child, randomZone(child, n, r.IntN)})
		}
	}
	return out
}

// randomZone makes a zone from few labels, so that names meet. draw(n) is a number below n.
func randomZone(origin string, zones int, draw func(int) int) string {
	g := generator{origin: origin, zones: zones, draw: draw, alone: map[string]bool{}, used: map[string]bool{"ns": true}}
	fmt.Fprintf(&g.text, "@ 300 SOA ns host %d 3600 900 86400 %d\n@ 300 NS ns\nns 300 A 192.0.2.53\n", 1+draw(1000), 60+draw(600))
	for range 3 + draw(25) {
		g.rrset()
	}
	return g.text.String()
}

type generator struct {
	origin string
	zones  int
	draw   func(int) int
	text   strings.Builder
	used   map[string]bool // owners, and "owner type"
	alone  map[string]bool // owners of a CNAME; of a DNAME, with a dot before them, what is below must stay empty
}

func (g *generator) pick(s ...string) string { return s[g.draw(len(s))] }

func (g *generator) owner() string {
	labels := make([]string, 1+g.draw(4))
	for i := range labels {
		labels[i] = g.pick("a", "b", "c", "www", "*", "d")
	}
	return strings.Join(labels, ".")
}

// target is a name in the zone, mostly.
func (g *generator) target() string {
	switch g.draw(8) {
	case 0:
		return g.origin
	case 1:
		return "ns"
	case 2:
		return fmt.Sprintf("%s.r%d.test.", g.pick("a", "b", "www", "ns"), g.draw(g.zones))
	case 3:
		return "host.invalid."
	}
	return strings.ReplaceAll(g.owner(), "*", "x")
}

func (g *generator) rrset() {
	owner := g.owner()
	kind := g.pick("A", "A", "AAAA", "TXT", "MX", "SRV", "NS", "NS", "CNAME", "CNAME", "DNAME", "DS", "TYPE65400")
	if g.alone[owner] || g.used[owner+" "+kind] || g.belowDNAME(owner) {
		return
	}
	wild := strings.HasPrefix(owner, "*")
	switch kind {
	case "CNAME":
		if g.used[owner] {
			return
		}
		g.alone[owner] = true
	case "DNAME": // RFC 6672 section 2.4: nothing below it, no NS beside it; RFC 4592 section 4.4: not at a wildcard
		if wild || g.used[owner+" NS"] || g.hasBelow(owner) {
			return
		}
	case "NS": // RFC 4592 section 4.2: not at a wildcard
		if wild || g.used[owner+" DNAME"] {
			return
		}
	case "DS":
		if !g.used[owner+" NS"] {
			return
		}
	}
	g.used[owner], g.used[owner+" "+kind] = true, true
	ttl := 1 + g.draw(1000)
	seen := map[string]bool{}
	for range 1 + g.draw(3) {
		if data := g.data(kind); !seen[data] {
			seen[data] = true
			fmt.Fprintf(&g.text, "%s %d %s %s\n", owner, ttl, kind, data)
		}
		if kind == "CNAME" || kind == "DNAME" {
			return
		}
	}
}

func (g *generator) belowDNAME(owner string) bool {
	for up := owner; strings.Contains(up, "."); {
		_, up, _ = strings.Cut(up, ".")
		if g.used[up+" DNAME"] {
			return true
		}
	}
	return false
}

func (g *generator) hasBelow(owner string) bool {
	for name := range g.used {
		if n, _, _ := strings.Cut(name, " "); strings.HasSuffix(n, "."+owner) {
			return true
		}
	}
	return false
}

func (g *generator) data(kind string) string {
	switch kind {
	case "A":
		return fmt.Sprintf("198.51.100.%d", g.draw(256))
	case "AAAA":
		return fmt.Sprintf("2001:db8::%x", g.draw(65536))
	case "TXT":
		return fmt.Sprintf("%q", strings.Repeat(g.pick("x", "y", "z"), 1+g.draw(200)))
	case "MX":
		return fmt.Sprintf("%d %s", g.draw(100), g.target())
	case "SRV":
		return fmt.Sprintf("1 2 %d %s", g.draw(100), g.target())
	case "DS":
		return fmt.Sprintf("%d 8 2 %064x", g.draw(65536), g.draw(1<<30))
	case "TYPE65400":
		return fmt.Sprintf("\\# 2 %04x", g.draw(65536))
	}
	return g.target()
}
