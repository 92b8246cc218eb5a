package serve

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// build lays a view out as content. What no view should have is left out: RRsets outside the zone, without records, a
// second one of the same owner and type.
func build(seed maphash.Seed, v *zone.View) *content {
	b := builder{seed: seed, apex: v.Zone}
	sets := b.servable(v.RRsets)
	b.open(b.apex)
	for len(sets) > 0 {
		n := 1
		for n < len(sets) && sets[n].Owner == sets[0].Owner {
			n++
		}
		b.owner(sets[0].Owner, sets[:n])
		sets = sets[n:]
	}
	return b.content(v.Serial)
}

type builder struct {
	seed  maphash.Seed
	apex  zone.Name
	nodes []builtNode
	sets  []zone.RRset
	trail []uint32 // the nodes from the apex to the last one
	bytes int      // that names and rdata take
}

type builtNode struct {
	node
	text   zone.Name
	shared zone.Name // the descendant in whose bytes the name is found, for an empty non-terminal
}

// servable returns the RRsets that belong to the zone, in canonical order of owner, which ancestors-first relies on.
func (b *builder) servable(sets []zone.RRset) []zone.RRset {
	out := make([]zone.RRset, 0, len(sets))
	for _, s := range sets {
		if len(s.Data) > 0 && s.Owner.IsSubdomainOf(b.apex) && !slices.ContainsFunc(s.Data, tooLong) {
			out = append(out, s)
		}
	}
	order := func(x, y zone.RRset) int {
		return cmp.Or(x.Owner.Compare(y.Owner), cmp.Compare(x.Type, y.Type))
	}
	if !slices.IsSortedFunc(out, order) {
		slices.SortStableFunc(out, order)
	}
	return slices.CompactFunc(out, func(x, y zone.RRset) bool { return order(x, y) == 0 })
}

func tooLong(data []byte) bool { return len(data) > maxTCP }

// owner adds a node with its RRsets, and before it the empty non-terminals on the way to it.
func (b *builder) owner(name zone.Name, sets []zone.RRset) {
	if name != b.apex {
		b.climb(name)
		b.open(name)
	}
	at := b.trail[len(b.trail)-1]
	n := &b.nodes[at]
	n.sets, n.nsets = uint32(len(b.sets)), uint16(len(sets))
	for _, s := range sets {
		switch tidy := tidySet(s); {
		case s.Type == zone.TypeNS && tidy && name != b.apex:
			n.kind |= kindCut
		case s.Type == zone.TypeDNAME && tidy:
			n.kind |= kindDNAME
		case s.Type == zone.TypeCNAME && tidy:
			n.kind |= kindCNAME
		}
		for _, d := range s.Data {
			b.bytes += 2 + len(d)
		}
	}
	if n.top == none && n.kind&(kindCut|kindDNAME) != 0 {
		n.top = at
	}
	b.sets = append(b.sets, sets...)
}

// climb shortens the trail to the ancestors of name and adds the missing ones.
func (b *builder) climb(name zone.Name) {
	for len(b.trail) > 1 && !name.IsSubdomainOf(b.nodes[b.trail[len(b.trail)-1]].text) {
		b.trail = b.trail[:len(b.trail)-1]
	}
	var missing []zone.Name
	last := b.nodes[b.trail[len(b.trail)-1]].text
	for up := name.Parent(); up != last; up = up.Parent() {
		missing = append(missing, up)
	}
	for _, up := range slices.Backward(missing) {
		b.open(up)
		b.nodes[len(b.nodes)-1].shared = name
		b.bytes -= len(up)
	}
}

// open adds a node without RRsets below the end of the trail.
func (b *builder) open(name zone.Name) {
	at := uint32(len(b.nodes))
	n := builtNode{text: name, node: node{
		hash: uint32(maphash.String(b.seed, string(name))), wild: none, top: none, size: uint8(len(name)),
	}}
	if len(b.trail) > 0 {
		up := &b.nodes[b.trail[len(b.trail)-1]]
		n.top = up.top
		if name.IsWildcard() {
			up.wild = at
		}
	}
	b.bytes += len(name)
	b.nodes = append(b.nodes, n)
	b.trail = append(b.trail, at)
}

// content writes the arena.
func (b *builder) content(serial uint32) *content {
	size := uint32(1) << bits.Len(uint(len(b.nodes)*3/2))
	c := &content{
		hash: maphash.String(b.seed, string(b.apex)), mask: size - 1, count: uint32(len(b.nodes)),
		serial: serial, size: uint8(len(b.apex)), labels: uint8(b.apex.Labels()),
	}
	c.slots = uint32(b.bytes)
	c.nodes = c.slots + 4*size
	c.sets = c.nodes + nodeSize*uint32(len(b.nodes))
	arena := make([]byte, 0, int(c.sets)+rrsetSize*len(b.sets))
	arena = b.writeNames(arena)
	arena, laid := b.writeRecords(arena)
	arena = append(arena, make([]byte, 4*size)...)
	for i, n := range b.nodes {
		arena = appendNode(arena, n.node)
		at := n.hash & c.mask
		for binary.LittleEndian.Uint32(arena[c.slots+at*4:]) != 0 {
			at = (at + 1) & c.mask
		}
		binary.LittleEndian.PutUint32(arena[c.slots+at*4:], uint32(i+1))
	}
	for _, s := range laid {
		arena = appendRRset(arena, s)
	}
	c.arena = arena
	_, c.hasSOA = c.typed(c.node(0), zone.TypeSOA)
	return c
}

func (b *builder) writeNames(arena []byte) []byte {
	for i := range b.nodes {
		n := &b.nodes[i]
		if n.shared == "" {
			n.name = uint32(len(arena))
			arena = append(arena, n.text...)
		}
	}
	// An empty non-terminal comes before the descendant for which it was made, so this one's place is known now.
	for i := len(b.nodes) - 1; i >= 0; i-- {
		n := &b.nodes[i]
		if n.shared == "" {
			continue
		}
		next := b.nodes[i+1] // one label longer: another such name, or the descendant itself
		n.name = next.name + uint32(len(next.text)-len(n.text))
	}
	return arena
}

func (b *builder) writeRecords(arena []byte) ([]byte, []rrset) {
	laid := make([]rrset, len(b.sets))
	for i, s := range b.sets {
		start := len(arena)
		for _, d := range s.Data {
			arena = binary.BigEndian.AppendUint16(arena, uint16(len(d)))
			arena = append(arena, d...)
		}
		laid[i] = rrset{typ: s.Type, tidy: tidySet(s), ttl: s.TTL, data: uint32(start), size: uint32(len(arena) - start)}
	}
	return arena, laid
}

func tidySet(s zone.RRset) bool {
	l := layoutOf(s.Type)
	for _, d := range s.Data {
		if !l.fits(d) {
			return false
		}
	}
	return true
}
