package zone

import "maps"

// NodeID names who writes dots. It is 8 random octets, kept while the data folder is the same (dots are never
// reused), so two nodes share one with a probability of 2^-64.
type NodeID [8]byte

// Dot names one change of one zone: the counter-th change that the node made to it. Counters start at 1; the zero Dot
// is no dot.
type Dot struct {
	Node    NodeID
	Counter uint64
}

// Vector holds, per node id, the highest counter that a state contains. It covers every dot at or below.
type Vector map[NodeID]uint64

// Millis is a time in milliseconds since 1970-01-01 UTC.
type Millis int64

// Key is one replicated cell of a zone. It belongs to a life; it is either an RRset (Meta == "") or a metadata value
// (Owner == "" and Type == 0).
type Key struct {
	Life  Dot
	Owner Name
	Type  Type
	Meta  string
}

// The metadata keys that the rules of this package read. A life is created by one Change that writes the first three;
// the life is named by that Change's dot.
const (
	MetaCreated = "created" // creation time, decimal Millis: the creating node's clock at commit
	MetaOwner   = "owner"   // account that owns the life, "root" if none
	MetaHome    = "home"    // pinned key and name of the home node, "name key-fingerprint"
	MetaEnd     = "end"     // encoded Vector that the end saw; any version with a value means the life is ended

	MetaStamp   = "stamp"   // cPanel's first lines of the zone file, kept byte for byte
	MetaTouched = "touched" // written only to keep the life that was written the newest of its owner's lives
)

// Version is one written value of a Key.
type Version struct {
	Dot  Dot
	Time Millis
	// Hash is a 32-bit hash of the whole Change that wrote it: the same dot with another hash is an alarm.
	Hash uint32
	// Absent is a deletion; Value is then nil.
	Absent bool
	// Value is EncodeRRset of TTL and Data for an RRset, the text for metadata.
	Value []byte
	// Addition says that the write asked to add records; Begin is then the dot of the version on which its run of
	// additions began, zero if the key had none.
	Addition bool
	Begin    Dot
	// Replace says that a write-only link's receiver wrote it for a sender (never replaced again by another link).
	Replace bool
	// Author is who wrote it, "user@node", for conflicts and history.
	Author string
}

// State is the replicated form of a zone, or of a part of it: a dotted map (Almeida, Shoker, Baquero 2018). The zero
// State with non-nil maps is the state of a zone never heard of.
//
// A partial State has the whole vector and base, all metadata keys, and the RRset keys of some owner names. Apply and
// the builders work on it for these names, unless NeedsWhole.
//
// The slices in Keys are sorted (Version.Compare) and never modified in place, so that copies may share them.
type State struct {
	Zone   Name
	Vector Vector
	Base   uint64
	Keys   map[Key][]Version
}

// Write is one key of a Change.
type Write struct {
	Key      Key
	Absent   bool
	Value    []byte
	Addition bool
	Begin    Dot
	Replace  bool
}

// Change is the one form of every write to a zone. Whatever number of keys it writes, it has one dot. A write whose
// Key.Life is the zero Dot belongs to the life that this Change creates (named by its own dot).
type Change struct {
	Zone   Name
	Time   Millis // wall clock; Apply raises it above what is replaced
	Author string
	// Saw is what the writer had seen: versions of the written keys that it covers are replaced, others stand beside.
	Saw Vector
	// Base is the new base, ignored unless greater than the state's.
	Base   uint64
	Writes []Write
}

// KeyVersions is a key with all its versions; none means that the key is known to have no version left.
type KeyVersions struct {
	Key      Key
	Versions []Version
}

// Delta is what travels: every key touched since a vector, with the versions they have now, or the whole state.
type Delta struct {
	Zone Name
	// Whole says that Keys holds every key of the state; a receiver drops what Vector covers and Keys lacks.
	Whole bool
	// Since must be covered by the receiver's vector, otherwise it answers need. Empty for Whole.
	Since  Vector
	Vector Vector
	Base   uint64
	Keys   []KeyVersions
}

// NewState returns the state of a zone never heard of.
func NewState(z Name) *State {
	return &State{Zone: z, Vector: Vector{}, Keys: map[Key][]Version{}}
}

// Clone returns a copy that may be changed on its own.
func (s *State) Clone() *State {
	return &State{Zone: s.Zone, Vector: s.Vector.Clone(), Base: s.Base, Keys: maps.Clone(s.Keys)}
}

// ETag names what the state contains, see the function ETag.
func (s *State) ETag() string { return ETag(s.Vector, s.Base) }

// put stores what is left of a key.
func (s *State) put(k Key, versions []Version) {
	if len(versions) == 0 {
		delete(s.Keys, k)
		return
	}
	s.Keys[k] = versions
}
