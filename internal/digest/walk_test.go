package digest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// side is a server's zones, kept as a list and as the tree that follows it.
type side struct {
	tree    Tree
	entries map[zone.Name]Entry
	sees    func(Group) bool
}

func newSide(entries ...Entry) *side {
	s := &side{entries: map[zone.Name]Entry{}, sees: func(Group) bool { return true }}
	for _, e := range entries {
		s.put(e)
	}
	return s
}

func (s *side) put(e Entry) {
	if old, ok := s.entries[e.Zone]; ok {
		s.tree.Remove(old)
	}
	s.entries[e.Zone] = e
	s.tree.Add(e)
}

func (s *side) drop(z zone.Name) {
	s.tree.Remove(s.entries[z])
	delete(s.entries, z)
}

func (s *side) Total(b Branch, by By) (Total, error) { return s.tree.Total(b, by, s.sees), nil }

func (s *side) Below(b Branch, by By) ([]Known, error) { return s.tree.Below(b, by, s.sees), nil }

func (s *side) Zones(branches []Branch, by By) (map[Branch][]Leaf, error) {
	zones, wanted := map[Branch][]Leaf{}, map[Branch]bool{}
	for _, b := range branches {
		wanted[b] = true
	}
	for _, e := range s.entries {
		for _, b := range Place(e.Zone, e.Group) {
			if s.sees(e.Group) && wanted[b] {
				zones[b] = append(zones[b], e.Leaf(by))
				break
			}
		}
	}
	return zones, nil
}

func name(n int) zone.Name {
	z, err := zone.ParseName(fmt.Sprintf("zone%d.example", n))
	if err != nil {
		panic(err)
	}
	return z
}

func entry(n int, home string, content uint64) Entry {
	return Entry{
		Zone: name(n), Group: Group{Home: home, Owner: "root"}, State: zone.SumOf([]byte(fmt.Sprint(n, home, content))),
		Content: zone.SumOf([]byte(fmt.Sprint(n, content))),
	}
}

func compare(t interface{ Fatal(...any) }, a, b *side, by By, w Wanted) Found {
	found, err := Walk(a, by, nil, w, func(q Question) ([]Part, error) { return Answer(b, q) })
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var all = Wanted{OnlyHere: true, OnlyThere: true, Names: 1 << 20}

func TestEqualServersNeedOneRound(t *testing.T) {
	a, b := newSide(), newSide()
	for n := range 40_000 {
		e := entry(n, fmt.Sprintf("web%d", n%50), 1)
		a.put(e)
		b.put(e)
	}
	if found := compare(t, a, b, State, all); found.Rounds != 1 || len(found.Differ)+found.Here+found.There > 0 {
		t.Errorf("%+v", found)
	}
	b.put(entry(4711, "web11", 2))
	found := compare(t, a, b, State, all)
	if found.Rounds > 5 || len(found.Differ) != 1 || found.Differ[0] != name(4711) {
		t.Errorf("%+v", found)
	}
}

func TestAWalkFindsWhatANaiveComparisonFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := newSide(), newSide()
		homes := []string{"", "web1", "web2", "web3"}
		steps := rapid.IntRange(0, 60).Draw(t, "steps")
		for range steps {
			n := rapid.IntRange(0, 20).Draw(t, "zone")
			e := entry(n, rapid.SampledFrom(homes).Draw(t, "home"), rapid.Uint64Range(0, 2).Draw(t, "content"))
			if e.Group.Home == "" {
				e.Group = Group{Deleted: true}
			}
			for _, s := range rapid.SampledFrom([][]*side{{a, b}, {a, b}, {a}, {b}}).Draw(t, "sides") {
				if _, has := s.entries[e.Zone]; has && rapid.Bool().Draw(t, "drop") {
					s.drop(e.Zone)
					continue
				}
				s.put(e)
			}
		}
		by := rapid.SampledFrom([]By{State, Content}).Draw(t, "by")
		got := compare(t, a, b, by, all)
		want := naive(a, b, by)
		sortNames(&got)
		if d := gocmp.Diff(want, got, cmpopts.IgnoreFields(Found{}, "Rounds"), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("(want, got): %s", d)
		}
	})
}

// naive looks at every zone. One that is in another group on each side is listed by both.
func naive(a, b *side, by By) (f Found) {
	for z, mine := range a.entries {
		theirs, both := b.entries[z]
		switch {
		case !both || theirs.Group != mine.Group:
			f.OnlyHere, f.Here = append(f.OnlyHere, z), f.Here+1
		case theirs.by(by) != mine.by(by):
			f.Differ = append(f.Differ, z)
		}
	}
	for z, theirs := range b.entries {
		if mine, both := a.entries[z]; !both || mine.Group != theirs.Group {
			f.OnlyThere, f.There = append(f.OnlyThere, z), f.There+1
		}
	}
	sortNames(&f)
	return f
}

func sortNames(f *Found) {
	for _, names := range [][]zone.Name{f.Differ, f.OnlyHere, f.OnlyThere} {
		slices.SortFunc(names, func(a, b zone.Name) int { return cmp.Compare(a, b) })
	}
}

func TestWhatIsNotSeenIsNotCompared(t *testing.T) {
	leaf := func(g Group) bool { return g.Home == "web1" }
	a, b := newSide(entry(1, "web1", 1)), newSide(entry(1, "web1", 1), entry(2, "web2", 1), entry(3, "web2", 1))
	a.sees, b.sees = leaf, leaf
	if found := compare(t, a, b, State, all); found.Rounds != 1 || found.There != 0 {
		t.Errorf("%+v", found)
	}
}

func TestNamesAreBoundedAndTheRestIsCounted(t *testing.T) {
	a, b := newSide(), newSide()
	for n := range 5000 {
		a.put(entry(n, "web1", 1))
		b.put(entry(n, "web1", 2))
		a.put(entry(10_000+n, "web2", 1))
		b.put(entry(20_000+n, "web3", 1))
	}
	found := compare(t, a, b, State, Wanted{OnlyHere: true, OnlyThere: true, Names: 100})
	if len(found.Differ) != 100 || !found.More || len(found.OnlyHere) != 100 || len(found.OnlyThere) != 100 {
		t.Errorf("%d, %d and %d names, more %v", len(found.Differ), len(found.OnlyHere), len(found.OnlyThere), found.More)
	}
	if found.Here != 5000 || found.There != 5000 {
		t.Errorf("%d only here, %d only there", found.Here, found.There)
	}
}

func TestAnAnswerIsBoundedAndAskedForAgain(t *testing.T) {
	a, b := newSide(), newSide()
	for n := range 3 * MaxPieces {
		b.put(entry(n, "web1", 1))
	}
	rounds := 0
	found, err := Walk(a, State, nil, all, func(q Question) ([]Part, error) {
		rounds++
		parts, err := Answer(b, q)
		pieces := 0
		for _, p := range parts {
			pieces += len(p.Below) + len(p.Zones)
		}
		if pieces > MaxPieces+MaxPieces/100 {
			t.Errorf("%d pieces in one answer", pieces)
		}
		return parts, err
	})
	if err != nil || len(found.OnlyThere) != 3*MaxPieces || rounds < 6 {
		t.Errorf("%d zones in %d rounds, error %v", len(found.OnlyThere), rounds, err)
	}
}

func TestAServerThatAnswersNonsenseEndsTheWalk(t *testing.T) {
	a := newSide(entry(1, "web1", 1))
	for what, parts := range map[string]func(q Question) []Part{
		"too few answers": func(Question) []Part { return nil },
		"a child that is none": func(q Question) []Part {
			return []Part{{Below: []Known{{Branch{Level: Bucket}, Total{Zones: 1}}}}}
		},
		"always later": func(q Question) []Part {
			p := make([]Part, len(q.Branches))
			for i := range p {
				p[i].Left = true
			}
			return p
		},
	} {
		if _, err := Walk(a, State, nil, all, func(q Question) ([]Part, error) { return parts(q), nil }); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestATreeWithoutZonesIsEmpty(t *testing.T) {
	s := newSide(entry(1, "web1", 1), entry(2, "web1", 1))
	for _, z := range slices.Collect(maps.Keys(s.entries)) {
		s.drop(z)
	}
	if len(s.tree.groups) != 0 {
		t.Errorf("%+v is left", s.tree.groups)
	}
}

// Forty thousand accounts with a zone each, none of which is the same on both sides.
func TestAWalkEndsWhereEverythingDiffers(t *testing.T) {
	a, b := newSide(), newSide()
	for n := range 40_000 {
		for _, s := range []*side{a, b} {
			e := entry(n, "web1", 1)
			if e.Group.Owner = fmt.Sprintf("account%d", n); s == b {
				e.State = e.Content
			}
			s.put(e)
		}
	}
	found := compare(t, a, b, State, Wanted{OnlyHere: true, OnlyThere: true, Names: 100})
	if len(found.Differ) != 100 || !found.More || found.Rounds > 60 {
		t.Errorf("%d names, more %v, in %d rounds", len(found.Differ), found.More, found.Rounds)
	}
}
