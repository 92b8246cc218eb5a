package control_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func sets(ops ...control.Op) []zone.RRset {
	var list []zone.RRset
	for _, o := range ops {
		list = append(list, zone.NewRRset(o.Owner, o.Type, o.TTL, o.Data))
	}
	return list
}

func review(t tb, s *server, r control.EditRequest) control.Review {
	t.Helper()
	r.Zone = name(example)
	out, err := s.ReviewEdit(ctx(), root, r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAReviewSaysWhatSavingDoesAndDoesNothing(t *testing.T) {
	a, _, _ := apart(t)
	before := a.show(t, example)
	edit := control.EditRequest{Zone: name(example), IfMatch: before.ETag, Sets: sets(
		set("www.example.com", zone.TypeA, "192.0.2.9"), set("new.example.com", zone.TypeMX, "10 mail.example.com."), del("mail.example.com", zone.TypeA),
		set("nothing.example.com", zone.TypeA, "192.0.2.1"), del("never.example.com", zone.TypeA),
	)}
	r := review(t, a, edit)
	if len(r.Differences) != 4 || len(r.Meanwhile) != 0 || len(r.Clashes) != 0 || !r.Saveable() {
		t.Fatalf("the review is %+v", r)
	}
	if now := a.show(t, example); now.ETag != before.ETag || r.Serial != now.View.Serial {
		t.Fatal("a review has changed something")
	}
	if len(r.Findings) != 1 || r.Findings[0].Severity != zone.Warning || r.Findings[0].Type != zone.TypeMX {
		t.Errorf("a mail server without address is found as %v", r.Findings)
	}
	res, err := a.EditZone(ctx(), root, edit)
	if err != nil || res.Serial != r.Next || len(res.Differences) != 4 {
		t.Errorf("saved as %+v, %v; the review said serial %d", res, err, r.Next)
	}
}

func TestWhatOthersDidMeanwhileIsMergedAndShown(t *testing.T) {
	a, _, _ := apart(t)
	seen := a.show(t, example).ETag
	a.edit(t, example, set("mail.example.com", zone.TypeA, "192.0.2.99"))
	r := review(t, a, control.EditRequest{IfMatch: seen, Sets: sets(set("www.example.com", zone.TypeA, "192.0.2.9"))})
	if len(r.Differences) != 1 || len(r.Meanwhile) != 1 || r.Meanwhile[0].Owner != name("mail.example.com") || !r.Saveable() {
		t.Fatalf("the review is %+v", r)
	}
	if len(r.Changes) != 1 || r.Changes[0].Author != "root@a.test" {
		t.Errorf("who did it: %+v", r.Changes)
	}
	if _, err := a.EditZone(ctx(), root, control.EditRequest{Zone: name(example), IfMatch: r.ETag, Sets: sets(set("www.example.com", zone.TypeA, "192.0.2.9"))}); err != nil {
		t.Fatal(err)
	}
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.99", a)
}

func TestWhatBothChangedIsAClashWithBothValues(t *testing.T) {
	a, _, _ := apart(t)
	seen := a.show(t, example).ETag
	a.edit(t, example, set("www.example.com", zone.TypeA, "192.0.2.20"))
	mine := control.EditRequest{IfMatch: seen, Sets: sets(set("www.example.com", zone.TypeA, "192.0.2.9"), set("new.example.com", zone.TypeA, "192.0.2.8"))}
	r := review(t, a, mine)
	if len(r.Clashes) != 1 || r.Saveable() || len(r.Differences) != 1 {
		t.Fatalf("the review is %+v", r)
	}
	c := r.Clashes[0]
	values := []string{}
	for _, side := range []*zone.RRset{c.Base, c.Yours, c.Other} {
		values = append(values, zone.DataString(zone.TypeA, side.Data[0]))
	}
	if strings.Join(values, " ") != "192.0.2.1 192.0.2.9 192.0.2.20" || c.Author != "root@a.test" || c.Time == 0 {
		t.Errorf("the clash is %v by %s", values, c.Author)
	}
	mine.Zone = name(example)
	_, err := a.EditZone(ctx(), root, mine)
	wantCode(t, err, control.CodeStale)

	// The same value from both is none.
	mine.Sets = sets(set("www.example.com", zone.TypeA, "192.0.2.20"))
	if r := review(t, a, mine); len(r.Clashes) != 0 || len(r.Differences) != 0 {
		t.Errorf("both set the same: %+v", r)
	}
}

func TestAReviewFindsWhatWouldBeRefused(t *testing.T) {
	a, _, _ := apart(t)
	r := review(t, a, control.EditRequest{Sets: sets(set("www.example.com", zone.TypeCNAME, "mail.example.com."))})
	if r.Saveable() || len(r.Findings) == 0 || r.Findings[0].Severity != zone.Error || r.Findings[0].Owner != name("www.example.com") {
		t.Errorf("a CNAME beside an address: %+v", r.Findings)
	}
	seen := a.show(t, example).ETag
	r = review(t, a, control.EditRequest{IfMatch: seen, Text: text(example, "www A 192.0.2.1", "mail A 192.0.2.300")})
	if r.Saveable() || r.RRsets != nil || len(r.Findings) != 1 || r.Findings[0].Line != 7 {
		t.Errorf("a text with a mistake: %+v", r.Findings)
	}
	r = review(t, a, control.EditRequest{IfMatch: seen, Text: text(example, "www A 192.0.2.77", "mail A 192.0.2.2")})
	if !r.Saveable() || len(r.Edited) != 1 || r.Edited[0].Owner != name("www.example.com") {
		t.Errorf("a text with one change: %+v", r)
	}
	_, err := a.ReviewEdit(ctx(), root, control.EditRequest{Zone: name(example), Sets: sets(set("www.example.net", zone.TypeA, "192.0.2.1"))})
	wantCode(t, err, control.CodeInvalid)
}

// Operations are reviewed as they are made: an addition to what was there.
func TestOperationsAreReviewed(t *testing.T) {
	a, _, _ := apart(t)
	r := review(t, a, control.EditRequest{Ops: []control.Op{add("www.example.com", zone.TypeA, "192.0.2.9")}})
	if len(r.Differences) != 1 || len(r.Differences[0].After.Data) != 2 {
		t.Errorf("the review is %+v", r.Differences)
	}
	_, err := a.ReviewEdit(ctx(), root, control.EditRequest{Zone: name(example), Ops: []control.Op{del("never.example.com", zone.TypeA)}})
	wantCode(t, err, control.CodeNotFound)
}

func TestAReviewListsTheLatestChangesByOthers(t *testing.T) {
	a, _, _ := apart(t)
	seen := a.show(t, example).ETag
	const most = 20
	for range most + 1 {
		a.edit(t, example, add("other.example.com", zone.TypeTXT, strconv.Itoa(int(a.world.clock()))))
	}
	r := review(t, a, control.EditRequest{IfMatch: seen, Sets: sets(set("www.example.com", zone.TypeA, "192.0.2.9"))})
	if len(r.Changes) != most || len(r.Meanwhile) != 1 || len(r.Meanwhile[0].After.Data) != most+1 {
		t.Errorf("%d changes, the difference is %+v", len(r.Changes), r.Meanwhile)
	}
}
