package store

import (
	"encoding/binary"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// What the indexes say is what reading all of the list says, also after zones have passed to other owners.
func TestTheIndexesOfOwnersAndHomesSayWhatTheListSays(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{})
	for i := range 30 {
		createFor(t, s, numbered(i), []string{"ann", "bob", "root"}[i%3])
	}
	for i := range 5 {
		endZone(t, s, numbered(i*6)) // ann's
		createFor(t, s, numbered(i*6), "bob")
	}
	sameLists(t, s)

	// A release that does not know the index writes the counters without saying that it is complete, and lets it rot.
	stop()
	rot(t, s.databaseDir())
	s = must(Open(dir, Options{}))(t) // without its committer, which counts the zones at first while sameLists turns the indexes off
	defer s.Close()
	sameLists(t, s)
	if !s.indexed.owners || !s.indexed.homes {
		t.Error("the index was not made anew")
	}
}

// sameLists turns the indexes off and on: nothing else may read the store meanwhile.
func sameLists(t *testing.T, s *Store) {
	t.Helper()
	for _, home := range []string{"web1 key", "Web2.Example other", "web2.example other", "web1", ""} {
		zones, homes := must(s.ZonesAt(home))(t), must(s.Homes())(t)
		s.indexed = indexes{}
		if want := must(s.ZonesAt(home))(t); !cmp.Equal(want, zones, cmpopts.EquateEmpty()) || homes[home] != len(want) {
			t.Errorf("at home at %q: %v want %v, and %d are counted", home, zones, want, homes[home])
		}
		s.indexed = indexes{true, true}
	}
	for _, owners := range [][]string{nil, {"ann"}, {"bob"}, {"bob", "root"}, {"an"}, {}} {
		for _, q := range []Query{{}, {IncludeDeleted: true}, {OnlyDeleted: true}, {Limit: 3, After: "z000004.example"}, {Home: "web1", Limit: 4}, {Home: "web2.EXAMPLE."}} {
			q.Owners = owners
			got := must(s.Page(PageQuery{Query: q}))(t)
			s.indexed = indexes{}
			want := must(s.Page(PageQuery{Query: q}))(t)
			s.indexed = indexes{true, true}
			if d := cmp.Diff(namesOf(want.Heads), namesOf(got.Heads)); d != "" || got.Next != want.Next || got.Total != want.Total {
				t.Errorf("%q, %+v: next %q want %q, total %d want %d\n%s", owners, q, got.Next, want.Next, got.Total, want.Total, d)
			}
		}
	}
}

// rot does to a database what an older release does.
func rot(t *testing.T, dir string) {
	t.Helper()
	db, err := pebble.Open(dir, &pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	v := must(get(db, tableKey(tableCounter)))(t)
	d := decoder{b: v}
	old := binary.AppendUvarint(binary.AppendUvarint(value(), d.uint()), d.uint())
	for key, v := range map[string][]byte{
		string(tableKey(tableCounter)):                       old,
		string(ownedKey("ann", "ghost.example")):             listing{true, "ann", name("ghost", "example")}.value(),
		string(ownedKey("bob", numbered(1).Text())):          nil,
		string(homedKey("web1", "ghost.example")):            homedRow(Head{facts: facts{Home: "web1 key"}}, listing{true, "ann", name("ghost", "example")}.value()),
		string(homedKey("web2.example", numbered(1).Text())): nil,
	} {
		if v == nil {
			err = db.Delete([]byte(key), pebble.Sync)
		} else {
			err = db.Set([]byte(key), v, pebble.Sync)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheChangesOfSomeZonesAreThoseOfAllWithoutTheOthers(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	var bobs []zone.Name
	for i := range 40 {
		owner := []string{"ann", "bob"}[i%2]
		createFor(t, s, numbered(i), owner)
		if owner == "bob" {
			bobs = append(bobs, numbered(i))
		}
		if i%2 == 1 {
			endZone(t, s, numbered(i/2))
		}
	}
	all := must(s.Changes(0, 1000))(t)
	for _, before := range []Position{0, 17} {
		var want []Position
		for _, e := range all {
			if (before == 0 || e.Position < before) && len(want) < 7 && must(s.Head(e.Zone))(t).Owner == "bob" {
				want = append(want, e.Position)
			}
		}
		for what, read := range map[string]func() ([]Entry, error){
			"merged": func() ([]Entry, error) { return s.ChangesOf(bobs, before, 7) },
			"picked": func() (list []Entry, err error) {
				err = s.published.read(func(v *view) (err error) { list, err = pickChanges(v, bobs, before, 7); return err })
				return list, err
			},
		} {
			var got []Position
			for _, e := range must(read())(t) {
				got = append(got, e.Position)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s before %d:\n%s", what, before, d)
			}
		}
	}
}
