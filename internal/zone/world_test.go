package zone

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// A tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// A testNode is one writer with its own copy of a zone and its own clock.
type testNode struct {
	t     tester
	id    NodeID
	name  string
	now   Millis
	state *State
	last  []KeyChange // what the last commit did
}

const (
	exampleOrg Name   = "\x07example\x03org\x00"
	startTime  Millis = 1_700_000_000_000 // 2023-11-14
)

// newNodes makes nodes called a, b, c … with synchronous clocks, none of which has heard of the zone.
func newNodes(t tester, names ...string) []*testNode {
	var nodes []*testNode
	for _, name := range names {
		n := &testNode{t: t, name: name, now: startTime, state: NewState(exampleOrg)}
		copy(n.id[:], name)
		nodes = append(nodes, n)
	}
	return nodes
}

// sharing makes nodes that share a zone with SOA, NS and the given records, created by the first.
func sharing(t tester, names []string, sets ...RRset) []*testNode {
	nodes := newNodes(t, names...)
	nodes[0].create(sets...)
	for _, n := range nodes[1:] {
		n.join(nodes[0])
	}
	return nodes
}

// rr makes an RRset from text. The owner is relative to example.org.
func rr(owner string, typ Type, data ...string) RRset { return rrTTL(owner, typ, 300, data...) }

func rrTTL(owner string, typ Type, ttl uint32, data ...string) RRset {
	name, err := ParseNameAt(owner, exampleOrg)
	if err != nil {
		panic(err)
	}
	var wires [][]byte
	for _, text := range data {
		wire, err := ParseData(typ, exampleOrg, strings.Fields(text))
		if err != nil {
			panic(err)
		}
		wires = append(wires, wire)
	}
	return NewRRset(name, typ, ttl, wires)
}

func soaAndNS() []RRset {
	return []RRset{rr("@", TypeSOA, "ns1 host 7 3600 600 86400 300"), rr("@", TypeNS, "ns1.example.net.")}
}

func (n *testNode) tick() Millis {
	n.now += 1000
	return n.now
}

// apply commits a change and returns its dot.
func (n *testNode) apply(c Change) Dot {
	n.t.Helper()
	before := n.state.Clone()
	dot, keys, err := n.state.Apply(n.id, c)
	if err != nil {
		n.t.Fatalf("%s: %v", n.name, err)
	}
	n.remember(before, keys)
	return dot
}

func (n *testNode) remember(before *State, keys []Key) {
	n.last = nil
	for _, k := range keys {
		n.last = append(n.last, KeyChange{Key: k, Before: before.Keys[k], After: n.state.Keys[k]})
	}
}

func (n *testNode) options() CreateOptions {
	return CreateOptions{Owner: "root", Home: n.name, Author: n.name, Now: n.tick()}
}

func (n *testNode) create(sets ...RRset) Dot {
	n.t.Helper()
	return n.createAs("root", sets...)
}

func (n *testNode) createAs(owner string, sets ...RRset) Dot {
	n.t.Helper()
	o := n.options()
	o.Owner = owner
	return n.apply(n.state.Create(append(soaAndNS(), sets...), o))
}

func (n *testNode) write(writes ...Write) Dot {
	n.t.Helper()
	return n.apply(n.state.Change(n.tick(), n.name, writes...))
}

func (n *testNode) set(sets ...RRset) Dot { n.t.Helper(); return n.write(n.state.Set(sets...)...) }
func (n *testNode) add(sets ...RRset) Dot { n.t.Helper(); return n.write(n.state.Add(sets...)...) }
func (n *testNode) end() Dot              { n.t.Helper(); return n.write(n.state.EndAll()...) }

func (n *testNode) delete(owner string, types ...Type) Dot {
	n.t.Helper()
	sets := make([]RRset, len(types))
	for i, typ := range types {
		sets[i] = rr(owner, typ)
	}
	return n.set(sets...)
}

// deltaOf is what changed since the state's vector was since. touched must have every key that any commit after that
// touched, also those with no version left: a key that is not named stays as it is at the receiver, and the record that
// was deleted here would live on there. It cannot be made across the join of a whole state.
func (s *State) deltaOf(since Vector, touched []Key) Delta {
	d := Delta{Zone: s.Zone, Since: since.Clone(), Vector: s.Vector.Clone(), Base: s.Base}
	d.Keys = make([]KeyVersions, 0, len(touched))
	for _, k := range touched {
		d.Keys = append(d.Keys, KeyVersions{Key: k, Versions: s.Keys[k]})
	}
	d.Keys = slices.CompactFunc(sortedKeys(d.Keys), func(a, b KeyVersions) bool { return a.Key == b.Key })
	return d
}

// join takes over the whole states of others.
func (n *testNode) join(others ...*testNode) {
	n.t.Helper()
	for _, o := range others {
		n.joinDelta(o.state.Whole())
	}
}

func (n *testNode) joinDelta(d Delta) JoinResult {
	n.t.Helper()
	if err := d.Check(); err != nil {
		n.t.Fatalf("%s: %v", n.name, err)
	}
	result, err := n.state.Join(d)
	if err != nil {
		n.t.Fatalf("%s: %v", n.name, err)
	}
	return result
}

// meet joins all nodes with each other.
func meet(nodes ...*testNode) {
	for range 2 {
		for _, n := range nodes {
			n.t.Helper()
			for _, o := range nodes {
				if o != n {
					n.join(o)
				}
			}
		}
	}
}

// serves checks the view, without SOA and NS.
func (n *testNode) serves(want ...string) {
	n.t.Helper()
	if diff := cmp.Diff(want, n.served()); diff != "" {
		n.t.Errorf("%s serves (-want +got):\n%s", n.name, diff)
	}
}

func (n *testNode) served() []string {
	v, ok := n.state.View()
	if !ok {
		return []string{"nothing"}
	}
	return contentOf(v)
}

func contentOf(v *View) []string {
	var lines []string
	for _, set := range v.RRsets {
		if set.Type != TypeSOA && set.Type != TypeNS {
			lines = append(lines, setText(set))
		}
	}
	return lines
}

func setText(set RRset) string {
	return fmt.Sprintf("%s %s", keyText(Key{Owner: set.Owner, Type: set.Type}), valueText(
		Key{Owner: set.Owner, Type: set.Type}, Version{Value: EncodeRRset(set.TTL, set.Data)}))
}

func keyText(k Key) string {
	if k.isMeta() {
		return k.Meta
	}
	return k.Owner.Relative(exampleOrg) + " " + k.Type.String()
}

func valueText(k Key, v Version) string {
	if v.Absent {
		return "absent"
	}
	if k.isMeta() {
		return fmt.Sprintf("%q", v.Value)
	}
	ttl, data, err := DecodeRRset(v.Value)
	if err != nil {
		return "broken: " + err.Error()
	}
	var records []string
	for _, d := range data {
		records = append(records, DataString(k.Type, d))
	}
	text := strings.Join(records, ", ")
	if ttl != 300 {
		text = fmt.Sprintf("%s ttl %d", text, ttl)
	}
	return text
}

// conflicts checks the list of conflicts: kind, key, hidden value, author, and what is served instead.
func (n *testNode) conflicts(want ...string) {
	n.t.Helper()
	var got []string
	for _, c := range n.state.Conflicts() {
		got = append(got, conflictText(c))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		n.t.Errorf("%s lists conflicts (-want +got):\n%s", n.name, diff)
	}
}

func conflictText(c Conflict) string {
	served := "nothing"
	if c.Served != nil {
		served = valueText(c.ServedKey, *c.Served)
	}
	if c.Key.Meta == MetaCreated {
		return fmt.Sprintf("%s of %s", c.Kind, c.Hidden.Author)
	}
	return fmt.Sprintf("%s %s: %s of %s, served %s", c.Kind, keyText(c.Key), valueText(c.Key, c.Hidden), c.Hidden.Author, served)
}

// agree checks that nodes that have seen the same hold and serve the same.
func agree(t tester, nodes ...*testNode) {
	t.Helper()
	first := nodes[0]
	for _, n := range nodes[1:] {
		if diff := cmp.Diff(facts(first.state), facts(n.state)); diff != "" {
			t.Errorf("%s and %s differ (-%s +%s):\n%s", first.name, n.name, first.name, n.name, diff)
		}
	}
}

// stateFacts is what must be equal where vectors and base are.
type stateFacts struct {
	View      *View
	Conflicts []Conflict
	Digest    [32]byte
	ETag      string
	Serial    uint32
}

func facts(s *State) stateFacts {
	v, _ := s.View()
	return stateFacts{View: v, Conflicts: s.Conflicts(), Digest: s.Digest(), ETag: s.ETag(), Serial: s.Serial()}
}

// conflict returns the only conflict.
func (n *testNode) conflict() Conflict {
	n.t.Helper()
	all := n.state.Conflicts()
	if len(all) != 1 {
		n.t.Fatalf("%s lists %d conflicts, want 1", n.name, len(all))
	}
	return all[0]
}

func (n *testNode) choose(c Conflict) {
	n.t.Helper()
	writes, err := n.state.Choose(c, n.options())
	if err != nil {
		n.t.Fatal(err)
	}
	n.write(writes...)
}

func (n *testNode) keep(c Conflict) {
	n.t.Helper()
	writes, err := n.state.Keep(c)
	if err != nil {
		n.t.Fatal(err)
	}
	n.write(writes...)
}

// undo undoes the last commit and returns what was left, as text.
func (n *testNode) undo(changed []KeyChange) []string {
	n.t.Helper()
	writes, left := n.state.Undo(changed, n.options())
	if len(writes) > 0 {
		n.write(writes...)
	}
	var texts []string
	for _, k := range left {
		texts = append(texts, keyText(k))
	}
	return texts
}

// differ is cmp.Diff, fast where nothing differs.
func differ(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func shuffled[T any](seed uint64, items []T) []T {
	items = slices.Clone(items)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items
}
