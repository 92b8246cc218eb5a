package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
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
