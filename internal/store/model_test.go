package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// model is what the store has to look like: whole states in memory, changed in the same way. It also holds a node that
// writes the same zones (foreign) and one that follows (target).
type model struct {
	dir     string
	disk    *vfs.MemFS
	store   *Store
	stop    func()
	now     zone.Millis
	zones   map[zone.Name]*zone.State
	at      map[zone.Name]Position
	entries []Position
	foreign map[zone.Name]*zone.State
	target  map[zone.Name]*zone.State
	cursor  map[zone.Name]Position
	read    Position // the target's place in the feed
}

// The store is a map of states: whatever is done to both in the same way, they say the same.
func TestTheStoreIsAMapOfStates(t *testing.T) {
	root, runs := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		m := &model{
			dir: filepath.Join(root, fmt.Sprint(runs)), disk: vfs.NewMem(), now: 1_000_000,
			zones: map[zone.Name]*zone.State{}, at: map[zone.Name]Position{}, foreign: map[zone.Name]*zone.State{},
			target: map[zone.Name]*zone.State{}, cursor: map[zone.Name]Position{},
		}
		m.open(rt)
		defer func() { m.stop() }()
		rt.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"create":  m.create,
			"edit":    m.edit,
			"edit2":   m.edit,
			"end":     m.end,
			"foreign": m.foreignEdit,
			"join":    m.join,
			"fail":    m.fail,
			"follow":  m.follow,
			"trim":    m.trim,
			"drop":    m.drop,
			"reopen":  m.reopen,
		})
		m.follow(rt)
	})
}

func (m *model) open(t *rapid.T) {
	s, err := Open(m.dir, Options{FS: m.disk})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	m.store = s
	m.stop = func() {
		cancel()
		if err := errors.Join(<-done, s.Close()); err != nil {
			t.Error(err)
		}
	}
}

func (m *model) reopen(t *rapid.T) {
	m.stop()
	m.open(t)
}

func drawZone(t *rapid.T) zone.Name { return numbered(rapid.IntRange(0, 2).Draw(t, "zone")) }

func (m *model) known(t *rapid.T) zone.Name {
	known := slices.Sorted(maps.Keys(m.zones))
	if len(known) == 0 {
		t.Skip("no zone")
	}
	return rapid.SampledFrom(known).Draw(t, "known zone")
}

// drawSet draws an RRset at one of three owners: addresses, an alias (which hides and is hidden), or text.
func drawSet(t *rapid.T, z zone.Name) zone.RRset {
	owner := rapid.SampledFrom([]zone.Name{ownerIn(z, 0), ownerIn(z, 1), z}).Draw(t, "owner")
	n := byte(rapid.IntRange(1, 3).Draw(t, "value"))
	switch rapid.IntRange(0, 2).Draw(t, "type") {
	case 0:
		return zone.NewRRset(owner, zone.TypeA, 60, [][]byte{{10, 0, 0, n}, {10, 0, 1, n}}[:1+n%2])
	case 1:
		if owner != z {
			return zone.NewRRset(owner, zone.TypeCNAME, 60, [][]byte{[]byte(numbered(int(n)))})
		}
	}
	return zone.NewRRset(owner, zone.TypeTXT, 60, [][]byte{{1, 'a' + n}})
}

// commit does the same to the store's state, whole or in part, and to the model's.
func (m *model) commit(t *rapid.T, z zone.Name, owners []zone.Name, e Entry, do func(*zone.State) []zone.Key) {
	m.now += 1000
	e.Time = m.now
	p, err := m.store.Commit(context.Background(), z, func(tx *Tx) error {
		load := tx.State
		if len(owners) > 0 {
			load = func() (*zone.State, error) { return tx.Partial(owners...) }
		}
		st, err := load()
		if err != nil {
			return err
		}
		tx.Put(st, do(st), e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if m.zones[z] == nil {
		m.zones[z] = zone.NewState(z)
	}
	do(m.zones[z])
	m.at[z] = p
	m.entries = append(m.entries, p)
}

func mustApply(t *rapid.T, s *zone.State, node zone.NodeID, c zone.Change) []zone.Key {
	_, keys, err := s.Apply(node, c)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func (m *model) create(t *rapid.T) {
	z := drawZone(t)
	o := zone.CreateOptions{Now: m.now, Owner: rapid.SampledFrom([]string{"root", "ann"}).Draw(t, "account"), Home: "web1 key"}
	set := drawSet(t, z)
	m.commit(t, z, nil, Entry{Kind: "create"}, func(s *zone.State) []zone.Key {
		return mustApply(t, s, nodeA, s.Create([]zone.RRset{set}, o))
	})
}

// edit changes one RRset through a part of the state.
func (m *model) edit(t *rapid.T) {
	z := m.known(t)
	set := drawSet(t, z)
	remove := rapid.Bool().Draw(t, "remove")
	m.commit(t, z, []zone.Name{set.Owner}, Entry{Kind: "edit"}, func(s *zone.State) []zone.Key {
		return editSet(t, s, nodeA, m.now, set, remove)
	})
}

// editSet changes nothing when the zone does not live.
func editSet(t *rapid.T, s *zone.State, node zone.NodeID, now zone.Millis, set zone.RRset, remove bool) []zone.Key {
	if _, ok := s.Life(); !ok {
		return nil
	}
	writes := s.Set(set)
	if remove {
		writes = s.Set(zone.RRset{Owner: set.Owner, Type: set.Type})
	}
	if len(writes) == 0 {
		return nil
	}
	return mustApply(t, s, node, s.Change(now, "ann@web1", writes...))
}

func (m *model) end(t *rapid.T) {
	z := m.known(t)
	owners := []zone.Name{z}
	if rapid.Bool().Draw(t, "whole") {
		owners = nil
	}
	m.commit(t, z, owners, Entry{Kind: "delete"}, func(s *zone.State) []zone.Key {
		writes := s.EndAll()
		if len(writes) == 0 {
			return nil
		}
		return mustApply(t, s, nodeA, s.Change(m.now, "ann@web1", writes...))
	})
}

// foreignEdit lets the other node write on what it knows, which may be old.
func (m *model) foreignEdit(t *rapid.T) {
	z := drawZone(t)
	s := m.foreign[z]
	if s == nil || rapid.Bool().Draw(t, "catches up") {
		s = zone.NewState(z)
		if mine := m.zones[z]; mine != nil {
			s = mine.Clone()
		}
		m.foreign[z] = s
	}
	m.now += 1000
	set := drawSet(t, z)
	if _, ok := s.Life(); !ok {
		mustApply(t, s, nodeB, s.Create([]zone.RRset{set}, zone.CreateOptions{Now: m.now, Home: "web2 key"}))
		return
	}
	editSet(t, s, nodeB, m.now, set, rapid.Bool().Draw(t, "remove"))
}

func (m *model) join(t *rapid.T) {
	z := drawZone(t)
	s := m.foreign[z]
	if s == nil {
		t.Skip("the other node has no such zone")
	}
	delta := s.Whole()
	m.commit(t, z, nil, Entry{Kind: "join", Whole: true}, func(s *zone.State) []zone.Key {
		result, err := s.Join(delta)
		if err != nil {
			t.Fatal(err)
		}
		return result.Touched
	})
}

func (m *model) fail(t *rapid.T) {
	z, wrong := drawZone(t), errors.New("wrong")
	_, err := m.store.Commit(context.Background(), z, func(tx *Tx) error {
		st, err := tx.State()
		if err != nil {
			return err
		}
		tx.Put(st, mustApply(t, st, nodeA, st.Create([]zone.RRset{drawSet(t, z)}, zone.CreateOptions{Now: m.now})), Entry{})
		return wrong
	})
	if !errors.Is(err, wrong) {
		t.Fatalf("error %v", err)
	}
}

func (m *model) trim(t *rapid.T) {
	before := m.now - zone.Millis(rapid.IntRange(0, 5).Draw(t, "keep"))*1000
	gone := 0
	for z := range m.at {
		n, err := m.store.Trim(context.Background(), z, Keep{Every: before, Daily: before, Last: 1})
		if err != nil {
			t.Fatal(err)
		}
		gone += n
	}
	had := len(m.entries)
	m.entries = slices.DeleteFunc(m.entries, func(p Position) bool {
		_, err := m.store.Entry(p)
		return errors.Is(err, ErrNotFound)
	})
	if had-len(m.entries) != gone {
		t.Errorf("%d entries are said to be gone, %d are", gone, had-len(m.entries))
	}
	for _, p := range m.entries {
		if e, err := m.store.Entry(p); err != nil || e.Time < before && m.at[e.Zone] != p {
			t.Errorf("entry %d at %d was kept, error %v", p, e.Time, err)
		}
	}
}

func (m *model) drop(t *rapid.T) {
	z := m.known(t)
	_, err := m.store.Commit(context.Background(), z, func(tx *Tx) error {
		st, err := tx.State()
		if err == nil {
			tx.Drop(st.DropAbsents(m.now))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m.zones[z].DropAbsents(m.now)
}

// follow lets the target catch up by deltas.
func (m *model) follow(t *rapid.T) {
	for m.read < m.store.Synced() {
		items, err := m.store.Follow(context.Background(), m.read, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range items {
			m.deliver(t, i.Zone)
			m.read = i.Position
		}
	}
	for z, s := range m.zones {
		if got := m.target[z]; got == nil || got.Digest() != s.Digest() || got.ETag() != s.ETag() {
			t.Errorf("the target has zone %q as %v, not %v", z, got, s)
		}
	}
}

func (m *model) deliver(t *rapid.T, z zone.Name) {
	d, p, err := m.store.Delta(z, m.cursor[z])
	if err != nil {
		t.Fatal(err)
	}
	if m.target[z] == nil {
		m.target[z] = zone.NewState(z)
	}
	if _, err := m.target[z].Join(d); err != nil {
		t.Fatalf("join a delta since %d: %v", m.cursor[z], err)
	}
	m.cursor[z] = p
}

// check compares everything that can be read with the model.
func (m *model) check(t *rapid.T) {
	for z, want := range m.zones {
		got, p, err := m.store.State(z)
		if err != nil || p != m.at[z] || !bytes.Equal(zone.AppendDelta(nil, got.Whole()), zone.AppendDelta(nil, want.Whole())) {
			t.Fatalf("zone %q at %d is %v, want %v at %d, error %v", z, p, got, want, m.at[z], err)
		}
		h, err := m.store.Head(z)
		if err != nil {
			t.Fatal(err)
		}
		facts, sums := derivedFrom(want, h.facts)
		if d := cmp.Diff(facts, h.facts); d != "" {
			t.Fatalf("head of zone %q (want, got): %s", z, d)
		}
		if sums != h.sums {
			t.Fatalf("sums of zone %q are %+v, want %+v", z, h.sums, sums)
		}
	}
	page, _, total, err := m.store.Heads(Query{IncludeDeleted: true})
	if err != nil || total != len(m.zones) || len(page) != total {
		t.Fatalf("%d heads in a list of %d, want %d, error %v", len(page), total, len(m.zones), err)
	}
	var feed []FeedItem
	for z, p := range m.at {
		feed = append(feed, FeedItem{p, z})
	}
	slices.SortFunc(feed, func(a, b FeedItem) int { return int(a.Position) - int(b.Position) })
	items, err := m.store.feed(0, 10)
	if d := cmp.Diff(feed, items); d != "" || err != nil {
		t.Fatalf("feed (want, got): %s, error %v", d, err)
	}
	changes, err := m.store.Changes(0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var positions []Position
	for _, e := range slices.Backward(changes) {
		positions = append(positions, e.Position)
	}
	if !slices.Equal(positions, m.entries) {
		t.Fatalf("history has %v, want %v", positions, m.entries)
	}
}
