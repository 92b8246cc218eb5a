package zone_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// whole is a zone without fault, to which tests add lines.
const whole = "$TTL 300\n@ SOA ns h 7 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"

func parseText(t *testing.T, text string) *zone.File {
	t.Helper()
	f, err := zone.ParseText(text, name(t, "example.com"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// lines shows the records of a zone as its printed lines, without SOA, apex NS and ns.
func lines(f *zone.File) []string {
	var out []string
	for _, set := range f.RRsets {
		for _, data := range set.Data {
			line := fmt.Sprintf("%s %d %s %s", set.Owner.Relative(f.Zone), set.TTL, set.Type, zone.DataString(set.Type, data))
			if set.Type != zone.TypeSOA && set.Type != zone.TypeNS && !strings.HasPrefix(line, "ns ") {
				out = append(out, line)
			}
		}
	}
	return out
}

func messages(findings []zone.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.String())
	}
	return out
}

func TestWhichZoneAFileIs(t *testing.T) {
	const rest = " 300 SOA ns.x. h 7 2 3 4 5\n 300 NS ns.x.\n"
	tests := []struct{ why, file, zone, text, want string }{
		{"named by the file", "example.com.db", "", "@" + rest, "example.com."},
		{"with .zone", "example.com.zone", "", "@" + rest, "example.com."},
		{"below the domain zone", "example.zone.DB", "", "@" + rest, "example.zone."},
		{"without an ending", "example.com", "", "@" + rest, "example.com."},
		{"in a folder", "customers/Example.COM.db", "", "@" + rest, "example.com."},
		{"in Unicode", "münchen.de.db", "", "@" + rest, "xn--mnchen-3ya.de."},
		{"by $ORIGIN", "customer1.db", "", "$ORIGIN example.org.\n@" + rest, "example.org."},
		{"by the SOA's owner", "customer1.db", "", "example.net." + rest, "example.net."},
		{"by the SOA's owner below $ORIGIN", "x.db", "", "$ORIGIN com.\nexample" + rest, "example.com."},
		{"by a file name that is none", "a..b", "", "$ORIGIN example.org.\n@" + rest, "example.org."},
		{"by the caller", "whatever.db", "example.com", "@" + rest, "example.com."},
		{"the root", "root.zone", "", "." + rest + "ns.x. 300 A 192.0.2.1\n", "."},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			var given zone.Name
			if test.zone != "" {
				given = name(t, test.zone)
			}
			f, err := zone.ParseFile(fstest.MapFS{test.file: {Data: []byte(test.text)}}, test.file, given)
			if err != nil {
				t.Fatal(err)
			}
			if f.Zone.String() != test.want || f.Serial != 7 || !f.HasSerial {
				t.Errorf("zone %s, serial %d, want %s, 7", f.Zone, f.Serial, test.want)
			}
		})
	}
	for why, text := range map[string]string{
		"another zone's SOA": "example.org." + rest,
		"SOAs of two zones":  "@" + rest + "example.org." + rest,
	} {
		if f, err := zone.ParseText(text, name(t, "example.com")); err == nil {
			t.Errorf("a file with %s is taken as %s", why, f.Zone)
		}
	}
	if _, err := zone.ParseText("@ NS ns.x.\n", ""); err == nil {
		t.Error("a relative name is taken where nothing says which zone it is")
	}
	if _, err := zone.ParseText("; nothing\n", ""); err == nil {
		t.Error("a file that does not say which zone it is is taken")
	}
}

func TestOddFormsThatPanelsWrite(t *testing.T) {
	text, err := os.ReadFile("testdata/text/crlf_bom.zone")
	if err != nil {
		t.Fatal(err)
	}
	f, err := zone.ParseText(string(text), name(t, "example.com"))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, set := range f.RRsets {
		fmt.Fprintln(&got, set.Owner.Relative(f.Zone), set.TTL, set.Type, zone.DataString(set.Type, set.Data[0]))
	}
	want := `@ 3600 NS ns.example.com.
@ 3600 SOA ns.example.com. h.example.com. 1 7200 180 2419200 86400
last 3600 A 192.0.2.9
ns 3600 A 192.0.2.1
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("byte order mark, CRLF and no final line end (-want +got):\n%s", diff)
	}
}

func TestRecordsWithoutTTL(t *testing.T) {
	const apex = "@ NS ns\nns A 192.0.2.1\n"
	tests := []struct {
		why, text string
		want      []string
		warnings  int
	}{
		{"of $TTL, although an explicit one came between", "$TTL 100\n@ SOA ns h 1 2 3 4 5\n" + apex + "a 7 A 192.0.2.2\nb A 192.0.2.3", []string{"a 7 A 192.0.2.2", "b 100 A 192.0.2.3"}, 0},
		{"of the next $TTL", "$TTL 100\n@ SOA ns h 1 2 3 4 5\n" + apex + "$TTL 1m30s\nb A 192.0.2.3", []string{"b 90 A 192.0.2.3"}, 0},
		{"the last explicit one", "@ 9 SOA ns h 1 2 3 4 5\n" + apex + "a 7 A 192.0.2.2\nb A 192.0.2.3", []string{"a 7 A 192.0.2.2", "b 7 A 192.0.2.3"}, 0},
		{"the SOA's minimum", "@ SOA ns h 1 2 3 4 5\n" + apex + "a 7 A 192.0.2.2\nb A 192.0.2.3", []string{"a 7 A 192.0.2.2", "b 5 A 192.0.2.3"}, 1},
		{"the default", "b A 192.0.2.3\n@ SOA ns h 1 2 3 4 5\n" + apex, []string{"b 14400 A 192.0.2.3"}, 1},
	}
	for _, test := range tests {
		f := parseText(t, test.text)
		if diff := cmp.Diff(test.want, lines(f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.why, diff)
		}
		if len(f.Findings) != test.warnings {
			t.Errorf("%s: warnings %q, want %d", test.why, messages(f.Findings), test.warnings)
		}
	}
	f := parseText(t, whole+"a 60 A 192.0.2.2\na 30 A 192.0.2.3\na 90 A 192.0.2.4\n")
	if diff := cmp.Diff([]string{"a 30 A 192.0.2.2", "a 30 A 192.0.2.3", "a 30 A 192.0.2.4"}, lines(f)); diff != "" {
		t.Errorf("ttls that differ (-want +got):\n%s", diff)
	}
	if len(f.Findings) != 1 || f.Findings[0].Line != 5 {
		t.Errorf("ttls that differ: findings %q", messages(f.Findings))
	}
}

func TestStampIsKeptByteForByte(t *testing.T) {
	const stamp = "; cPanel first:11.25.0-STABLE_41212 (update_time):1280000000 Cpanel::ZoneFile::VERSION:1.3 hostname:h.example.net latest:118.0.0"
	f := parseText(t, stamp+"\n; Zone file for example.com\n"+whole)
	if f.Stamp != stamp {
		t.Errorf("stamp is %q", f.Stamp)
	}
	if at, ok := zone.StampTime(f.Stamp); !ok || at != 1280000000*1000 {
		t.Errorf("stamp's time is %d, %v", at, ok)
	}
	if again := parseText(t, printView(t, f)); again.Stamp != stamp {
		t.Errorf("printed and read again, the stamp is %q", again.Stamp)
	}
	if f := parseText(t, stamp+" \t\r\n"+stamp+"\r\n"+strings.ReplaceAll(whole, "\n", "\r\n")); f.Stamp != stamp+" \t\r\n"+stamp {
		t.Errorf("stamp of two lines with CRLF is %q", f.Stamp)
	}
	for _, none := range []string{"", "; an ordinary comment\n", "\n" + stamp + "\n"} {
		if f := parseText(t, none+whole); f.Stamp != "" {
			t.Errorf("%q has the stamp %q", none, f.Stamp)
		}
	}
	for in, want := range map[string]zone.Millis{"; cPanel latest:1 mtime:1414367349 hostname:h": 1414367349000, "; cPanel first:1": 0, "; cPanel (update_time):-5": 0, "; cPanel (update_time):99999999999999999999": 0} {
		if at, ok := zone.StampTime(in); at != want || ok != (want != 0) {
			t.Errorf("time of %q is %d, %v", in, at, ok)
		}
	}
	v := &zone.View{Zone: f.Zone, RRsets: f.RRsets}
	if err := zone.Print(&strings.Builder{}, v, stamp+"\nevil A 192.0.2.66"); err == nil {
		t.Error("a stamp that would become a record is printed")
	}
}

func TestSignaturesAreDroppedWithOneWarning(t *testing.T) {
	f := parseText(t, whole+`@ RRSIG SOA 8 2 300 20300101000000 20200101000000 1 example.com. AAAA
@ NSEC ns SOA NS RRSIG NSEC
ns RRSIG broken
@ NSEC3PARAM 1 0 0 -
abc NSEC3 1 0 0 - def A
@ DNSKEY 257 3 8 AwEAAQ==
`)
	if diff := cmp.Diff([]string{"@ 300 DNSKEY 257 3 8 AwEAAQ=="}, lines(f)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if len(f.Findings) != 1 || f.Findings[0].Line != 5 {
		t.Errorf("findings %q, want one, at line 5", messages(f.Findings))
	}
}

func TestWhatIsOutsideTheZoneIsLeftOutWithAWarning(t *testing.T) {
	f := parseText(t, whole+"www.example.org. A 192.0.2.2\nnotexample.com. A 192.0.2.2\n")
	if got := lines(f); len(got) != 0 || len(f.Findings) != 2 || f.Findings[0].Line != 5 {
		t.Errorf("records %q, findings %q", got, messages(f.Findings))
	}
}

func TestErrorsNameLineAndReasonAndAllAreFound(t *testing.T) {
	text := whole + `a A 1.2.3
b BOGUS 1
  A 192.0.2.1
c CH TXT x
a..b A 192.0.2.1
  A 192.0.2.1
d TXT "not closed
e A 192.0.2.1 )
f 99999999999 A 192.0.2.1
g MX ( 10
   mail
   extra )
$BOGUS
$TTL x
$ORIGIN
$INCLUDE file
h 10 20 A 192.0.2.1
i
j OPT x
k TXT "fine"
`
	_, err := zone.ParseText(text, name(t, "example.com"))
	var found zone.ParseErrors
	if !errors.As(err, &found) {
		t.Fatalf("error is %v", err)
	}
	want := []string{
		`line 5: A: "1.2.3" is not an IPv4 address`,
		`line 6: type "BOGUS" is unknown (hint: an unknown one is written TYPE and its number)`,
		`line 8: class "CH" is not served (hint: only IN is)`,
		`line 9: owner: name "a..b": name has an empty label`,
		`line 11: the quoted text "\"not closed" is not closed in its line`,
		`line 12: ")" without "("`,
		`line 13: ttl: time "99999999999" is above 2147483647 seconds`,
		`line 14: MX: unexpected "extra" after the data`,
		`line 17: directive "$BOGUS" is unknown`,
		`line 18: $TTL: "x" is not a time (hint: seconds, or like 1h30m)`,
		`line 19: $ORIGIN takes one name`,
		`line 20: $INCLUDE is not possible here: the text came from no file`,
		`line 21: type "20" is unknown (hint: an unknown one is written TYPE and its number)`,
		`line 22: the record has no type`,
		`line 23: type OPT stands only in messages, not in a zone`,
	}
	if diff := cmp.Diff(want, messages(found)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	_, err = zone.ParseFile(fstest.MapFS{"d/example.com.db": {Data: []byte("x A y\n")}}, "d/example.com.db", "")
	if err == nil || err.Error() != `d/example.com.db:1: A: "y" is not an IPv4 address` {
		t.Errorf("error is %v", err)
	}
}

func TestListsOfFindingsAreBounded(t *testing.T) {
	_, err := zone.ParseText(strings.Repeat("a A x\n", 1000), name(t, "example.com"))
	var found zone.ParseErrors
	if !errors.As(err, &found) || len(found) != 21 || !strings.Contains(found[20].Message, "too many errors") {
		t.Errorf("%d errors, the last %v", len(found), found[len(found)-1])
	}
	f := parseText(t, whole+strings.Repeat("www.example.org. A 192.0.2.2\nx.example.org. MX 10 .\n", 10)+generateLines("o%d.example.org. A 192.0.2.2\n", 1000))
	if len(f.Findings) != 101 {
		t.Errorf("%d warnings are listed", len(f.Findings))
	}
}

func generateLines(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestHostileTextIsRefusedQuickly(t *testing.T) {
	texts := map[string]string{
		"parentheses never closed": whole + "a TXT (" + strings.Repeat(" x\n", 1<<20),
		"an endless line":          whole + "a TXT " + strings.Repeat("x ", 1<<20),
		"an endless word":          whole + strings.Repeat("x", 3<<20),
		"too much $GENERATE":       whole + strings.Repeat("$GENERATE 1-40000 a$ A 192.0.2.1\n", 2),
		"a huge $GENERATE":         whole + "$GENERATE 0-2147483647 a$ A 192.0.2.1\n",
		"UTF-16":                   "\xff\xfe$\x00T\x00",
		"zero octets":              strings.Repeat("\x00", 1<<20),
	}
	for why, text := range texts {
		start := time.Now()
		if _, err := zone.ParseText(text, name(t, "example.com")); err == nil {
			t.Errorf("%s: taken", why)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", why, took)
		}
	}
}

func TestGenerate(t *testing.T) {
	f := parseText(t, whole+`$GENERATE 1-3/2 a$ 60 IN A 10.0.0.$
$GENERATE 8-9 b${2,3,x} CNAME a${-7}.x
$GENERATE 1-1 c MX "10 m$"
$GENERATE 1-1 d TXT $$-\$-$
`)
	want := []string{"a1 60 A 10.0.0.1", "a3 60 A 10.0.0.3", "b00a 300 CNAME a1.x.example.com.", "b00b 300 CNAME a2.x.example.com.", "c 300 MX 10 m1.example.com.", `d 300 TXT "$-$-1"`}
	if diff := cmp.Diff(want, lines(f)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	for _, line := range []string{
		"1-3", "1-3 a", "1-3 a A", "3-1 a A 192.0.2.1", "x a A 192.0.2.1", "1 a A 192.0.2.1", "1-3/0 a A 192.0.2.1", "-1-3 a A 192.0.2.1",
		"1-2 a${ A 192.0.2.1", "1-2 a${x} A 192.0.2.1", "1-2 a${0,x} A 192.0.2.1", "1-2 a${0,0,z} A 192.0.2.1", "1-2 a${0,0,d,1} A 192.0.2.1", "1-2 a${-5} A 192.0.2.1",
		"1-2 a${0,999} A 192.0.2.1", "1-2 a A 300.0.0.$", "0-300 a A 10.0.0.$",
	} {
		if _, err := zone.ParseText(whole+"$GENERATE "+line+"\n", name(t, "example.com")); err == nil {
			t.Errorf("$GENERATE %s is taken", line)
		}
	}
}

func TestIncludeStaysBelowTheFolder(t *testing.T) {
	dir := t.TempDir()
	write := func(file, text string) {
		t.Helper()
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, file string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	write("secret", "secret A 192.0.2.66\n")
	write("zones/inc/mail", "mail A 192.0.2.5\n")
	write("zones/inc/nested", "$INCLUDE inc/mail sub\nnested A 192.0.2.6\n")
	write("zones/loop", "$INCLUDE loop\n")
	link("inc/mail", "zones/inside")
	link("../inc/mail", "zones/inc/back")
	link("..", "zones/up")
	link("inc/../../secret", "zones/inc-out")
	link("/etc/passwd", "zones/absolute")
	link("round2", "zones/round1")
	link("round1", "zones/round2")

	parse := func(fsys fs.FS, include string) (*zone.File, error) {
		write("zones/example.com.db", whole+"$INCLUDE "+include+"\n")
		return zone.ParseFile(fsys, "zones/example.com.db", "")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for kind, fsys := range map[string]fs.FS{"os.DirFS": os.DirFS(dir), "os.Root": root.FS()} {
		for include, want := range map[string][]string{
			"inc/mail":         {"mail 300 A 192.0.2.5"},
			`"./inc//mail" in`: {"mail.in 300 A 192.0.2.5"},
			"inside":           {"mail 300 A 192.0.2.5"},
			"inc/back":         {"mail 300 A 192.0.2.5"},
			"inc/nested":       {"nested 300 A 192.0.2.6", "mail.sub 300 A 192.0.2.5"},
		} {
			f, err := parse(fsys, include)
			if err != nil {
				t.Errorf("%s: %s: %v", kind, include, err)
				continue
			}
			if diff := cmp.Diff(want, lines(f)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", kind, include, diff)
			}
		}
		outside := []string{"../secret", "inc/../../secret", "inc/../loop", filepath.Join(dir, "secret"), "/etc/passwd", "up/secret", "inc-out", "absolute"}
		for i, include := range append(outside, "round1", "loop", "missing", "inc", `""`, "a b c", ".") {
			_, err := parse(fsys, include)
			switch {
			case err == nil:
				t.Errorf("%s: $INCLUDE %s is taken", kind, include)
			case !strings.HasPrefix(err.Error(), "zones/"):
				t.Errorf("%s: $INCLUDE %s: the error does not say where: %v", kind, include, err)
			case i < len(outside) && !strings.Contains(err.Error(), "only files in or below"):
				t.Errorf("%s: $INCLUDE %s is refused for another reason than its place: %v", kind, include, err)
			}
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	fsys := fstest.MapFS{"dir.db/x": {}}
	if _, err := zone.ParseFile(fsys, "example.com.db", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := zone.ParseFile(fsys, "dir.db", ""); err == nil {
		t.Error("a folder is read as a zone file")
	}
}

func TestPrintedZoneReadsBackEqual(t *testing.T) {
	files, _ := filepath.Glob("testdata/text/corpus/*.zone")
	for _, file := range files {
		f, err := zone.ParseFile(os.DirFS(filepath.Dir(file)), filepath.Base(file), name(t, "example.com"))
		if err != nil {
			t.Fatal(err)
		}
		printed := printView(t, f)
		again, err := zone.ParseText(printed, "")
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if diff := cmp.Diff(f.RRsets, again.RRsets); diff != "" || again.Zone != f.Zone {
			t.Errorf("%s, printed and read again (-want +got):\n%s", file, diff)
		}
		text := slices.DeleteFunc(strings.Split(printed, "\n"), func(line string) bool { return strings.HasPrefix(line, ";") })
		if !strings.HasPrefix(text[0], "$ORIGIN example.com.") || !strings.Contains(text[1], "\tIN\tSOA\t") {
			t.Errorf("%s begins with %q, not with $ORIGIN and SOA", file, text[:2])
		}
	}
}

// 10,000 small files are to be read within 3 seconds on one core. The quickest of a few runs counts, and the bound
// leaves room for the race detector, so that a busy machine does not fail it.
func TestSmallFilesAreReadQuickly(t *testing.T) {
	text := corpus(t, "cpanel.zone")
	origin := name(t, "example.com")
	const n = 100
	quickest := time.Hour
	for range 10 {
		start := time.Now()
		for range n {
			if _, err := zone.ParseText(text, origin); err != nil {
				t.Fatal(err)
			}
		}
		quickest = min(quickest, time.Since(start))
	}
	if quickest > n*time.Millisecond {
		t.Errorf("%d zone files took %v at best", n, quickest)
	}
}

func BenchmarkParseSmallFile(b *testing.B) {
	text, err := os.ReadFile("testdata/text/corpus/cpanel.zone")
	if err != nil {
		b.Fatal(err)
	}
	origin := name(b, "example.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := zone.ParseText(string(text), origin); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrintLargeZone(b *testing.B) {
	f, err := zone.ParseText("$ORIGIN example.com.\n"+whole+generateLines("host%d A 192.0.2.2\n", 100_000), "")
	if err != nil {
		b.Fatal(err)
	}
	v := &zone.View{Zone: f.Zone, RRsets: f.RRsets}
	for b.Loop() {
		if err := zone.Print(&strings.Builder{}, v, ""); err != nil {
			b.Fatal(err)
		}
	}
}
