package node

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// asked keeps what is asked for, where the link is open.
type asked struct {
	open  bool
	zones map[string]uint64 // "link zone" → position
}

func (a *asked) ask(link string, z zone.Name, theirs uint64) bool {
	if a.open {
		a.zones[link+" "+z.Text()] = theirs
	}
	return a.open
}

func TestWhatWasRefusedIsAskedForWhenWhatStoodInTheWayHasChanged(t *testing.T) {
	r, a, z := newRefusals(), &asked{open: true, zones: map[string]uint64{}}, name(t, "shop.test")
	before, after := standing{live: true, owner: "alice"}, standing{live: true, owner: "bob"}
	r.note("from/a", z, 3, before)
	r.note("from/b", z, 9, before)
	r.note("from/a", z, 4, before) // a later offer takes its place

	r.changed(z, before, a.ask)
	if len(a.zones) != 0 || !r.anyOf(z) {
		t.Errorf("asked for %v though nothing has changed", a.zones)
	}
	r.changed(z, after, a.ask)
	if diff := cmp.Diff(map[string]uint64{"from/a shop.test": 4, "from/b shop.test": 9}, a.zones); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if r.anyOf(z) || r.count != 0 {
		t.Errorf("%d are remembered", r.count)
	}
}

func TestALinkThatIsNotOpenIsAskedWhenItIs(t *testing.T) {
	r, a := newRefusals(), &asked{zones: map[string]uint64{}}
	free, held := name(t, "free.test"), name(t, "held.test")
	r.note("from/a", free, 3, standing{live: true})
	r.note("from/a", held, 4, standing{live: true})
	r.note("from/b", free, 5, standing{live: true})
	r.changed(free, standing{}, a.ask)

	a.open = true
	r.opened("from/a", a.ask)
	r.opened("from/a", a.ask)
	if diff := cmp.Diff(map[string]uint64{"from/a free.test": 3}, a.zones); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if !r.anyOf(held) || r.count != 2 {
		t.Errorf("%d are remembered, want that of held.test and that of the other link", r.count)
	}
}

func TestWhatIsTakenIsNotRefusedAnyMore(t *testing.T) {
	r, z := newRefusals(), name(t, "shop.test")
	r.note("from/a", z, 3, standing{})
	r.taken("from/b", z)
	if !r.anyOf(z) {
		t.Error("another link's refusal is forgotten")
	}
	r.taken("from/a", z)
	r.taken("from/a", z)
	if r.anyOf(z) || r.count != 0 {
		t.Errorf("%d are remembered", r.count)
	}
}

func TestWhatPassedByIsAskedForWhenItIsHere(t *testing.T) {
	r, a, z := newRefusals(), &asked{open: true, zones: map[string]uint64{}}, name(t, "shop.test")
	r.pass("from/a", z, 3)
	if r.refuses("from/a", z) {
		t.Error("what passed by is taken for refused")
	}
	r.changed(z, standing{}, a.ask) // what is left of a deleted zone is here too
	if diff := cmp.Diff(map[string]uint64{"from/a shop.test": 3}, a.zones); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if r.anyOf(z) || r.count != 0 || r.passed != 0 {
		t.Errorf("%d are remembered, %d as passed by", r.count, r.passed)
	}
}

// There may be a million zones that pass by; what was refused must find room beside them.
func TestWhatPassedByLeavesRoomForRefusals(t *testing.T) {
	r := newRefusals()
	for i := range maxPassed + 10 {
		r.pass("from/a", numbered(t, i), 1)
	}
	if r.count != maxPassed || r.passed != maxPassed {
		t.Errorf("%d are remembered, want %d", r.count, maxPassed)
	}
	r.note("from/a", numbered(t, maxPassed), 1, standing{})
	r.note("from/a", numbered(t, 0), 2, standing{live: true}) // it passed by before
	if r.count != maxPassed+1 || r.passed != maxPassed-1 {
		t.Errorf("%d are remembered, %d as passed by", r.count, r.passed)
	}
}

func TestRefusalsAreBounded(t *testing.T) {
	r := newRefusals()
	for i := range maxRefusals + 10 {
		r.note("from/a", numbered(t, i), 1, standing{})
	}
	if r.count != maxRefusals || len(r.zones) != maxRefusals || r.anyOf(numbered(t, maxRefusals)) {
		t.Errorf("%d are remembered, want %d", r.count, maxRefusals)
	}
	r.taken("from/a", numbered(t, 0))
	r.note("from/a", numbered(t, maxRefusals), 1, standing{})
	if !r.anyOf(numbered(t, maxRefusals)) {
		t.Error("what is free again is not used")
	}
}

// The question is a report that names no server.
func TestAChangedZoneIsAskedForOverItsLink(t *testing.T) {
	n, z := newTestNode(t), name(t, "shop.test")
	o := &opened{reports: newReporter()}
	n.links.open["from/a"] = o
	n.commit(t, z)
	n.links.refusals.note("from/a", z, 12, standing{})
	n.zoneChanged(name(t, "other.test"))
	n.zoneChanged(z)
	if diff := cmp.Diff(map[reported][]string{{z, 12}: nil}, o.reports.waiting, cmp.AllowUnexported(reported{})); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
