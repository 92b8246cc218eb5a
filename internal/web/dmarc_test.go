package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// A policy is written from the form, with its defaults left out, and opens the form again as it was.
func TestTheFormOfDMARC(t *testing.T) {
	z := mustName(t, "example.com")
	for _, c := range []struct{ query, name, text string }{
		{"", "_dmarc", "v=DMARC1; p=none"},
		{
			"dmarc-p=reject&dmarc-sp=quarantine&dmarc-pct=50&dmarc-rua=a@example.com, mailto:b@example.net!10m", "_dmarc",
			"v=DMARC1; p=reject; sp=quarantine; pct=50; rua=mailto:a@example.com,mailto:b@example.net!10m",
		},
		{
			"name=_dmarc.shop&dmarc-adkim=s&dmarc-aspf=s&dmarc-fo=1&dmarc-ri=3600&dmarc-ruf=https://example.com/report", "_dmarc.shop",
			"v=DMARC1; p=none; adkim=s; aspf=s; fo=1; ri=3600; ruf=https://example.com/report",
		},
		{"dmarc-more=np%3Dreject%3B t%3Dy %3B", "_dmarc", "v=DMARC1; p=none; np=reject; t=y"},
	} {
		q, err := url.ParseQuery("type=DMARC&" + c.query)
		if err != nil {
			t.Fatal(err)
		}
		f := readRecord(q)
		r, ok := f.parse(z)
		if !ok {
			t.Errorf("%s: %v", c.query, f.Errors)
			continue
		}
		if r.Type != zone.TypeTXT || r.Owner.Relative(z) != c.name || textOf(r.Data) != c.text {
			t.Errorf("%s is %s %s %s", c.query, r.Owner.Relative(z), r.Type, textOf(r.Data))
		}
		again := recordFormOf(z, zone.NewRRset(r.Owner, r.Type, 300, [][]byte{r.Data}), r.Data)
		if back, ok := again.parse(z); again.Type != dmarcType || !ok || textOf(back.Data) != c.text {
			t.Errorf("%s comes back as %s %v", c.text, again.Type, again.DMARC)
		}
	}
}

// What a form could not give back stays a text, and nothing of it is lost when the type is changed in the form.
func TestWhatIsNoDMARCStaysAText(t *testing.T) {
	z := mustName(t, "example.com")
	for _, text := range []string{
		"v=spf1 -all", "v=DMARC1", "v=DMARC1; p=often", "v=DMARC1; p=none; p=reject", "v=DMARC1; p=none; pct=101", "v=DMARC1; p=none; broken",
		"v=DMARC2; p=none", "v=DMARC1; p=none; fo=1:d", "v=DMARC1; p=none; rua=nobody",
	} {
		data, err := zone.ParseData(zone.TypeTXT, z, []string{quote(text)})
		if err != nil {
			t.Fatal(err)
		}
		f := recordFormOf(z, zone.NewRRset(mustName(t, "_dmarc.example.com"), zone.TypeTXT, 300, [][]byte{data}), data)
		if f.Type != "TXT" || f.value(0) != text {
			t.Errorf("%q opens as %s with %q", text, f.Type, f.value(0))
		}
	}
	f := readRecord(url.Values{"type": {dmarcType}, "name": {"_dmarc"}, "d0": {"v=DMARC1;p=reject;rua=mailto:a@example.com"}})
	if f.DMARC["p"] != "reject" || f.DMARC["rua"] != "a@example.com" || f.value(0) == "" {
		t.Errorf("the text is not taken over: %+v", f)
	}
}

func TestMistakesOfDMARCStandAtTheirField(t *testing.T) {
	z := mustName(t, "example.com")
	for query, control := range map[string]string{
		"dmarc-p=maybe": "dmarc-p", "dmarc-sp=maybe": "dmarc-sp", "dmarc-pct=101": "dmarc-pct", "dmarc-pct=": "dmarc-pct", "dmarc-ri=soon": "dmarc-ri",
		"dmarc-rua=nobody": "dmarc-rua", "dmarc-ruf=a@b..c": "dmarc-ruf", "dmarc-rua=a@example.com%3B p%3Dnone": "dmarc-rua", "dmarc-more=x": "dmarc-more",
		"dmarc-more=p%3Dreject": "dmarc-more", "dmarc-more=x%3D%E2%82%AC": "dmarc-more", "name=www": "name",
	} {
		q, err := url.ParseQuery("type=DMARC&" + query)
		if err != nil {
			t.Fatal(err)
		}
		f := readRecord(q)
		if _, ok := f.parse(z); ok || len(f.Errors) != 1 || f.Errors[control] == "" || f.focus() != control {
			t.Errorf("%s: %v", query, f.Errors)
		}
	}
}

// The contact of an SOA is shown as the address that it is, and as a name where it is more.
func TestTheContactOfAnSOAIsAnAddress(t *testing.T) {
	for name, address := range map[string]string{
		"hostmaster.example.com.":     "hostmaster@example.com",
		`first\.last.example.com.`:    "first.last@example.com",
		`back\\slash.example.com.`:    `back\slash@example.com`,
		".":                           ".",
		`a\@b.example.com.`:           `a\@b.example.com.`,
		"com.":                        "com.",
		strings.Repeat("a", 70) + ".": strings.Repeat("a", 70) + ".",
	} {
		if got := mailAddress(name); got != address {
			t.Errorf("%s is shown as %s", name, got)
		}
		if address != name && mailName(address) != name {
			t.Errorf("%s is read as %s", address, mailName(address))
		}
	}
}
