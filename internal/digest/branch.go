package digest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash/fnv"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Group is the zones of one home and owner, in the forms that a life has them. What is left of deleted zones is a group
// of its own: of those nobody can say for certain whose they were, because that is forgotten with their contents.
type Group struct {
	Home, Owner string
	Deleted     bool
}

// The longest home and owner that a group has as they are.
const (
	MaxHome  = 511
	MaxOwner = 255
)

// GroupOf is the group of a zone that is alive.
func GroupOf(home, owner string) Group {
	return Group{Home: shorten(home, MaxHome), Owner: shorten(owner, MaxOwner)}
}

// shorten puts a hash in the place of a text that is too long to travel: a home or an owner that no server has made, but
// equal ones must stay equal.
func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))
}

// Compare orders groups by home, then owner.
func (g Group) Compare(h Group) int {
	return cmp.Or(cmp.Compare(g.Home, h.Home), cmp.Compare(g.Owner, h.Owner), cmp.Compare(g.level(), h.level()))
}

func (g Group) level() int {
	if g.Deleted {
		return 1
	}
	return 0
}

// Level says how far down in a tree a branch is.
type Level uint8

// The levels. A branch of level Home has a home (or Deleted) and no owner, one of level Owner both, and one of level
// Bucket a bucket of names as well; below it are zones.
const (
	Root Level = iota
	Home
	Owner
	Bucket
)

// Branch is one place in a tree.
type Branch struct {
	Level  Level
	Group  Group
	Bucket uint8
}

// BucketOf is the bucket of a name: all servers agree on it, so it is part of the protocol (FNV-1a, 32 bits, the lowest
// octet).
func BucketOf(z zone.Name) uint8 {
	h := fnv.New32a()
	h.Write([]byte(z)) // never fails
	return uint8(h.Sum32())
}

// contains reports whether a zone of that group and name is below the branch.
func (b Branch) contains(g Group, bucket uint8) bool {
	switch b.Level {
	case Root:
		return true
	case Home:
		return g.Home == b.Group.Home && g.Deleted == b.Group.Deleted
	case Owner:
		return g == b.Group
	}
	return g == b.Group && bucket == b.Bucket
}

// Place is where a zone is, from its bucket up to the root.
func Place(z zone.Name, g Group) [4]Branch {
	return [4]Branch{
		{Bucket, g, BucketOf(z)},
		{Level: Owner, Group: g},
		{Level: Home, Group: Group{Home: g.Home, Deleted: g.Deleted}},
		{},
	}
}

// Total is how much is below a branch: how many zones, and the sum of their digests.
type Total struct {
	Zones int
	Sum   zone.Sum
}

func (t Total) add(u Total) Total { return Total{t.Zones + u.Zones, t.Sum.Add(u.Sum)} }

// Known is a branch with what one side has there.
type Known struct {
	Branch
	Total
}

// By says by what zones are compared.
type By uint8

// State compares all that servers hold that join each other's changes; Content what they serve.
const (
	State By = iota
	Content
)

// Leaf is one zone.
type Leaf struct {
	Zone zone.Name
	Sum  zone.Sum // of the state, or of the content
}
