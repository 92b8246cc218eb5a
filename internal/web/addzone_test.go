package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
)

// What is wrong with a new zone is said beside its field, and what was given stays.
func TestWhatIsWrongWithANewZoneIsSaidAtItsField(t *testing.T) {
	b := oneMember()
	s, _ := server(b)
	c := signedIn(t, s)
	for what, f := range map[string]struct {
		form url.Values
		want string
	}{
		"nothing":         {url.Values{}, "Give the domain"},
		"no address":      {url.Values{"domain": {"a.example"}}, "Give an IPv4 or an IPv6 address."},
		"a wrong address": {url.Values{"domain": {"a.example"}, "ipv4": {"192.0.2.999"}}, "That is no IPv4 address."},
		"IPv4 as IPv6":    {url.Values{"domain": {"a.example"}, "ipv6": {"192.0.2.9"}}, "That is no IPv6 address."},
		"a wrong name":    {url.Values{"domain": {"a..example"}, "ipv4": {"192.0.2.9"}}, `id="f-domain-error"`},
	} {
		r := post(s, "/zones/add", f.form, c)
		if body := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, f.want) {
			t.Errorf("%s: %s\n%s", what, r.Status, body)
		}
	}
	b.err = &control.Error{Code: control.CodeExists, Subject: "a.example", Message: "the zone exists at ns1.example"}
	good := url.Values{"domain": {"a.example"}, "ipv4": {"192.0.2.9"}, "template": {"standard"}}
	if body := text(t, post(s, "/zones/add", good, c)); !strings.Contains(body, "The zone exists at ns1.example.") && !strings.Contains(body, "zone exists at") {
		t.Errorf("one that is there:\n%s", body)
	}
	b.err = nil
	if r := post(s, "/zones/add", good, c); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/zones/a.example" {
		t.Errorf("a good one: %s to %s", r.Status, r.Header.Get("Location"))
	}
}

// What is typed or pasted by mistake is not made a zone on all servers.
func TestWhatIsNoDomain(t *testing.T) {
	for _, s := range []string{"https://new.example/", "192.0.2.1", "2001:db8::1", "a.example\nb.example", "a.example b.example"} {
		if !noDomain(s) {
			t.Errorf("%q is taken for a domain", s)
		}
	}
	for _, s := range []string{"example.com", "0/25.2.0.192.in-addr.arpa", "münchen.example", "_tcp.example.com."} {
		if noDomain(s) {
			t.Errorf("%q is refused", s)
		}
	}
}
