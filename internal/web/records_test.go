package web

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func mustName(t *testing.T, s string) zone.Name {
	t.Helper()
	n, err := zone.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Each type's form takes what people write, and shows it again as it was.
func TestTheFormsOfTheTypes(t *testing.T) {
	z := mustName(t, "example.com")
	for _, c := range []struct{ name, rtype, values, want string }{
		{"www", "A", "192.0.2.1", "www.example.com A 192.0.2.1"},
		{"www.example.com", "AAAA", "2001:db8::1", "www.example.com AAAA 2001:db8::1"},
		{"@", "CAA", "0|issue|letsencrypt.org", `example.com CAA 0 issue "letsencrypt.org"`},
		{"", "CAA", "128|issuewild|;", `example.com CAA 128 issuewild ";"`},
		{"ftp", "CNAME", "www", "ftp.example.com CNAME www.example.com."},
		{"@", "MX", "10|mail.example.net", "example.com MX 10 mail.example.net."},
		{"nomail", "MX", "0|.", "nomail.example.com MX 0 ."},
		{"sub", "NS", "ns1.example.net.", "sub.example.com NS ns1.example.net."},
		{"_sip._tcp", "SRV", "10|20|5060|sip", "_sip._tcp.example.com SRV 10 20 5060 sip.example.com."},
		{"@", "TXT", `v=spf1 mx; "x" -all`, `example.com TXT "v=spf1 mx; \"x\" -all"`},
		{"two", "TXT", `"one" "two"`, `two.example.com TXT "one" "two"`},
		{"ümlaut", "TXT", "grüß", `xn--mlaut-jva.example.com TXT "gr\195\188\195\159"`},
		{"1", "PTR", "host.example.net", "1.example.com PTR host.example.net."},
		{"sub", "DS", "1|13|2|" + strings.Repeat("ab", 32), "sub.example.com DS 1 13 2 " + strings.Repeat("AB", 32)},
		{"@", "SOA", "ns1.example.net|first.last@example.net|7|3600|900|1209600|300", `example.com SOA ns1.example.net. first\.last.example.net. 7 3600 900 1209600 300`},
		{"x", "SSHFP", "1 1 00ff", "x.example.com SSHFP 1 1 00FF"},
		{"x", "TYPE65280", `\# 2 00ff`, `x.example.com TYPE65280 \# 2 00FF`},
	} {
		f := recordForm{Name: c.name, Type: c.rtype, Values: strings.Split(c.values, "|")}
		if c.rtype == "TYPE65280" {
			f.Type, f.Other = otherType, c.rtype
		}
		r, ok := f.parse(z)
		if !ok {
			t.Errorf("%s %s %s: %v", c.name, c.rtype, c.values, f.Errors)
			continue
		}
		if got := r.Owner.Text() + " " + r.Type.String() + " " + zone.DataString(r.Type, r.Data); got != c.want {
			t.Errorf("%s %s %s is %s", c.name, c.rtype, c.values, got)
		}
		set := zone.NewRRset(r.Owner, r.Type, 300, [][]byte{r.Data})
		again := recordFormOf(z, set, r.Data)
		back, ok := again.parse(z)
		if !ok || back.Owner != r.Owner || back.Type != r.Type || string(back.Data) != string(r.Data) || back.TTL != 300 {
			t.Errorf("%s %s: shown again as %+v, which is %+v", c.name, c.rtype, again, back)
		}
	}
}

// A mistake is said at the field that has it.
func TestMistakesStandAtTheirField(t *testing.T) {
	z := mustName(t, "example.com")
	for _, c := range []struct{ name, rtype, ttl, values, control string }{
		{"www", "A", "", "192.0.2.300", "d0"},
		{"www", "A", "", "2001:db8::1", "d0"},
		{"www", "A", "", "", "d0"},
		{"www.example.net.", "A", "", "192.0.2.1", "name"},
		{"a..b", "A", "", "192.0.2.1", "name"},
		{"www", "A", "soon", "192.0.2.1", "ttl"},
		{"www", "MX", "", "70000|mail", "d0"},
		{"www", "MX", "", "10|", "d1"},
		{"www", "SRV", "", "1|1|x|host", "d2"},
		{"www", "DS", "", "1|13|2|zz", "d3"},
		{"www", "DS", "", "1|13|2|abcd", "d3"},
		{"www", "CNAME", "", "a..b", "d0"},
		{"@", "SOA", "", "ns1|hostmaster@a..b|7|3600|900|1209600|300", "d1"},
		{"@", "SOA", "", "ns1|hostmaster|7|3600|900|1209600|never", "d6"},
		{"www", "TLSA", "", "3 1", "d0"},
		{"www", "NOTATYPE", "", "x", "other"},
		{"www", "ANY", "", "x", "other"},
	} {
		f := recordForm{Name: c.name, Type: c.rtype, TTL: c.ttl, Values: strings.Split(c.values, "|")}
		_, ok := f.parse(z)
		if ok || len(f.Errors) != 1 || f.Errors[c.control] == "" {
			t.Errorf("%+v: %v", c, f.Errors)
		}
	}
}

// A draft goes through a form and comes back; what somebody made up does not.
func TestADraftInAForm(t *testing.T) {
	z := mustName(t, `we\000ird.example.com`)
	d := draft{Against: "e1", Sets: []zone.RRset{zone.NewRRset(z, zone.TypeA, 300, [][]byte{{192, 0, 2, 1}}), {Owner: z, Type: zone.TypeTXT}}}
	back, err := parseDraft("e1", d.text())
	if err != nil || back.text() != d.text() || back.Sets[0].Owner != z || len(back.Sets[1].Data) != 0 {
		t.Errorf("%+v, %v", back, err)
	}
	for _, text := range []string{"", "[]", "{}", `[{"n":"AQ=="}]`, `[{"n":"AAA="}]`, "null"} {
		if d, err := parseDraft("e1", text); err == nil {
			t.Errorf("%s is taken for %+v", text, d)
		}
	}
}

// What is kept has a bound: the draft longest untouched goes first, one that is too large is refused.
func TestDraftsAreBounded(t *testing.T) {
	z := mustName(t, "example.com")
	of := func(octets int) draft {
		return draft{Against: "e", Sets: []zone.RRset{{Owner: z, Type: zone.TypeTXT, Data: [][]byte{make([]byte, octets)}}}}
	}
	var k drafts
	if err := k.put(draftKey{"s", z}, of(maxDraft)); err == nil {
		t.Error("a draft that is too large is kept")
	}
	for i := range maxDrafts + 1 {
		if err := k.put(draftKey{string(rune(i)), z}, of(1)); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.kept) != maxDrafts || len(k.order) != maxDrafts || !k.get(draftKey{string(rune(0)), z}).empty() || k.get(draftKey{string(rune(1)), z}).empty() {
		t.Errorf("%d drafts are kept", len(k.kept))
	}
	for i := range 40 {
		if err := k.put(draftKey{"large" + string(rune(i)), z}, of(maxDraft-200)); err != nil {
			t.Fatal(err)
		}
	}
	sum := 0
	for _, d := range k.kept {
		sum += d.octets()
	}
	if sum > maxDraftOctets || sum != k.octets {
		t.Errorf("%d octets are kept, counted as %d", sum, k.octets)
	}
}

func TestAFormKeepsItsValuesWhenTheTypeChanges(t *testing.T) {
	q := url.Values{"type": {"MX"}, "name": {" www "}, "d0": {"192.0.2.1"}, "d1": {"x"}, "ttl": {"60"}}
	if f := readRecord(q); f.Name != "www" || f.value(0) != "192.0.2.1" || f.value(1) != "x" || f.rtype() != zone.TypeMX {
		t.Errorf("%+v", f)
	}
}

func (b *book) ShowZone(_ context.Context, p acl.Principal, z zone.Name) (control.Zone, error) {
	return control.Zone{View: &zone.View{Zone: z, RRsets: b.content}, ETag: "e", Right: control.RightTo(p, acl.Object{Name: z.Text(), Owner: acl.Root})}, b.err
}

func (b *book) Reached(context.Context, acl.Principal, zone.Name, store.Position) (control.Reached, error) {
	return control.Reached{}, b.err
}

func TestALargeZoneIsNotEditedAsAText(t *testing.T) {
	for octets, want := range map[int]string{100_000: "<textarea", maxRaw: "zonefleet zone edit example.com"} {
		b := oneMember()
		for i := range octets / 200 {
			b.content = append(b.content, zone.RRset{Owner: mustName(t, fmt.Sprintf("n%d.example.com", i)), Type: zone.TypeTXT, Data: [][]byte{append([]byte{200}, strings.Repeat("x", 200)...)}})
		}
		s, _ := server(b)
		if page := text(t, get(s, "/zones/example.com/raw", signedIn(t, s))); !strings.Contains(page, want) {
			t.Errorf("a zone of %d octets: %s is missing", octets, want)
		}
	}
}
