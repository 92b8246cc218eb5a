package zone

import (
	"errors"
	"testing"
)

// part is what a store loads for an edit at some owner names: vector, base, all metadata, and the RRsets there.
func part(s *State, owners ...string) *State {
	p := s.Clone()
	for k := range p.Keys {
		loaded := k.isMeta()
		for _, owner := range owners {
			loaded = loaded || k.Owner == rr(owner, TypeA).Owner
		}
		if !loaded {
			delete(p.Keys, k)
		}
	}
	return p
}

func TestAPartialStateMakesTheSameChangeAsTheWhole(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"), rr("mail", TypeA, "192.0.2.2"))
	a, b := n[0], n[1]
	b.now += 5000
	b.set(rr("www", TypeCNAME, "target"))
	a.add(rr("www", TypeA, "192.0.2.3"))
	a.join(b)
	whole, partial := a.state, part(a.state, "www")
	for name, build := range map[string]func(*State) []Write{
		"set":    func(s *State) []Write { return s.Set(rr("www", TypeA, "192.0.2.9")) },
		"add":    func(s *State) []Write { return s.Add(rr("www", TypeA, "192.0.2.9")) },
		"delete": func(s *State) []Write { return s.Set(rr("www", TypeCNAME)) },
		"home":   func(s *State) []Write { return s.SetMeta(MetaHome, "other") },
		"end":    func(s *State) []Write { return s.EndAll() },
	} {
		fromWhole := whole.Change(a.now, "a", build(whole)...)
		fromPart := partial.Change(a.now, "a", build(partial)...)
		if diff := differ(fromWhole, fromPart); diff != "" {
			t.Errorf("%s (-whole +part):\n%s", name, diff)
		}
		s, p := whole.Clone(), partial.Clone()
		_, keys, err := s.Apply(a.id, fromWhole)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Apply(a.id, fromPart); err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if diff := differ(s.Keys[k], p.Keys[k]); diff != "" {
				t.Errorf("%s, %s (-whole +part):\n%s", name, keyText(k), diff)
			}
		}
		if s.ETag() != p.ETag() || s.Serial() != p.Serial() {
			t.Errorf("%s: part and whole have other serials", name)
		}
	}
}

func TestEditsThatChangeNothingWriteNothing(t *testing.T) {
	a := sharing(t, []string{"a"}, rr("www", TypeA, "192.0.2.1", "192.0.2.2"))[0]
	for name, writes := range map[string][]Write{
		"set what is there":      a.state.Set(rr("www", TypeA, "192.0.2.2", "192.0.2.1")),
		"add what is there":      a.state.Add(rr("www", TypeA, "192.0.2.1")),
		"add nothing":            a.state.Add(rr("www", TypeA)),
		"delete where is none":   a.state.Set(rr("mail", TypeA)),
		"metadata that is there": a.state.SetMeta(MetaHome, "a"),
		"an edit of no zone":     NewState(exampleOrg).Set(rr("www", TypeA, "192.0.2.1")),
		"metadata of no zone":    NewState(exampleOrg).SetMeta(MetaHome, "a"),
	} {
		if len(writes) != 0 {
			t.Errorf("%s: %s", name, writesText(writes))
		}
	}
}

func TestServedIsWhatTheViewHas(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	b.now += 5000
	b.set(rr("www", TypeCNAME, "target"))
	a.join(b)
	view, _ := a.state.View()
	for _, set := range view.RRsets {
		got, ok := a.state.Served(set.Owner, set.Type)
		if diff := differ(set, got); !ok || diff != "" {
			t.Errorf("%s: %v\n%s", setText(set), ok, diff)
		}
	}
	if _, ok := a.state.Served(rr("www", TypeA).Owner, TypeA); ok {
		t.Error("what the CNAME rule hides is served")
	}
	if _, ok := NewState(exampleOrg).Served(exampleOrg, TypeSOA); ok {
		t.Error("a zone never heard of serves a SOA")
	}
}

func TestAConflictIsSettledOnce(t *testing.T) {
	n := sharing(t, []string{"a", "b"}, rr("www", TypeA, "192.0.2.1"))
	a, b := n[0], n[1]
	a.set(rr("www", TypeA, "192.0.2.2"))
	b.now += 5000
	b.set(rr("www", TypeA, "192.0.2.3"))
	a.join(b)
	c := a.conflict()
	a.keep(c)
	a.serves("www A 192.0.2.3")
	a.conflicts()
	b.join(a)
	b.conflicts()
	if _, err := b.state.Keep(c); !errors.Is(err, ErrNoConflict) {
		t.Errorf("kept again: %v", err)
	}
	if _, err := b.state.Choose(c, b.options()); !errors.Is(err, ErrNoConflict) {
		t.Errorf("chosen again: %v", err)
	}
}

func TestCreateTakesMetadata(t *testing.T) {
	a := newNodes(t, "a")[0]
	o := a.options()
	o.Owner, o.Meta = "", map[string]string{MetaStamp: "; cPanel first"}
	a.apply(NewState(exampleOrg).Create(soaAndNS(), o))
	view, _ := a.state.View()
	if view.Owner != "root" || view.Home != "a" || view.Meta[MetaStamp] != "; cPanel first" || len(view.Meta) != 1 {
		t.Errorf("view %+v", view)
	}
	if view.Created != o.Now {
		t.Errorf("created %d, want %d", view.Created, o.Now)
	}
}
