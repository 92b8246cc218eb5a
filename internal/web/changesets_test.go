package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

// A set that waits asks with the number of its zones, and the second click carries that number.
func TestTheSecondClickCarriesTheNumber(t *testing.T) {
	b := oneMember()
	b.set = control.ChangeSet{ID: 7, Kind: control.SetDelete, State: control.SetReady, Zones: 1234, Author: "<b>"}
	s, _ := server(b)
	c := signedIn(t, s)
	body := text(t, get(s, "/changesets/7", c))
	for _, want := range []string{"Delete 1234 zones?", `name="confirm" value="1234"`, "Do it in 1,234 zones", "Cancel"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
	if strings.Contains(body, "<b>") {
		t.Error("a name is not escaped")
	}
	if r := post(s, "/changesets/7/do", url.Values{"confirm": {"1234"}}, c); r.StatusCode != http.StatusSeeOther || b.confirmed != 1234 {
		t.Errorf("%s, confirmed %d", r.Status, b.confirmed)
	}
	if r := post(s, "/changesets/7/do", nil, c); r.StatusCode != http.StatusBadRequest {
		t.Errorf("without a number: %s", r.Status)
	}
	b.set.State, b.set.Changed, b.set.Failed = control.SetDone, 1230, 4
	body = text(t, get(s, "/changesets/7", c))
	if !strings.Contains(body, "Done, not everywhere") || !strings.Contains(body, "Undo in 1,230 zones") || strings.Contains(body, "Cancel") {
		t.Errorf("when it is done:\n%s", body)
	}
}

// All that match are chosen with one box, over all pages, and without a script: the form carries what the list was narrowed
// to and how many it counted.
func TestAllZonesThatMatchAreChosenWithOneBox(t *testing.T) {
	b := oneMember()
	b.set.ID = 7
	for i := range 3 {
		h := store.Head{Zone: mustName(t, fmt.Sprintf("shop%d.example", i))}
		h.Live, h.Owner = true, "alice"
		b.page.Zones = append(b.page.Zones, h)
	}
	b.page.Total, b.page.Next = 412, "shop2.example"
	s, _ := server(b)
	c := signedIn(t, s)
	body := text(t, get(s, "/zones?q=shop&owner=alice", c))
	for _, want := range []string{
		"all 412 zones with “shop” in the name, of the owner alice, on every page", `name="all" value="match"`,
		`name="q" value="shop"`, `name="owner" value="alice"`, `name="listed" value="412"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the list lacks %q:\n%s", want, body)
		}
	}
	form := url.Values{"zone": {"shop1.example"}, "q": {"shop"}, "owner": {"alice"}, "home": {""}, "state": {""}, "listed": {"412"}, "ttl": {"300"}, "to": {"ns1.example"}}
	for path, kind := range map[string]control.SetKind{"/zones/delete": control.SetDelete, "/zones/home": control.SetHome, "/zones/ttl": control.SetTTL} {
		form.Set("all", "match")
		r := post(s, path, form, c)
		want := control.ZoneMatch{Search: "shop", Owner: "alice", Listed: 412}
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/changesets/7" || b.began.Kind != kind || len(b.began.Zones) != 0 || b.began.Match == nil || *b.began.Match != want || b.began.Go {
			t.Errorf("%s: %s, began %+v of %+v", path, r.Status, b.began, b.began.Match)
		}
		form.Del("all")
		if post(s, path, form, c); b.began.Match != nil || len(b.began.Zones) != 1 {
			t.Errorf("%s without the box: %+v", path, b.began)
		}
	}
	b.page.More, b.page.Total = true, 10_000
	if body := text(t, get(s, "/zones", c)); !strings.Contains(body, "all zones, on every page") || !strings.Contains(body, `name="listed" value="0"`) {
		t.Errorf("what is not counted has a number:\n%s", body)
	}
	b.page = control.ZonePage{}
	if body := text(t, get(s, "/zones?q=nothing", c)); strings.Contains(body, `name="all"`) {
		t.Error("all of nothing can be chosen")
	}
}

// The review says what the zones have in common, that later ones are left out, and that others were found than were listed.
func TestTheReviewSaysWhichZonesMatch(t *testing.T) {
	b := oneMember()
	b.set = control.ChangeSet{
		ID: 7, Kind: control.SetTTL, State: control.SetReady, Zones: 413, Notes: []control.SetNote{{Text: "the list showed 412, and 413 match now"}},
		SetParams: control.SetParams{TTL: 300, Match: &control.ZoneMatch{Search: "<shop>", State: control.ZonesBehind, Listed: 412}},
	}
	s, _ := server(b)
	body := text(t, get(s, "/changesets/7", signedIn(t, s)))
	for _, want := range []string{
		"413 zones, with “&lt;shop&gt;” in the name, not on all servers?", "one that comes to match later is left out",
		"the list showed 412, and 413 match now", "Do it in 413 zones",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the review lacks %q:\n%s", want, body)
		}
	}
}
