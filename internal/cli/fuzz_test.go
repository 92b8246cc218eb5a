package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// FuzzFileName: names of zones come from a server, and become names of files in one folder.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"example.com", ".", "../../etc/passwd", "a/b", "\x00", "xn--a.b", "%2f", "A"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := fileName(s)
		if s == "" {
			return // no zone has no name; the file is hidden, and in the folder all the same
		}
		if !filepath.IsLocal(name) || filepath.Base(name) != name || strings.ContainsAny(name, "/\\\x00") || strings.HasPrefix(name, ".") {
			t.Fatalf("%q becomes the file %q", s, name)
		}
	})
}

// FuzzRecordData reads the data of records as the shell hands them over. What is made of a TXT record's text is that
// text, and no record becomes two.
func FuzzRecordData(f *testing.F) {
	f.Add("TXT", "v=spf1 -all", ",")
	f.Add("TXT", `"quoted" "twice"`, `a"b\`)
	f.Add("MX", "10", "mail")
	f.Add("A", "192.0.2.1", "192.0.2.2")
	f.Add("CAA", "0", "issue")
	origin := zone.Name("\x07example\x03com\x00")
	f.Fuzz(func(t *testing.T, typeName, first, second string) {
		texts, err := groups(typeName, []string{first, second})
		if err != nil || !strings.EqualFold(typeName, "TXT") || strings.HasPrefix(first, `"`) || strings.HasPrefix(second, `"`) || first == "," || second == "," {
			return
		}
		if len(texts) != 1 {
			t.Fatalf("%q and %q are %d records", first, second, len(texts))
		}
		fields, err := zone.Fields(texts[0])
		if err != nil {
			t.Fatalf("%q and %q become %s: %v", first, second, texts[0], err)
		}
		data, err := zone.ParseData(zone.TypeTXT, origin, fields)
		if err != nil {
			return // longer than a record can be
		}
		var plain []byte
		for len(data) > 0 {
			plain, data = append(plain, data[1:1+data[0]]...), data[1+data[0]:]
		}
		if string(plain) != first+second {
			t.Fatalf("%q and %q become the text %q", first, second, plain)
		}
	})
}
