package store

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// Pages that are read from a place on are those that reading all of the list gives.
func TestAPageIsWhatTheWholeListHasThere(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	for i := range 30 {
		createFor(t, s, numbered(i), []string{"ann", "bob", "root"}[i%3])
	}
	for i := range 5 {
		endZone(t, s, numbered(i*6))
	}
	for what, q := range map[string]Query{
		"all": {}, "search": {Search: "z00001"}, "account": {Owners: []string{"ann"}}, "accounts": {Owners: []string{"bob", "ann"}, IncludeDeleted: true}, "nobody": {Owners: []string{}}, "with deleted": {IncludeDeleted: true}, "trash": {OnlyDeleted: true}, "nothing": {Search: "x"},
		"home": {Home: "web1."}, "home and account": {Home: "WEB2.example", Owners: []string{"ann", "ann", "bob"}}, "home of nobody": {Home: "web"},
	} {
		for _, limit := range []int{1, 4, 7, 100} {
			q.Limit, q.After = limit, ""
			for n := 0; ; n++ {
				want, next, total := plainly(t, s, q)
				p, err := s.Page(PageQuery{Query: q})
				if d := cmp.Diff(namesOf(want), namesOf(p.Heads)); d != "" || p.Next != next || p.Total != total || p.More || err != nil {
					t.Fatalf("%s by %d, page %d: next %q want %q, total %d want %d, %v\n%s", what, limit, n, p.Next, next, p.Total, total, err, d)
				}
				if q.After = next; next == "" {
					break
				}
			}
		}
	}
	p, err := s.Page(PageQuery{Query: Query{Search: "z"}, Count: 3})
	if p.Total != 3 || !p.More || err != nil {
		t.Errorf("counted up to three: %d, more %v, %v", p.Total, p.More, err)
	}
	p, err = s.Page(PageQuery{Query: Query{Search: "z", Limit: 5}, Count: 3})
	if len(p.Heads) != 5 || p.Next == "" || !p.More || err != nil {
		t.Errorf("a page of more than are counted: %v, next %q, more %v, %v", namesOf(p.Heads), p.Next, p.More, err)
	}
}

// plainly is what a page has to be, by reading everything.
func plainly(t *testing.T, s *Store, q Query) (page []Head, next string, total int) {
	t.Helper()
	var all []Head
	err := s.EachHead(func(h Head) error {
		wanted := h.Live && !q.OnlyDeleted || !h.Live && (q.IncludeDeleted || q.OnlyDeleted)
		home := q.Home == "" || strings.EqualFold(strings.TrimSuffix(q.Home, "."), strings.Split(h.Home, " ")[0])
		if wanted && home && (q.Owners == nil || slices.Contains(q.Owners, h.Owner)) && strings.Contains(h.Zone.Text(), q.Search) {
			all = append(all, h)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b Head) int { return strings.Compare(a.Zone.Text(), b.Zone.Text()) })
	total = len(all)
	all = slices.DeleteFunc(all, func(h Head) bool { return h.Zone.Text() <= q.After })
	if len(all) > q.Limit {
		return all[:q.Limit], all[q.Limit-1].Zone.Text(), total
	}
	return all, "", total
}

func namesOf(heads []Head) (list []string) {
	for _, h := range heads {
		list = append(list, h.Zone.Text())
	}
	return list
}

// The numbers follow each commit, and are those that are counted after a restart.
func TestTheNumbersOfZonesFollowTheCommits(t *testing.T) {
	dir := t.TempDir()
	s, stop := openStore(t, dir, Options{})
	for i := range 7 {
		createFor(t, s, numbered(i), "ann")
	}
	endZone(t, s, numbered(3))
	endZone(t, s, numbered(4))
	createFor(t, s, numbered(4), "bob") // a new life
	check := func(s *Store, how string) {
		t.Helper()
		if c := s.published.count(); !c.known {
			t.Errorf("%s the numbers are not known", how)
		}
		if live, deleted, err := s.Count(); live != 6 || deleted != 1 || err != nil {
			t.Errorf("%s there are %d zones and %d deleted ones, %v", how, live, deleted, err)
		}
	}
	check(s, "at once")
	stop()
	s, _ = openStore(t, dir, Options{})
	createFor(t, s, numbered(9), "ann")
	endZone(t, s, numbered(9))
	createFor(t, s, numbered(9), "ann")
	endZone(t, s, numbered(0))
	if live, deleted, _ := s.Count(); live != 6 || deleted != 2 {
		t.Errorf("after a restart %d and %d", live, deleted)
	}
}

// An entry keeps the set that it is part of; one of no set is what an older release wrote, octet for octet.
func TestAnEntryKeepsItsSet(t *testing.T) {
	e := Entry{Zone: name("example"), Position: 4, Kind: "delete", After: zone.Vector{nodeA: 3}, Base: 7}
	e.ETag = zone.ETag(e.After, e.Base)
	plain := e.value()
	e.Set = 12
	got, err := parseEntry(e.Zone, e.Position, e.value()[1:])
	if err != nil || got.Set != 12 || got.Base != 7 || got.ETag != e.ETag {
		t.Errorf("read back %+v, %v", got, err)
	}
	if got, err := parseEntry(e.Zone, e.Position, plain[1:]); err != nil || got.Set != 0 || len(plain) >= len(e.value()) {
		t.Errorf("of no set %+v, %v", got, err)
	}
}

// BenchmarkPage lists ZONES zones, 10,000 if that is not set: go test -run '^$' -bench Page -benchtime 1x.
func BenchmarkPage(b *testing.B) {
	n := 10000
	if v, err := strconv.Atoi(os.Getenv("ZONES")); err == nil {
		n = v
	}
	s, _ := openStore(b, b.TempDir(), Options{})
	fillZones(b, s, n)
	rare := fmt.Sprintf("z%06d", n/2)
	for what, q := range map[string]PageQuery{
		"all":         {Query: Query{Limit: 50}},
		"last":        {Query: Query{Limit: 50, After: numbered(n - 60).Text()}},
		"search":      {Query: Query{Limit: 50, Search: "7"}, Count: 10000},
		"search-rare": {Query: Query{Limit: 50, Search: rare}, Count: 10000},
		"home":        {Query: Query{Limit: 50, Home: "web"}, Count: 10000},
	} {
		b.Run(what, func(b *testing.B) {
			for b.Loop() {
				var list []time.Duration
				for range 200 {
					at := time.Now()
					if p, err := s.Page(q); err != nil || p.Total == 0 {
						b.Fatalf("%d zones, %v", p.Total, err)
					}
					list = append(list, time.Since(at))
				}
				slices.Sort(list)
				b.ReportMetric(float64(list[100].Microseconds())/1000, "ms/p50")
				b.ReportMetric(float64(list[190].Microseconds())/1000, "ms/p95")
			}
		})
	}
}

// A sieve lets every zone through that has the value, however few rows are looked at at once.
func TestHoldingFindsEveryZoneWithAValue(t *testing.T) {
	s, _ := openStore(t, t.TempDir(), Options{})
	for i := range 20 {
		must(create(testContext(t), s, numbered(i), 5))(t)
	}
	var want []zone.Name
	for i := 3; i < 20; i += 4 {
		must(edit(testContext(t), s, numbered(i), ownerIn(numbered(i), 2), 77_777))(t)
		want = append(want, numbered(i))
	}
	octets := []byte{0, 1, 0x2f, 0xd1} // 77,777
	for _, rows := range []int{1, 7, 1000} {
		var got []zone.Name
		seen := 0
		for z := zone.Name(""); ; {
			found, last, n, err := s.Holding(z, octets, rows)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, found...)
			seen += n
			if z = last; last == "" {
				break
			}
		}
		if d := cmp.Diff(want, got); d != "" || seen != 20 && rows == 1000 {
			t.Errorf("by %d rows, %d zones seen:\n%s", rows, seen, d)
		}
	}
}
