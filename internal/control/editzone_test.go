package control_test

import (
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestAnEditAgainstAnOldVersionMergesWithOtherRRsetsAndIsStaleForTheSame(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example, "www A 192.0.2.1", "mail A 192.0.2.2")
	seen := s.show(t, example).ETag
	s.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.10"))

	_, err := s.EditZone(ctx(), root, control.EditRequest{
		Zone: name(example), IfMatch: seen,
		Ops: []control.Op{set("mail.example.com", zone.TypeA, "192.0.2.20")},
	})
	if err != nil {
		t.Fatalf("an edit of another RRset merges, got %v", err)
	}
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.10", s)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.20", s)

	before := s.show(t, example).ETag
	_, err = s.EditZone(ctx(), root, control.EditRequest{
		Zone: name(example), IfMatch: seen,
		Ops: []control.Op{set("www.example.com", zone.TypeA, "192.0.2.99"), set("new.example.com", zone.TypeA, "192.0.2.5")},
	})
	e := wantCode(t, err, control.CodeStale)
	if len(e.Details) != 1 || !strings.Contains(e.Details[0], "www A is now 300 192.0.2.10, written by root@web1.test") {
		t.Errorf("the stale edit says %q", e.Details)
	}
	if s.show(t, example).ETag != before {
		t.Error("a stale edit wrote something")
	}
}

func TestAnEditOfAnUnknownVersionIsStale(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example)
	_, err := s.EditZone(ctx(), root, control.EditRequest{
		Zone: name(example), IfMatch: "no-such-version", Ops: []control.Op{set("www.example.com", zone.TypeA, "192.0.2.1")},
	})
	wantCode(t, err, control.CodeStale)
}

func TestAnEditedTextTakesOnlyWhatItsAuthorChanged(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example, "www A 192.0.2.1", "mail A 192.0.2.2", "old A 192.0.2.3")
	seen := s.show(t, example).ETag
	s.edit(t, example, set("mail.example.com", zone.TypeA, "192.0.2.20"))

	edited := text(example, "www A 192.0.2.100", "mail A 192.0.2.2") // old is gone, mail is as it was read
	r, err := s.EditZone(ctx(), root, control.EditRequest{Zone: name(example), IfMatch: seen, Text: edited})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Differences) != 2 {
		t.Errorf("differences are %v, want www and old", r.Differences)
	}
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.100", s)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.20", s)
	wantServed(t, example, "old.example.com", zone.TypeA, "", s)

	_, err = s.EditZone(ctx(), root, control.EditRequest{Zone: name(example), IfMatch: seen, Text: text(example, "www A 192.0.2.7")})
	wantCode(t, err, control.CodeStale)
	_, err = s.EditZone(ctx(), root, control.EditRequest{Zone: name(example), Text: edited})
	wantCode(t, err, control.CodeInvalid)
}

func TestOperationsOnOneRRsetAddUp(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example, "www A 192.0.2.1", "www TXT one", "www AAAA 2001:db8::1")
	r := s.edit(t, example,
		add("www.example.com", zone.TypeA, "192.0.2.2"), add("www.example.com", zone.TypeA, "192.0.2.3"),
		del("www.example.com", zone.TypeA, "192.0.2.1"),
	)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.2, 192.0.2.3", s)
	if r.Position == 0 || r.Serial != s.show(t, example).View.Serial || r.ETag != s.show(t, example).ETag {
		t.Errorf("the result %+v does not say what is served", r)
	}
	s.edit(t, example, control.Op{Kind: control.OpDelete, Owner: name("www.example.com")})
	for _, typ := range []zone.Type{zone.TypeA, zone.TypeTXT, zone.TypeAAAA} {
		wantServed(t, example, "www.example.com", typ, "", s)
	}
	_, err := s.EditZone(ctx(), root, control.EditRequest{Zone: name(example), Ops: []control.Op{del("www.example.com", zone.TypeA)}})
	wantCode(t, err, control.CodeNotFound)
}

func TestAnEditThatChangesNothingCommitsNothing(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example, "www A 192.0.2.1")
	first := s.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.9"))
	again := s.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.9"))
	if again.Changed || again.Position != first.Position || again.Serial != first.Serial {
		t.Errorf("the same edit again is %+v after %+v", again.Result, first.Result)
	}
}

func TestAnEditThatBreaksTheZoneIsRefusedBeforeItIsCommitted(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example, "www A 192.0.2.1", "mail A 192.0.2.2")
	for title, op := range map[string]control.Op{
		"a CNAME beside other data":   set("www.example.com", zone.TypeCNAME, "mail.example.com."),
		"no SOA any more":             del("example.com", zone.TypeSOA),
		"no NS any more":              del("example.com", zone.TypeNS),
		"an NS that is in no address": set("example.com", zone.TypeNS, "ns.example.com."),
	} {
		before := s.Store.Synced()
		_, err := s.EditZone(ctx(), root, control.EditRequest{Zone: name(example), Ops: []control.Op{op}})
		if control.CodeOf(err) != control.CodeRefused {
			t.Errorf("%s: %v", title, err)
		} else if e := wantCode(t, err, control.CodeRefused); len(e.Details) == 0 {
			t.Errorf("%s is refused without saying why", title)
		}
		if s.Store.Synced() != before {
			t.Errorf("%s: something was committed", title)
		}
	}
}

func TestAnEditOutsideTheZoneIsInvalid(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.create(t, example)
	for _, op := range []control.Op{
		set("www.example.org", zone.TypeA, "192.0.2.1"),
		{Kind: control.OpSet, Owner: name("www.example.com"), Type: zone.TypeA, Data: [][]byte{{1, 2, 3}}},
		{Kind: control.OpSet, Owner: name("www.example.com"), Type: zone.TypeA},
		{Kind: control.OpSet, Owner: name("www.example.com"), Type: zone.TypeANY, Data: [][]byte{{1}}},
		{Kind: "rename", Owner: name("www.example.com"), Type: zone.TypeA},
	} {
		_, err := s.EditZone(ctx(), root, control.EditRequest{Zone: name(example), Ops: []control.Op{op}})
		wantCode(t, err, control.CodeInvalid)
	}
	_, err := s.EditZone(ctx(), root, control.EditRequest{Zone: name("example.org"), Ops: []control.Op{set("example.org", zone.TypeA, "192.0.2.1")}})
	wantCode(t, err, control.CodeNotFound)
}

func TestTwoAdditionsAtOnceAreServedTogether(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.create(t, example)
	exchange(t, a, b)
	a.edit(t, example, add("_acme-challenge.example.com", zone.TypeTXT, "one"))
	b.edit(t, example, add("_acme-challenge.example.com", zone.TypeTXT, "two"))
	exchange(t, a, b)
	wantServed(t, example, "_acme-challenge.example.com", zone.TypeTXT, `"one", "two"`, a, b)
	if got := a.conflicts(t); len(got) != 0 {
		t.Errorf("conflicts: %v", got)
	}
}
