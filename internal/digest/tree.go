package digest

import (
	"cmp"
	"slices"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Entry is one zone as a tree has it.
type Entry struct {
	Zone           zone.Name
	Group          Group
	State, Content zone.Sum
}

func (e Entry) by(by By) zone.Sum {
	if by == Content {
		return e.Content
	}
	return e.State
}

// Leaf is the entry as it is listed.
func (e Entry) Leaf(by By) Leaf { return Leaf{e.Zone, e.by(by)} }

// Tree is the sums of a server's zones. It keeps nothing of single zones: who changes one says what it was. The zero
// Tree is empty. It is not for concurrent use.
type Tree struct {
	groups map[Group][]bucket // sorted, none is empty
}

// bucket is some of a group's zones.
type bucket struct {
	number         uint8
	zones          uint32
	state, content zone.Sum
}

func (b bucket) by(by By) Total {
	t := Total{Zones: int(b.zones), Sum: b.state}
	if by == Content {
		t.Sum = b.content
	}
	return t
}

// Add takes a zone in.
func (t *Tree) Add(e Entry) {
	b := t.bucket(e)
	b.zones++
	b.state, b.content = b.state.Add(e.State), b.content.Add(e.Content)
}

// Remove takes a zone out that was added with this entry.
func (t *Tree) Remove(e Entry) {
	b := t.bucket(e)
	b.zones--
	b.state, b.content = b.state.Sub(e.State), b.content.Sub(e.Content)
	if b.zones > 0 {
		return
	}
	buckets := slices.DeleteFunc(t.groups[e.Group], func(b bucket) bool { return b.zones == 0 })
	if t.groups[e.Group] = buckets; len(buckets) == 0 {
		delete(t.groups, e.Group)
	}
}

// bucket returns the zone's bucket, made if there is none.
func (t *Tree) bucket(e Entry) *bucket {
	if t.groups == nil {
		t.groups = map[Group][]bucket{}
	}
	number := BucketOf(e.Zone)
	buckets := t.groups[e.Group]
	i, found := slices.BinarySearchFunc(buckets, number, func(b bucket, n uint8) int { return cmp.Compare(b.number, n) })
	if !found {
		buckets = slices.Insert(buckets, i, bucket{number: number})
		t.groups[e.Group] = buckets
	}
	return &buckets[i]
}

// Below returns what is directly below a branch that is not a bucket, in order, of the groups that the asker sees.
func (t *Tree) Below(b Branch, by By, sees func(Group) bool) []Known {
	var below []Known
	if b.Level == Owner {
		if sees(b.Group) {
			for _, x := range t.groups[b.Group] {
				below = append(below, Known{Branch{Bucket, b.Group, x.number}, x.by(by)})
			}
		}
		return below
	}
	totals := map[Branch]Total{}
	for g, buckets := range t.groups {
		if !b.contains(g, 0) || !sees(g) {
			continue
		}
		child := Branch{Level: Owner, Group: g}
		if b.Level == Root {
			child = Branch{Level: Home, Group: Group{Home: g.Home, Deleted: g.Deleted}}
		}
		total := totals[child]
		for _, x := range buckets {
			total = total.add(x.by(by))
		}
		totals[child] = total
	}
	for child, total := range totals {
		below = append(below, Known{child, total})
	}
	slices.SortFunc(below, func(a, b Known) int { return a.Group.Compare(b.Group) })
	return below
}

// Total is how much is below a branch.
func (t *Tree) Total(b Branch, by By, sees func(Group) bool) (total Total) {
	groups := t.groups
	if b.Level >= Owner { // a question has a thousand of these, and a server may have more groups than that
		groups = map[Group][]bucket{b.Group: t.groups[b.Group]}
	}
	for g, buckets := range groups {
		if !sees(g) {
			continue
		}
		for _, x := range buckets {
			if b.contains(g, x.number) {
				total = total.add(x.by(by))
			}
		}
	}
	return total
}
