package wire

import (
	"context"
	"encoding/binary"
	"io"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// CapabilityCompare is the capability of servers that answer PathCompare and PathStand.
const CapabilityCompare = "compare"

// Bounds of comparing.
const (
	MaxStandings = 1000 // in one question
	maxOwners    = 4096 // of a scope
	minBranch    = 1 + 1 + 1 + 1 + 1 + 1 + 16
	minLeaf      = 1 + 16
	minStanding  = 1 + 1 + 1 + 16 + 16 + 1 + 1
)

// Standing is how one server stands with a zone.
type Standing struct {
	Zone           zone.Name
	Position       uint64 // of its newest change there
	Live           bool   // false: only what is left of a deleted zone
	State, Content zone.Sum
	Vector         zone.Vector
	Base           uint64
}

// WriteBranches writes a question about digests.
func WriteBranches(w io.Writer, q digest.Question) error {
	b := []byte{byte(q.By)}
	b = binary.AppendUvarint(b, uint64(len(q.Owners)))
	for _, owner := range q.Owners {
		b = appendText(b, owner)
	}
	b = binary.AppendUvarint(b, uint64(len(q.Branches)))
	for _, k := range q.Branches {
		b = appendKnown(b, k)
	}
	return writeMessage(w, message{kind: TypeBranches, payload: b})
}

// ReadBranches reads what WriteBranches wrote.
func ReadBranches(ctx context.Context, r io.Reader) (digest.Question, error) {
	return readMessage(ctx, r, TypeBranches, nil, decodeBranches)
}

func decodeBranches(b []byte) (q digest.Question, err error) {
	o := octets{rest: b}
	q.By = digest.By(o.u8("kind of digest"))
	if q.By > digest.Content {
		o.fail("kind of digest is not known")
	}
	n := o.count(1, "number of owners")
	if n > maxOwners {
		o.fail("too many owners")
	}
	for range n {
		q.Owners = append(q.Owners, o.text(digest.MaxOwner, "owner"))
	}
	n = o.count(minBranch, "number of branches")
	if n > digest.MaxBranches {
		o.fail("too many branches")
	}
	for range n {
		if o.err != nil {
			break
		}
		q.Branches = append(q.Branches, o.known())
	}
	return q, o.end("branches")
}

const branchDeleted = 1 << 0

func appendKnown(b []byte, k digest.Known) []byte {
	var flags byte
	if k.Group.Deleted {
		flags |= branchDeleted
	}
	b = append(b, byte(k.Level), flags)
	b = appendText(appendText(b, k.Group.Home), k.Group.Owner)
	b = binary.AppendUvarint(append(b, k.Bucket), uint64(k.Zones))
	return appendSum(b, k.Sum)
}

func (o *octets) known() (k digest.Known) {
	k.Level = digest.Level(o.u8("level"))
	flags := o.u8("flags")
	k.Group.Deleted = flags&branchDeleted != 0
	if k.Level > digest.Bucket || flags&^branchDeleted != 0 {
		o.fail("branch is not known")
	}
	k.Group.Home, k.Group.Owner = o.text(digest.MaxHome, "home"), o.text(digest.MaxOwner, "owner")
	k.Bucket = o.u8("bucket")
	zones := o.uvarint("number of zones")
	if zones > 1<<31 {
		o.fail("number of zones is too large")
	}
	k.Zones, k.Sum = int(zones), o.sum()
	return k
}

func appendSum(b []byte, s zone.Sum) []byte {
	octets := s.Bytes()
	return append(b, octets[:]...)
}

func (o *octets) sum() zone.Sum {
	b := o.take(16, "sum")
	if b == nil {
		return zone.Sum{}
	}
	return zone.SumFrom([16]byte(b))
}

const (
	partEqual = 1 << 0
	partLeft  = 1 << 1
)

// WriteParts writes the answer about digests.
func WriteParts(w io.Writer, parts []digest.Part) error {
	b := binary.AppendUvarint(nil, uint64(len(parts)))
	for _, p := range parts {
		var flags byte
		if p.Equal {
			flags |= partEqual
		}
		if p.Left {
			flags |= partLeft
		}
		b = binary.AppendUvarint(append(b, flags), uint64(len(p.Below)))
		for _, k := range p.Below {
			b = appendKnown(b, k)
		}
		b = binary.AppendUvarint(b, uint64(len(p.Zones)))
		for _, l := range p.Zones {
			b = appendSum(append(b, l.Zone...), l.Sum)
		}
	}
	return writeMessage(w, message{kind: TypeParts, payload: b})
}

// ReadParts reads what WriteParts wrote. The budget bounds what large answers take together, nil for none.
func ReadParts(ctx context.Context, r io.Reader, budget Budget) ([]digest.Part, error) {
	return readMessage(ctx, r, TypeParts, budget, decodeParts)
}

func decodeParts(b []byte) (parts []digest.Part, err error) {
	o := octets{rest: b}
	n := o.count(3, "number of parts")
	if n > digest.MaxBranches {
		o.fail("too many parts")
	}
	for range n {
		flags := o.u8("flags")
		p := digest.Part{Equal: flags&partEqual != 0, Left: flags&partLeft != 0}
		for range o.count(minBranch, "number of branches") {
			if o.err != nil {
				break
			}
			p.Below = append(p.Below, o.known())
		}
		for range o.count(minLeaf, "number of zones") {
			if o.err != nil {
				break
			}
			p.Zones = append(p.Zones, digest.Leaf{Zone: o.name(), Sum: o.sum()})
		}
		if o.err != nil {
			break
		}
		parts = append(parts, p)
	}
	return parts, o.end("parts")
}

// WriteStandings writes how a server stands with zones.
func WriteStandings(w io.Writer, standings []Standing) error {
	b := binary.AppendUvarint(nil, uint64(len(standings)))
	for _, s := range standings {
		var flags byte
		if s.Live {
			flags |= standingLive
		}
		b = binary.AppendUvarint(append(b, s.Zone...), s.Position)
		b = appendSum(appendSum(append(b, flags), s.State), s.Content)
		b = binary.AppendUvarint(zone.AppendVector(b, s.Vector), s.Base)
	}
	return writeMessage(w, message{kind: TypeStandings, payload: b})
}

const standingLive = 1 << 0

// ReadStandings reads what WriteStandings wrote.
func ReadStandings(ctx context.Context, r io.Reader) ([]Standing, error) {
	return readMessage(ctx, r, TypeStandings, nil, decodeStandings)
}

func decodeStandings(b []byte) (standings []Standing, err error) {
	o := octets{rest: b}
	n := o.count(minStanding, "number of zones")
	if n > MaxStandings {
		o.fail("too many zones")
	}
	for range n {
		s := Standing{Zone: o.name(), Position: o.uvarint("position"), Live: o.u8("flags")&standingLive != 0}
		s.State, s.Content, s.Vector, s.Base = o.sum(), o.sum(), o.vector(), o.uvarint("base")
		if o.err != nil {
			break
		}
		standings = append(standings, s)
	}
	return standings, o.end("standings")
}

func (o *octets) vector() zone.Vector {
	if o.err != nil {
		return nil
	}
	v, rest, err := zone.DecodeVector(o.rest)
	if err != nil {
		o.fail("vector: " + err.Error())
		return nil
	}
	o.rest = rest
	return v
}
