package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// createFor commits a zone of an account with one record.
func createFor(t *testing.T, s *Store, z zone.Name, account string) {
	t.Helper()
	_, err := s.Commit(testContext(t), z, func(tx *Tx) error {
		st, err := tx.State()
		if err != nil {
			return err
		}
		set := zone.NewRRset(z, zone.TypeA, 60, [][]byte{{192, 0, 2, 1}})
		home := "web1 key"
		if account == "bob" {
			home = "Web2.Example other"
		}
		c := zone.NewState(z).Create([]zone.RRset{set}, zone.CreateOptions{Owner: account, Home: home, Now: 86_400_000})
		_, touched, err := st.Apply(nodeA, c)
		tx.Put(st, touched, Entry{Time: 5, Kind: "create"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func endZone(t *testing.T, s *Store, z zone.Name) {
	t.Helper()
	_, err := s.Commit(testContext(t), z, func(tx *Tx) error {
		st, err := tx.State()
		if err != nil {
			return err
		}
		_, touched, err := st.Apply(nodeA, st.Change(6, "ann@web1", st.EndAll()...))
		tx.Put(st, touched, Entry{Time: 6, Kind: "delete"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestZonesAreListedByNameSearchedAndPaged(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	for z, account := range map[zone.Name]string{
		name("shop", "example"):            "ann",
		name("a", "example"):               "ann",
		name("example"):                    "root",
		name("zebra", "test"):              "bob",
		name("xn--bcher-kva", "example"):   "bob",
		name("gone", "example"):            "ann",
		name("long-first-label", "a", "b"): "root",
	} {
		createFor(t, s, z, account)
	}
	endZone(t, s, name("gone", "example"))
	for what, c := range map[string]struct {
		query Query
		want  []string
		next  string
		total int
	}{
		"all": {
			Query{},
			[]string{"a.example", "example", "long-first-label.a.b", "shop.example", "xn--bcher-kva.example", "zebra.test"},
			"", 6,
		},
		"first page":    {Query{Limit: 2}, []string{"a.example", "example"}, "example", 6},
		"next page":     {Query{Limit: 2, After: "example"}, []string{"long-first-label.a.b", "shop.example"}, "shop.example", 6},
		"last page":     {Query{Limit: 2, After: "shop.example"}, []string{"xn--bcher-kva.example", "zebra.test"}, "", 6},
		"search":        {Query{Search: "SHOP.Example."}, []string{"shop.example"}, "", 1},
		"unicode":       {Query{Search: "büch"}, []string{"xn--bcher-kva.example"}, "", 1},
		"account":       {Query{Owners: []string{"ann"}}, []string{"a.example", "shop.example"}, "", 2},
		"with deleted":  {Query{Owners: []string{"ann"}, IncludeDeleted: true}, []string{"a.example", "gone.example", "shop.example"}, "", 3},
		"account, page": {Query{Owners: []string{"ann"}, Limit: 1}, []string{"a.example"}, "a.example", 2},
		"nothing":       {Query{Search: "nothing"}, nil, "", 0},
	} {
		page, next, total, err := s.Heads(c.query)
		var got []string
		for _, h := range page {
			got = append(got, h.Zone.Text())
		}
		if d := cmp.Diff(c.want, got); d != "" || next != c.next || total != c.total || err != nil {
			t.Errorf("%s: next %q, total %d, error %v\n%s", what, next, total, err, d)
		}
	}
}

func TestAHeadSaysWhatAListShows(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	z := name("shop", "example")
	createFor(t, s, z, "ann")
	h := must(s.Head(z))(t)
	want := facts{
		Live: true, Life: zone.Dot{Node: nodeA, Counter: 1}, Owner: "ann", Home: "web1 key", Created: 86_400_000,
		Serial: 1970010200, Records: h.Records,
	}
	if d := cmp.Diff(want, h.facts); d != "" || h.Records < 1 {
		t.Errorf("%d records; %s", h.Records, d)
	}
	endZone(t, s, z)
	h = must(s.Head(z))(t)
	want.Live, want.Records, want.Serial = false, 0, h.Serial
	if d := cmp.Diff(want, h.facts); d != "" || h.Serial <= 1970010200 {
		t.Errorf("serial %d; %s", h.Serial, d)
	}
	checkWhole(t, s)
}

func TestZonesAreCounted(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	for _, z := range []string{"a", "b", "c"} {
		createFor(t, s, name(z, "example"), "ann")
	}
	endZone(t, s, name("b", "example"))
	if live, deleted, err := s.Count(); live != 2 || deleted != 1 || err != nil {
		t.Errorf("%d zones, %d deleted ones, %v", live, deleted, err)
	}
}
