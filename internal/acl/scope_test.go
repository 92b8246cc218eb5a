package acl_test

import (
	"errors"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func mustName(t *testing.T, text string) zone.Name {
	t.Helper()
	n, err := zone.ParseName(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAScopeCoversNamesAndTypes(t *testing.T) {
	for _, c := range []struct {
		pattern, types, name string
		t                    zone.Type
		covered              bool
	}{
		{"_acme-challenge.*", "TXT", "_acme-challenge.example.com", zone.TypeTXT, true},
		{"_acme-challenge.*", "TXT", "_acme-challenge.www.example.com", zone.TypeTXT, true},
		{"_ACME-challenge.*", "txt", "_acme-Challenge.example.com", zone.TypeTXT, true},
		{"_acme-challenge.*", "TXT", "_acme-challenge.example.com", zone.TypeA, false},
		{"_acme-challenge.*", "TXT", "_acme-challenge", zone.TypeTXT, false},
		{"_acme-challenge.*", "TXT", "x._acme-challenge.example.com", zone.TypeTXT, false},
		{"_acme-challenge.*", "TXT", `_acme-challenge\.evil.example.com`, zone.TypeTXT, false},
		{"_acme-challenge.*", "TXT", "example.com", zone.TypeTXT, false},
		{"_acme-challenge.*.example.com", "TXT", "_acme-challenge.a.b.example.com", zone.TypeTXT, true},
		{"_acme-challenge.*.example.com", "TXT", "_acme-challenge.example.com", zone.TypeTXT, false},
		{"_acme-challenge.*.example.com", "TXT", "_acme-challenge.a.example.net", zone.TypeTXT, false},
		{"*.example.com", "", "www.example.com", zone.TypeA, true},
		{"*.example.com", "", "*.example.com", zone.TypeA, true},
		{"*.example.com", "", "example.com", zone.TypeA, false},
		{"www.example.com", "", "www.example.com", zone.TypeAAAA, true},
		{"www.example.com", "", "a.www.example.com", zone.TypeAAAA, false},
		{"*", "", "anything.example", zone.TypeMX, true},
	} {
		var types []string
		if c.types != "" {
			types = []string{c.types}
		}
		s, err := acl.ParseScope([]string{c.pattern}, types)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Covers(mustName(t, c.name), c.t); got != c.covered {
			t.Errorf("%s covers %s %s: %v", s, c.name, c.t, got)
		}
	}
	if !(acl.Scope{}).Covers(mustName(t, "example.com"), zone.TypeSOA) || !(acl.Scope{}).Reaches(mustName(t, "example.com")) {
		t.Error("the zero scope narrows something")
	}
}

func TestAScopeReachesTheZonesOfItsNames(t *testing.T) {
	for _, c := range []struct {
		pattern, zone string
		reaches       bool
	}{
		{"_acme-challenge.*", "example.com", true},
		{"_acme-challenge.*.example.com", "example.com", true},
		{"_acme-challenge.*.example.com", "com", true},
		{"_acme-challenge.*.example.com", "www.example.com", true},
		{"_acme-challenge.*.example.com", "example.net", false},
		{"www.example.com", "example.com", true},
		{"www.example.com", "www.example.com", true},
		{"www.example.com", "a.www.example.com", false},
		{"*.example.com", "example.org", false},
	} {
		s, err := acl.ParseScope([]string{c.pattern}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Reaches(mustName(t, c.zone)); got != c.reaches {
			t.Errorf("%s reaches %s: %v", c.pattern, c.zone, got)
		}
	}
}

func TestWhatIsNoScope(t *testing.T) {
	for _, c := range [][2][]string{
		{nil, {"TXT"}},
		{{"*.*"}, nil},
		{{"a..b"}, nil},
		{{"example.com"}, {"NONSENSE"}},
		{{"example.com"}, {"SOA"}},
		{{"example.com"}, {"ANY"}},
		{make([]string, 101), nil},
	} {
		if s, err := acl.ParseScope(c[0], c[1]); err == nil {
			t.Errorf("%v %v is the scope %q", c[0], c[1], s)
		}
	}
}

// Whatever is asked of acl in the name of a token with a scope is denied: control asks record by record.
func TestATokenWithAScopeMayNothingElse(t *testing.T) {
	p := acl.Local()
	p.Scope = acl.Scope{Names: "_acme-challenge.*", Types: "TXT"}
	for _, v := range append(verbs(), "unheard of") {
		if err := acl.Allow(p, v, acl.Object{Name: "example.com", Owner: "root"}); !errors.Is(err, acl.ErrDenied) {
			t.Errorf("%s: %v", v, err)
		}
	}
}
