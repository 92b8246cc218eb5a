package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestDataIsGroupedAsPeopleTypeIt(t *testing.T) {
	for _, tc := range []struct {
		typeName string
		args     []string
		want     []string
	}{
		{"A", []string{"192.0.2.1", "192.0.2.2"}, []string{"192.0.2.1", "192.0.2.2"}},
		{"aaaa", []string{"::1", ",", "::2", "::3"}, []string{"::1", "::2", "::3"}},
		{"MX", []string{"10", "mail"}, []string{"10 mail"}},
		{"MX", []string{"10", "mail", ",", "20", "mail2"}, []string{"10 mail", "20 mail2"}},
		{"MX", []string{"10 mail"}, []string{"10 mail"}},
		{"TXT", []string{"v=spf1 -all"}, []string{`"v=spf1 -all"`}},
		{"TXT", []string{"a", "b c"}, []string{`"a" "b c"`}},
		{"TXT", []string{"a", ",", "b"}, []string{`"a"`, `"b"`}},
		{"TXT", []string{`"already quoted"`}, []string{`"already quoted"`}},
		{"TXT", []string{`say "hi"; \o/`}, []string{`"say \"hi\"; \\o/"`}},
		{"TXT", []string{""}, []string{`""`}},
		{"TXT", []string{"ü"}, []string{`"\195\188"`}},
		{"CAA", []string{"0", "issue", "letsencrypt.org"}, []string{"0 issue letsencrypt.org"}},
		{"CAA", []string{"0", "issue", ";"}, []string{`0 issue ";"`}},
		{"A", nil, nil},
	} {
		got, err := groups(tc.typeName, tc.args)
		if err != nil {
			t.Errorf("%s %q: %v", tc.typeName, tc.args, err)
		}
		if d := cmp.Diff(tc.want, got); d != "" {
			t.Errorf("%s %q: %s", tc.typeName, tc.args, d)
		}
	}
	for _, args := range [][]string{{","}, {"a", ","}, {",", "a"}, {"a", ",", ",", "b"}} {
		if got, err := groups("A", args); err == nil {
			t.Errorf("%q is taken as %q", args, got)
		}
	}
}

func TestAnyTextOfATXTRecordArrivesAsItIs(t *testing.T) {
	for _, text := range []string{"v=spf1 mx -all", `"half quoted`, `back\slash \065`, "; no comment", "( no lines )", strings.Repeat("k", 700), "tab\tnew\nline \x00"} {
		data, err := zone.ParseData(zone.TypeTXT, zone.Root, []string{presentation("TXT", []string{text})})
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var got strings.Builder
		for rest := data; len(rest) > 0; rest = rest[1+int(rest[0]):] {
			got.Write(rest[1 : 1+int(rest[0])])
		}
		if got.String() != text {
			t.Errorf("%q arrives as %q", text, got.String())
		}
	}
}

func TestTTLs(t *testing.T) {
	for text, want := range map[string]uint32{"300": 300, "5m": 300, "1h": 3600, "1D": 86400, "2w": 1209600, "0": 0, "2147483647": 1<<31 - 1} {
		got, err := parseTTL(text)
		if err != nil || got == nil || *got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if ttl, err := parseTTL("-"); ttl != nil || err != nil {
		t.Errorf("-: %v, %v", ttl, err)
	}
	for _, text := range []string{"", "m", "-5", "2147483648", "9999999w", "A", "1h30m"} {
		if _, err := parseTTL(text); err == nil {
			t.Errorf("%q is a TTL", text)
		}
	}
}

func TestFileNamesStayInTheirFolder(t *testing.T) {
	for name, want := range map[string]string{
		"example.com": "example.com.db", "0/25.2.0.192.in-addr.arpa": "0%2F25.2.0.192.in-addr.arpa.db",
		"..": "%2E..db", ".": "%2E.db", `a\046b`: "a%5C046b.db", "*.example": "%2A.example.db",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
