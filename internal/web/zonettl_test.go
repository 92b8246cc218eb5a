package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The TTL that is proposed is WHM's; what is no positive number is refused before anything begins.
func TestZonesProposeWHMsTTL(t *testing.T) {
	s, _ := server(oneMember())
	c := signedIn(t, s)
	if page := text(t, get(s, "/zones", c)); !strings.Contains(page, `name="ttl" value="14400"`) {
		t.Errorf("the list proposes\n%s", page)
	}
	for _, ttl := range []string{"-1", "soon", "", "4294967296"} {
		if r := post(s, "/zones/ttl", url.Values{"zone": {"a.example"}, "ttl": {ttl}}, c); r.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", ttl, r.Status)
		}
	}
}
