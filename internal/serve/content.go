package serve

import (
	"encoding/binary"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// content is one zone, ready to be asked. It is immutable. Everything is in one arena without pointers, so that a zone is
// two objects for the garbage collector:
//
//	names and rdata | hash index: slots of uint32 | nodes | RRsets
//
// A name's bytes are its wire form; an RRset's are, for each record, the length of its rdata in two octets and the rdata.
// Node 0 is the apex. Nodes are in canonical order; empty non-terminals (RFC 4592 section 2.2.2) are nodes without RRsets.
type content struct {
	arena  []byte
	hash   uint64 // of the zone's name
	slots  uint32 // offset of the hash index
	mask   uint32 // its size - 1
	nodes  uint32 // offset of the nodes
	sets   uint32 // offset of the RRsets
	count  uint32 // nodes
	serial uint32
	size   uint8 // octets of the zone's name, which begins the arena
	labels uint8
	hasSOA bool
}

// none is the absence of a node number.
const none = ^uint32(0)

const (
	nodeSize  = 24
	rrsetSize = 16
)

// node is one owner name of a zone. What a search needs to know about its surroundings was settled when it was built.
type node struct {
	name  uint32 // offset in the arena
	hash  uint32 // low half of the name's hash
	sets  uint32 // number of its first RRset
	wild  uint32 // the wildcard directly below, RFC 4592 section 2.1.1
	top   uint32 // the highest delegation or DNAME at or above: the search does not go below it
	size  uint8  // octets of the name
	kind  nodeKind
	nsets uint16
}

type nodeKind uint8

const (
	kindCut   nodeKind = 1 << iota // NS below the apex: a delegation
	kindDNAME                      // RFC 6672
	kindCNAME
)

// rrset is where an RRset of the zone lies.
type rrset struct {
	typ  zone.Type
	tidy bool // rdata has the layout of its type; otherwise it is only copied
	ttl  uint32
	data uint32
	size uint32
}

func (c *content) node(i uint32) node {
	b := c.arena[c.nodes+i*nodeSize:][:nodeSize]
	return node{
		name: binary.LittleEndian.Uint32(b), hash: binary.LittleEndian.Uint32(b[4:]), sets: binary.LittleEndian.Uint32(b[8:]), wild: binary.LittleEndian.Uint32(b[12:]), top: binary.LittleEndian.Uint32(b[16:]),
		size: b[20], kind: nodeKind(b[21]), nsets: binary.LittleEndian.Uint16(b[22:]),
	}
}

func appendNode(b []byte, n node) []byte {
	for _, v := range [...]uint32{n.name, n.hash, n.sets, n.wild, n.top} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return binary.LittleEndian.AppendUint16(append(b, n.size, byte(n.kind)), n.nsets)
}

func (c *content) rrset(i uint32) rrset {
	b := c.arena[c.sets+i*rrsetSize:][:rrsetSize]
	return rrset{
		typ: zone.Type(binary.LittleEndian.Uint16(b)), tidy: b[2] != 0,
		ttl: binary.LittleEndian.Uint32(b[4:]), data: binary.LittleEndian.Uint32(b[8:]), size: binary.LittleEndian.Uint32(b[12:]),
	}
}

func appendRRset(b []byte, s rrset) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(s.typ))
	tidy := byte(0)
	if s.tidy {
		tidy = 1
	}
	b = append(b, tidy, 0)
	for _, v := range [...]uint32{s.ttl, s.data, s.size} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func (c *content) name() []byte           { return c.arena[:c.size:c.size] }
func (c *content) nodeName(n node) []byte { return c.arena[n.name:][:n.size:n.size] }
func (c *content) records(s rrset) []byte { return c.arena[s.data:][:s.size:s.size] }

// find returns the node of name.
func (c *content) find(h uint64, name []byte) (uint32, bool) {
	for at := uint32(h) & c.mask; ; at = (at + 1) & c.mask {
		i := binary.LittleEndian.Uint32(c.arena[c.slots+at*4:])
		if i == 0 {
			return none, false
		}
		if binary.LittleEndian.Uint32(c.arena[c.nodes+(i-1)*nodeSize+4:]) != uint32(h) {
			continue
		}
		if string(c.nodeName(c.node(i-1))) == string(name) {
			return i - 1, true
		}
	}
}

// typed returns the RRset of a type at a node.
func (c *content) typed(n node, t zone.Type) (rrset, bool) {
	for i := range uint32(n.nsets) {
		if s := c.rrset(n.sets + i); s.typ == t {
			return s, true
		}
	}
	return rrset{}, false
}

// firstRecord returns the rdata of the first record of an RRset in the arena's form.
func firstRecord(records []byte) []byte {
	return records[2:][:binary.BigEndian.Uint16(records)]
}
