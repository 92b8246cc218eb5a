package zone_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestParseNameTakesAnyLegalName(t *testing.T) {
	long := strings.Repeat("a", 63)
	tests := []struct {
		in, text string // text is what String gives, with the final dot
		labels   int
	}{
		{".", ".", 0},
		{"com", "com.", 1},
		{"Example.COM.", "example.com.", 2},
		{"_dmarc.example.com", "_dmarc.example.com.", 3},
		{"*.example.com", "*.example.com.", 3},
		{`a\.b.example`, `a\.b.example.`, 2},
		{`a\032b.example`, `a\032b.example.`, 2},
		{`a\ b.example`, `a\032b.example.`, 2},
		{`\000\255\127.example`, `\000\255\127.example.`, 2},
		{`\065\066.example`, "ab.example.", 2},
		{`\".\(\).\;.\@.\$.\\`, `\".\(\).\;.\@.\$.\\.`, 6},
		{`a@b.$c.(d)`, `a\@b.\$c.\(d\).`, 3},
		{`1.2.0.192.in-addr.arpa.`, `1.2.0.192.in-addr.arpa.`, 6},
		{`0/25.2.0.192.in-addr.arpa.`, `0/25.2.0.192.in-addr.arpa.`, 6},
		{"-dash-.--.x", "-dash-.--.x.", 3},
		{"münchen.de", "xn--mnchen-3ya.de.", 2},
		{"MÜNCHEN.de.", "xn--mnchen-3ya.de.", 2},
		{"_dmarc.*.münchen.de", "_dmarc.*.xn--mnchen-3ya.de.", 4},
		{"faß.example", "xn--fa-hia.example.", 2}, // non-transitional: ß stays a letter of its own
		{"例え.テスト", "xn--r8jz45g.xn--zckzah.", 2},
		{long + "." + long + "." + long + "." + long[:61], long + "." + long + "." + long + "." + long[:61] + ".", 4},
	}
	for _, test := range tests {
		n, err := zone.ParseName(test.in)
		if err != nil {
			t.Errorf("ParseName(%q): %v", test.in, err)
			continue
		}
		if got := n.String(); got != test.text {
			t.Errorf("ParseName(%q) prints as %q, want %q", test.in, got, test.text)
		}
		if got := n.Labels(); got != test.labels {
			t.Errorf("%q has %d labels, want %d", test.in, got, test.labels)
		}
		if again, err := zone.ParseName(n.Text()); err != nil || again != n {
			t.Errorf("%q without its final dot, %q, does not read back: %v", test.in, n.Text(), err)
		}
	}
}

func TestParseNameRefuses(t *testing.T) {
	long := strings.Repeat("a", 63)
	tests := []struct{ why, in string }{
		{"nothing", ""},
		{"an origin that is not there", "@"},
		{"an empty label", "a..b"},
		{"an empty first label", ".a"},
		{"two dots", ".."},
		{"a label of 64 octets", long + "a.example"},
		{"256 octets", long + "." + long + "." + long + "." + long[:62]},
		{"a backslash at the end", `a\`},
		{"half an escape", `a\1`},
		{"half an escape before a dot", `a\12.b`},
		{"an escape above 255", `a\256`},
		{"octets that are not UTF-8", "m\xfcnchen.de"},
		{"Unicode mixed with escapes", `münchen\.de`},
		{"a character no label may hold", "a\u200eb.de"},
		{"a letter that turns into a slash", "\u2100.de"},
		{"a dot of another script", "münchen。de"},
	}
	for _, test := range tests {
		if n, err := zone.ParseName(test.in); err == nil {
			t.Errorf("ParseName takes %s: %q is %q", test.why, test.in, n)
		}
	}
}

func TestNamesBelowAnOrigin(t *testing.T) {
	origin := name(t, "example.com")
	for in, want := range map[string]string{
		"@": "example.com.", "www": "www.example.com.", "a.b": "a.b.example.com.", "www.example.org.": "www.example.org.", ".": ".",
		`\@`: `\@.example.com.`,
	} {
		n, err := zone.ParseNameAt(in, origin)
		if err != nil || n.String() != want {
			t.Errorf("%q at example.com is %s, %v, want %s", in, n, err, want)
		}
	}
	if _, err := zone.ParseNameAt("www", ""); err == nil {
		t.Error("a relative name is taken although there is no origin")
	}
	for in, want := range map[string]string{
		"example.com": "@", "www.example.com": "www", "a.b.example.com": "a.b", "example.org": "example.org.", "com": "com.",
		"notexample.com": "notexample.com.", `x\.example.com`: `x\.example.com.`, `\@.example.com`: `\@`,
	} {
		if got := name(t, in).Relative(origin); got != want {
			t.Errorf("%s seen from example.com is %q, want %q", in, got, want)
		}
	}
	if got := name(t, "com").Relative(zone.Root); got != "com" {
		t.Errorf("com seen from the root is %q, want com", got)
	}
}

func TestSubdomainsEndAtLabels(t *testing.T) {
	tests := []struct {
		n, z string
		want bool
	}{
		{"example.com", "example.com", true},
		{"www.example.com", "example.com", true},
		{"example.com", "www.example.com", false},
		{"wwwexample.com", "example.com", false},
		{`www\.example.com`, "example.com", false},
		{`x\007example\003com`, "example.com", false}, // the octets of the zone's name, but inside a label
		{"example.com", ".", true},
		{".", ".", true},
		{".", "com", false},
	}
	for _, test := range tests {
		if got := name(t, test.n).IsSubdomainOf(name(t, test.z)); got != test.want {
			t.Errorf("%s below %s: %v, want %v", test.n, test.z, got, test.want)
		}
	}
	if name(t, "www.example.com").Parent() != name(t, "example.com") || zone.Root.Parent() != zone.Root {
		t.Error("Parent does not take off the first label, or leaves the root")
	}
	if !name(t, "*.a").IsWildcard() || name(t, "*a.b").IsWildcard() || name(t, "a.*").IsWildcard() {
		t.Error("IsWildcard is not true exactly for a first label *")
	}
}

// The example of RFC 4034 section 6.1.
func TestCanonicalOrderOfNames(t *testing.T) {
	want := []string{"example.", "a.example.", "yljkjljk.a.example.", "z.a.example.", "zabc.a.example.", "z.example.", `\001.z.example.`, `*.z.example.`, `\200.z.example.`}
	names := make([]zone.Name, len(want))
	for i, s := range want {
		names[len(want)-1-i] = name(t, s)
	}
	slices.SortFunc(names, zone.Name.Compare)
	for i, n := range names {
		if n.String() != want[i] {
			t.Fatalf("order is %v, want %v", names, want)
		}
	}
	if name(t, "a.b").Compare(name(t, "A.B")) != 0 {
		t.Error("a name does not compare equal to itself")
	}
}

func TestUnicodeIsShownOnlyWhereItCanBeTurnedBack(t *testing.T) {
	for in, want := range map[string]string{
		"xn--mnchen-3ya.de":        "münchen.de",
		"_dmarc.xn--mnchen-3ya.de": "_dmarc.münchen.de",
		"example.com":              "example.com",
		"xn--a.example":            "xn--a.example",        // no valid punycode
		"xn--99zzzz.example":       "xn--99zzzz.example",   // neither
		`xn--mnchen-3ya\.x.de`:     `xn--mnchen-3ya\.x.de`, // escapes and Unicode do not mix
		"xn--mnchen-3ya.xn--a.de":  "münchen.xn--a.de",     // each label for itself
		".":                        ".",
	} {
		n := name(t, in)
		got := n.Unicode()
		if got != want {
			t.Errorf("%s is shown as %q, want %q", in, got, want)
		}
		if back := name(t, got); back != n {
			t.Errorf("%q does not turn back into %s", got, in)
		}
	}
}

func TestNameFromWire(t *testing.T) {
	n, size, err := zone.NameFromWire([]byte("\x03WWW\x07example\x00rest"))
	if err != nil || size != 13 || n.String() != "www.example." {
		t.Errorf("got %s, %d, %v", n, size, err)
	}
	for why, wire := range map[string]string{
		"nothing":              "",
		"a cut label":          "\x03ab",
		"no root":              "\x01a",
		"a pointer":            "\x01a\xc0\x00",
		"an extended label":    "\x41a\x00",
		"more than 255 octets": strings.Repeat("\x01a", 127) + "\x01a\x00",
	} {
		if n, _, err := zone.NameFromWire([]byte(wire)); err == nil {
			t.Errorf("NameFromWire takes %s: %q", why, n)
		}
	}
	if _, size, err := zone.NameFromWire([]byte(strings.Repeat("\x01a", 127) + "\x00")); err != nil || size != 255 {
		t.Errorf("a name of 255 octets: %d, %v", size, err)
	}
}
