package zone

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A history is some nodes that create, edit, delete, import, undo, choose, replace and send each other deltas and whole
// states, in any order, late and more than once.
type history struct {
	t     *rapid.T
	nodes []*histNode
	mail  []message // everything ever sent; may be delivered to anybody, any number of times
	drops bool      // nodes forget lone absents and ended content at once
}

// A histNode keeps, beside its state, the oracle and the commits that its deltas are made of.
type histNode struct {
	*testNode
	oracle  *oracle
	commits []commit
	base    *SourceBase // what its source of files was last given
	serial  uint32
	high    uint64 // base + counters, of which serial is the low half
}

type commit struct {
	before Vector
	keys   []Key
	whole  bool
}

type message struct {
	delta Delta
	whole Delta // of the same moment
	known *oracle
	from  *histNode
}

func newHistory(t *rapid.T, drops bool) *history {
	h := &history{t: t, drops: drops}
	for i := range rapid.IntRange(2, 5).Draw(t, "nodes") {
		n := newNodes(t, string(rune('a'+i)))[0]
		n.now += Millis(rapid.IntRange(-5000, 5000).Draw(t, "skew"))
		h.nodes = append(h.nodes, &histNode{testNode: n, oracle: newOracle()})
	}
	return h
}

func (h *history) run(steps int) {
	if rapid.Bool().Draw(h.t, "shared") {
		h.create(h.nodes[0])
		h.send(h.nodes[0])
		for _, n := range h.nodes[1:] {
			h.receive(n, h.mail[0])
		}
	}
	acts := []func(*histNode){
		h.create, h.edit, h.edit, h.edit, h.edit, h.end, h.importFile, h.undo, h.settle, h.restore,
		h.send, h.send, h.send, h.deliver, h.deliver, h.deliver, h.push, h.forget,
	}
	for range steps {
		n := h.nodes[rapid.IntRange(0, len(h.nodes)-1).Draw(h.t, "node")]
		n.now += Millis(rapid.IntRange(0, 3000).Draw(h.t, "passes"))
		acts[rapid.IntRange(0, len(acts)-1).Draw(h.t, "act")](n)
	}
}

// commit applies a change and checks what must hold after every one.
func (h *history) commit(n *histNode, c Change) {
	if len(c.Writes) == 0 && c.Base <= n.state.Base {
		return
	}
	before := n.state.Clone()
	dot, keys, err := n.state.Apply(n.id, c)
	if err != nil {
		h.t.Fatalf("%s: %v", n.name, err)
	}
	n.remember(before, keys)
	n.oracle.learn(n.state, dot, keys, c.Saw)
	n.commits = append(n.commits, commit{before: before.Vector, keys: keys})
	h.t.Logf("%s commits %s: %s", n.name, dot, writesText(c.Writes))
	h.check(n)
	if before.heardOf() && before.Serial() == n.state.Serial() {
		h.t.Fatalf("%s: a change left the serial at %d", n.name, n.serial)
	}
}

func writesText(writes []Write) string {
	var texts []string
	for _, w := range writes {
		texts = append(texts, fmt.Sprintf("%s/%s %s", w.Key.Life, keyText(w.Key), valueText(w.Key, Version{Absent: w.Absent, Value: w.Value})))
	}
	return strings.Join(texts, "; ")
}

// check compares a node with its oracle and with its own past.
func (h *history) check(n *histNode) {
	s := n.state
	high := s.Base + s.Vector.Sum()
	if high < n.high || n.high > 0 && s.Serial() != n.serial && !ahead(s.Serial(), n.serial) {
		h.t.Fatalf("%s: the serial went from %d to %d", n.name, n.serial, s.Serial())
	}
	n.high, n.serial = high, s.Serial()
	if diff := differ(n.oracle.vector(), s.Vector); diff != "" {
		h.t.Fatalf("%s: vector (-oracle +state):\n%s", n.name, diff)
	}
	want, got := n.oracle.standing(), s.Keys
	if h.drops {
		want, got = counted(want), counted(got)
	}
	if diff := differ(want, got); diff != "" {
		h.t.Fatalf("%s: versions (-oracle +state):\n%s", n.name, diff)
	}
	if n.oracle.base != s.Base {
		h.t.Fatalf("%s: base %d, oracle %d", n.name, s.Base, n.oracle.base)
	}
	if lost := n.oracle.lost(s); !h.drops && len(lost) > 0 {
		h.t.Fatalf("%s: neither in the view nor in the conflicts nor replaced: %v", n.name, lost)
	}
	if err := s.Whole().Check(); err != nil {
		h.t.Fatalf("%s: %v", n.name, err)
	}
	h.checkServable(n)
	for _, other := range h.nodes {
		if !h.drops && other != n && other.state.ETag() == s.ETag() {
			if diff := differ(facts(other.state), facts(s)); diff != "" {
				h.t.Fatalf("%s and %s have equal vectors and base and differ:\n%s", other.name, n.name, diff)
			}
		}
	}
}

// checkServable checks what no merge may bring into a view.
func (h *history) checkServable(n *histNode) {
	v, ok := n.state.View()
	if !ok {
		return
	}
	types := map[Name]int{}
	for _, set := range v.RRsets {
		types[set.Owner]++
		if len(set.Data) == 0 || len(set.Data) > 1 && (set.Type == TypeCNAME || set.Type == TypeSOA) {
			h.t.Fatalf("%s serves %s", n.name, setText(set))
		}
	}
	for _, set := range v.RRsets {
		if set.Type == TypeCNAME && (types[set.Owner] > 1 || set.Owner == v.Zone) {
			h.t.Fatalf("%s serves %s beside other data", n.name, setText(set))
		}
	}
}

// counted are the versions that no node may forget for itself, without the absents: one beside a value may be missing
// where its opponent came after it was forgotten.
func counted(keys map[Key][]Version) map[Key][]Version {
	s := &State{Keys: keys}
	ends := s.ends()
	left := map[Key][]Version{}
	for k, versions := range keys {
		counts := slices.Clone(counting(KeyVersions{k, versions}, ends))
		counts = slices.DeleteFunc(counts, func(v Version) bool { return v.Absent })
		if len(counts) > 0 {
			left[k] = counts
		}
	}
	return left
}

func (h *history) rrset() RRset {
	owner := rapid.SampledFrom([]string{"@", "www", "mail"}).Draw(h.t, "owner")
	number := func() int { return rapid.IntRange(1, 3).Draw(h.t, "value") }
	ttl := uint32(rapid.IntRange(1, 2).Draw(h.t, "ttl"))
	switch rapid.IntRange(0, 3).Draw(h.t, "type") {
	case 0:
		if owner != "@" {
			return rrTTL(owner, TypeCNAME, ttl, fmt.Sprintf("target%d", number()))
		}
		return rrTTL(owner, TypeNS, ttl, fmt.Sprintf("ns%d.example.net.", number()))
	case 1:
		return rrTTL(owner, TypeTXT, ttl, fmt.Sprintf("text%d", number()))
	case 2:
		return rrTTL(owner, TypeTXT, ttl, fmt.Sprintf("text%d", number()), fmt.Sprintf("text%d", number()))
	}
	return rrTTL(owner, TypeA, ttl, fmt.Sprintf("192.0.2.%d", number()))
}

func (h *history) create(n *histNode) {
	if len(n.state.live()) > 0 && rapid.IntRange(0, 3).Draw(h.t, "again") > 0 {
		return
	}
	o := CreateOptions{Owner: rapid.SampledFrom([]string{"root", "alice"}).Draw(h.t, "account"), Home: n.name, Author: n.name, Now: n.now}
	if rapid.Bool().Draw(h.t, "wish") {
		// Not 0 for a new zone: with creations more than 2^31 apart the greater base looks older (RFC 1982 section 3.2).
		o.HasSerial, o.Serial = true, n.state.Serial()+uint32(rapid.IntRange(1, 1<<20).Draw(h.t, "serial"))
	}
	sets := soaAndNS()
	if rapid.Bool().Draw(h.t, "more") {
		sets = append(sets, rr("www", TypeA, "192.0.2.1"))
	}
	h.commit(n, n.state.Create(sets, o))
}

func (h *history) edit(n *histNode) {
	var writes []Write
	for range rapid.IntRange(1, 2).Draw(h.t, "edits") {
		set := h.rrset()
		act := rapid.IntRange(0, 4).Draw(h.t, "edit")
		if set.Type == TypeCNAME {
			act = 0 // lint refuses a second CNAME at one owner
		}
		switch act {
		case 0, 1:
			writes = append(writes, n.state.Set(set)...)
		case 2, 3:
			writes = append(writes, n.state.Add(set)...)
		case 4:
			writes = append(writes, n.state.SetMeta(rapid.SampledFrom([]string{MetaHome, MetaStamp}).Draw(h.t, "meta"), n.name)...)
		}
		if rapid.Bool().Draw(h.t, "or delete") {
			writes = append(writes, n.state.Set(RRset{Owner: set.Owner, Type: set.Type})...)
		}
	}
	h.commit(n, n.state.Change(n.now, n.name, writes...))
}

func (h *history) end(n *histNode) {
	if rapid.Bool().Draw(h.t, "really") {
		h.commit(n, n.state.Change(n.now, n.name, n.state.EndAll()...))
	}
}

func (h *history) importFile(n *histNode) {
	sets := append(soaAndNS(), rr("www", TypeA, fmt.Sprintf("192.0.2.%d", rapid.IntRange(1, 3).Draw(h.t, "www"))))
	if rapid.Bool().Draw(h.t, "with mail") {
		sets = append(sets, rr("mail", TypeTXT, "imported"))
	}
	h.commit(n, n.state.Import(n.now-50_000, n.name, sets, n.base))
	n.base = &SourceBase{RRsets: sets, Saw: n.state.Vector.Clone()}
}

func (h *history) undo(n *histNode) {
	writes, _ := n.state.Undo(n.last, CreateOptions{Home: n.name, Author: n.name, Now: n.now})
	h.commit(n, n.state.Change(n.now, n.name, writes...))
}

func (h *history) settle(n *histNode) {
	conflicts := n.state.Conflicts()
	if len(conflicts) == 0 {
		return
	}
	c := conflicts[rapid.IntRange(0, len(conflicts)-1).Draw(h.t, "conflict")]
	writes, err := n.state.Keep(c)
	if rapid.Bool().Draw(h.t, "choose") {
		writes, err = n.state.Choose(c, CreateOptions{Home: n.name, Author: n.name, Now: n.now})
	}
	if err == nil {
		h.commit(n, n.state.Change(n.now, n.name, writes...))
		if n.state.stands(c) {
			h.t.Fatalf("%s: conflict stands after it was settled: %s", n.name, conflictText(c))
		}
	}
}

func (h *history) restore(n *histNode) {
	lives := n.state.Lives()
	if len(lives) == 0 || len(n.state.live()) > 0 {
		return
	}
	life := lives[rapid.IntRange(0, len(lives)-1).Draw(h.t, "life")]
	c, err := n.state.Restore(life.Life, CreateOptions{Home: n.name, Author: n.name, Now: n.now})
	if err == nil {
		h.commit(n, c)
	} else if !errors.Is(err, ErrNothingLeft) {
		h.t.Fatal(err)
	}
}

// send makes what n would send to a receiver that has seen its commits up to some moment.
func (h *history) send(n *histNode) {
	m := message{whole: n.state.Whole(), known: n.oracle.clone(), from: n}
	m.delta = m.whole
	if len(n.commits) > 0 {
		from := rapid.IntRange(0, len(n.commits)-1).Draw(h.t, "since")
		whole := slices.ContainsFunc(n.commits[from:], func(c commit) bool { return c.whole })
		if !whole && !rapid.Bool().Draw(h.t, "whole") {
			var keys []Key
			for _, c := range n.commits[from:] {
				keys = append(keys, c.keys...)
			}
			m.delta = n.state.deltaOf(n.commits[from].before, keys)
		}
	}
	h.mail = append(h.mail, m)
}

func (h *history) deliver(n *histNode) {
	if len(h.mail) > 0 {
		h.receive(n, h.mail[rapid.IntRange(0, len(h.mail)-1).Draw(h.t, "message")])
	}
}

// receive joins a message; a delta must do the same as the whole state of its moment.
func (h *history) receive(n *histNode, m message) bool {
	before, byWhole := n.state.Clone(), n.state.Clone()
	encoded := AppendDelta(nil, m.delta)
	delta, rest, err := DecodeDelta(encoded)
	if err != nil || len(rest) > 0 {
		h.t.Fatalf("decode: %v, %d octets left", err, len(rest))
	}
	result, err := n.state.Join(delta)
	if errors.Is(err, ErrNeed) {
		if diff := differ(before, n.state); diff != "" {
			h.t.Fatalf("a refused delta changed the state:\n%s", diff)
		}
		return false
	}
	if err != nil || len(result.Clones) > 0 {
		h.t.Fatalf("%s joins: %v, clones %v", n.name, err, result.Clones)
	}
	n.oracle.join(m.known)
	h.t.Logf("%s joins %s up to %v", n.name, m.from.name, m.whole.Vector)
	if result.Changed {
		n.commits = append(n.commits, commit{before: before.Vector, keys: result.Touched, whole: m.delta.Whole})
	} else if diff := differ(facts(before), facts(n.state)); diff != "" {
		h.t.Fatalf("%s: a join that says it changed nothing:\n%s", n.name, diff)
	}
	if _, err := byWhole.Join(m.whole); err != nil {
		h.t.Fatal(err)
	}
	if diff := differ(byWhole.Keys, n.state.Keys); diff != "" && !h.drops {
		h.t.Fatalf("%s: joined (-whole +delta):\n%s", n.name, diff)
	}
	h.check(n)
	return true
}

// push is a write-only link from n to another node.
func (h *history) push(n *histNode) {
	to := h.nodes[rapid.IntRange(0, len(h.nodes)-1).Draw(h.t, "to")]
	if to == n {
		return
	}
	before := to.state.Vector.Clone()
	p := Push{Delta: n.state.Whole(), Sender: map[NodeID]bool{n.id: true}, Before: before, Every: rapid.Bool().Draw(h.t, "every")}
	h.receive(to, message{delta: p.Delta, whole: p.Delta, known: n.oracle, from: n})
	writes, _ := to.state.Replace(p)
	h.commit(to, to.state.Change(to.now, to.name, writes...))
}

func (h *history) forget(n *histNode) {
	if h.drops {
		n.state.DropAbsents(n.now + 1<<40)
		n.state.DropEnded(n.now + 1<<40)
		h.check(n)
	}
}

// settleDown delivers whole states, in random order, until all have seen all.
func (h *history) settleDown() {
	for range 3 {
		var pairs [][2]*histNode
		for _, from := range h.nodes {
			for _, to := range h.nodes {
				pairs = append(pairs, [2]*histNode{from, to})
			}
		}
		for _, p := range shuffled(rapid.Uint64().Draw(h.t, "order"), pairs) {
			whole := p[0].state.Whole()
			h.receive(p[1], message{delta: whole, whole: whole, known: p[0].oracle.clone(), from: p[0]})
		}
	}
	first := h.nodes[0]
	for _, n := range h.nodes[1:] {
		if diff := differ(facts(first.state), facts(n.state)); diff != "" {
			h.t.Fatalf("%s and %s have seen the same and differ:\n%s", first.name, n.name, diff)
		}
	}
}

func TestHistoriesConvergeAndLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, false)
		h.run(rapid.IntRange(5, 60).Draw(t, "steps"))
		h.settleDown()
	})
}

// What a node forgets for itself (lone absents, ended content) comes back from nobody and keeps nobody from agreeing.
func TestHistoriesConvergeWhileNodesForget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, true)
		h.run(rapid.IntRange(5, 60).Draw(t, "steps"))
		h.settleDown()
	})
}

func joined(t *rapid.T, states ...*State) *State {
	s := NewState(exampleOrg)
	for _, other := range states {
		if _, err := s.Join(other.Whole()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestJoinIsCommutativeAssociativeIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t, rapid.Bool().Draw(t, "drops"))
		h.run(rapid.IntRange(5, 40).Draw(t, "steps"))
		pick := func(name string) *State { return h.nodes[rapid.IntRange(0, len(h.nodes)-1).Draw(t, name)].state }
		a, b, c := pick("a"), pick("b"), pick("c")
		for name, pair := range map[string][2]*State{
			"a+b = b+a":         {joined(t, a, b), joined(t, b, a)},
			"(a+b)+c = a+(b+c)": {joined(t, joined(t, a, b), c), joined(t, a, joined(t, b, c))},
			"a+a = a":           {joined(t, a, a), a},
			"(a+b)+b = a+b":     {joined(t, a, b, b), joined(t, a, b)},
		} {
			if diff := differ(pair[0], pair[1]); diff != "" {
				t.Fatalf("not %s:\n%s", name, diff)
			}
		}
	})
}
