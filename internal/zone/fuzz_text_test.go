package zone_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func FuzzName(f *testing.F) {
	for _, s := range []string{".", "@", "www.example.com", `a\.b\032\255.x.`, "münchen.de", "xn--mnchen-3ya.de", "*._x", strings.Repeat("a.", 127)} {
		f.Add(s)
	}
	origin := name(f, "example.com")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := zone.ParseName(s)
		if err != nil {
			return
		}
		for _, text := range []string{n.String(), n.Text(), n.Unicode()} {
			if again, err := zone.ParseName(text); err != nil || again != n {
				t.Fatalf("%q prints as %q, which reads as %q, %v", s, text, again, err)
			}
		}
		if again, err := zone.ParseNameAt(n.Relative(origin), origin); err != nil || again != n {
			t.Fatalf("%q is relatively %q, which reads as %q, %v", s, n.Relative(origin), again, err)
		}
		if again, size, err := zone.NameFromWire([]byte(n)); err != nil || again != n || size != len(n) {
			t.Fatalf("%q does not read from its own octets: %q, %d, %v", s, again, size, err)
		}
	})
}

func FuzzNameFromWire(f *testing.F) {
	f.Add([]byte("\x03WWW\x07example\x00rest"))
	f.Add([]byte{0xc0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		n, size, err := zone.NameFromWire(b)
		if err != nil {
			return
		}
		if size != len(n) || size > 255 || !strings.EqualFold(string(n), string(b[:size])) {
			t.Fatalf("%x is %x, %d", b, n, size)
		}
		if again, err := zone.ParseName(n.String()); err != nil || again != n {
			t.Fatalf("%x prints as %q, which reads as %q, %v", b, n, again, err)
		}
		if n.Compare(n.Parent()) < 0 || !n.IsSubdomainOf(n.Parent()) {
			t.Fatalf("%s is not below its parent", n)
		}
	})
}

func FuzzType(f *testing.F) {
	for _, s := range []string{"A", "aaaa", "TYPE65280", "TYPE1", "NONE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ, err := zone.ParseType(s)
		if err != nil {
			return
		}
		if again, err := zone.ParseType(typ.String()); err != nil || again != typ {
			t.Fatalf("%q prints as %q, which reads as %d, %v", s, typ, again, err)
		}
	})
}

// FuzzDataText has text for every type that the corpus has.
func FuzzDataText(f *testing.F) {
	for line := range strings.Lines(corpus(f, "types.zone")) {
		if fields := strings.Fields(line); len(fields) > 2 {
			if typ, err := zone.ParseType(fields[1]); err == nil {
				f.Add(uint16(typ), strings.Join(fields[2:], " "))
			}
		}
	}
	origin := name(f, "example.com")
	f.Fuzz(func(t *testing.T, typ uint16, text string) {
		fields, err := zone.Fields(text)
		if err != nil {
			return
		}
		data, err := zone.ParseData(zone.Type(typ), origin, fields)
		if err != nil {
			return
		}
		checkData(t, zone.Type(typ), data)
	})
}

func FuzzDataWire(f *testing.F) {
	parsed, err := zone.ParseFile(os.DirFS("testdata/text/corpus"), "types.zone", name(f, "example.com"))
	if err != nil {
		f.Fatal(err)
	}
	for _, set := range parsed.RRsets {
		for _, data := range set.Data {
			f.Add(uint16(set.Type), data)
		}
	}
	f.Fuzz(func(t *testing.T, typ uint16, data []byte) {
		if zone.ValidData(zone.Type(typ), data) != nil {
			_ = zone.DataString(zone.Type(typ), data)
			_ = zone.CanonicalData(zone.Type(typ), data)
			return
		}
		checkData(t, zone.Type(typ), data)
	})
}

// checkData wants rdata to be well-formed and to read back from its own text, whatever the origin.
func checkData(t *testing.T, typ zone.Type, data []byte) {
	t.Helper()
	if err := zone.ValidData(typ, data); err != nil {
		t.Fatalf("parsed %s data %x is not well-formed: %v", typ, data, err)
	}
	text := zone.DataString(typ, data)
	fields, err := zone.Fields(text)
	if err != nil {
		t.Fatalf("%s data %x prints as %s: %v", typ, data, text, err)
	}
	again, err := zone.ParseData(typ, "", fields)
	if err != nil || !bytes.Equal(again, data) {
		t.Fatalf("%s data %x prints as %s, which reads as %x, %v", typ, data, text, again, err)
	}
	canonical := zone.CanonicalData(typ, data)
	if len(canonical) != len(data) || zone.CompareData(typ, data, canonical) != 0 {
		t.Fatalf("%s data %x is not equal to its canonical form %x", typ, data, canonical)
	}
}

func FuzzText(f *testing.F) {
	files, _ := filepath.Glob("testdata/text/corpus/*.zone")
	for _, file := range files {
		f.Add(corpus(f, filepath.Base(file)))
	}
	for _, test := range lintCases {
		if len(test.text) < 1000 {
			f.Add(test.text)
		}
	}
	origin := name(f, "example.com")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(strings.ToUpper(text), "$GENERATE") > 1 {
			return // 65,536 records for each input would slow the search down
		}
		parsed, err := zone.ParseText(text, origin)
		if err != nil {
			return
		}
		printed := printView(t, parsed)
		again, err := zone.ParseText(printed, "")
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, printed, err)
		}
		if diff := cmp.Diff(parsed.RRsets, again.RRsets); diff != "" || parsed.Serial != again.Serial || parsed.Stamp != again.Stamp {
			t.Fatalf("%q, printed and read again (-want +got):\n%s", text, diff)
		}
		for _, finding := range again.Findings {
			if strings.Contains(finding.Message, "ttl") {
				t.Fatalf("%q prints with a fault in its ttls: %s", text, finding)
			}
		}
	})
}

func FuzzRRset(f *testing.F) {
	f.Add(zone.EncodeRRset(300, [][]byte{{192, 0, 2, 1}, {192, 0, 2, 2}}))
	f.Add(zone.EncodeRRset(0, [][]byte{{}}))
	f.Fuzz(func(t *testing.T, v []byte) {
		ttl, data, err := zone.DecodeRRset(v)
		if err != nil {
			return
		}
		if again := zone.EncodeRRset(ttl, data); !bytes.Equal(again, v) {
			t.Fatalf("%x reads as %d, %x, which is stored as %x", v, ttl, data, again)
		}
	})
}

func corpus(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/text/corpus", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
