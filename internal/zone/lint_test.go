package zone_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// lintCases are zones with one thing wrong each: "E line message" for an error, "W line message" for a warning. Line
// numbers are those of the file, 0 for the zone as a whole. "stricter" says why BIND takes what is refused here.
var lintCases = []struct {
	why, text string
	want      []string
	stricter  string
}{
	{why: "nothing wrong", text: whole},
	{why: "no SOA", text: "$TTL 300\n@ NS ns\nns A 192.0.2.1\n", want: []string{"E 0 zone example.com has no SOA at its apex"}},
	{why: "no NS", text: "$TTL 300\n@ SOA ns h 1 2 3 4 5\n", want: []string{"E 0 zone example.com has no NS at its apex"}},
	{why: "two SOAs", text: whole + "@ SOA ns h 8 2 3 4 5\n", want: []string{"E 2 example.com SOA: there can be one at a name, here are 2"}},
	{why: "one SOA twice", text: whole + "@ SOA NS H 7 2 3 4 5\n"},
	{why: "a SOA below the apex", text: whole + "sub SOA ns h 8 2 3 4 5\n", want: []string{"E 5 sub.example.com SOA: a SOA stands only at the apex of the zone, example.com"}},
	{why: "a mailbox with @", text: "$TTL 300\n@ SOA ns admin@example.com. 7 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", want: []string{"W 2 example.com SOA: the mailbox is written with an @ (hint: user.domain, with a dot)"}},
	{why: "a CNAME beside an address", text: whole + "www A 192.0.2.2\nwww CNAME ns\n", want: []string{"E 6 www.example.com CNAME: a CNAME allows no other data at its name, here is A"}},
	{why: "a CNAME at the apex", text: whole + "@ CNAME example.org.\n", want: []string{"E 5 example.com CNAME: a CNAME allows no other data at its name, here is NS, SOA"}},
	{why: "a CNAME beside a KEY", text: whole + "www KEY 256 3 8 AwEAAQ==\nwww CNAME ns\n"},
	{why: "two CNAMEs", text: whole + "www CNAME ns\nwww CNAME x\n", want: []string{"E 5 www.example.com CNAME: there can be one at a name, here are 2"}},
	{why: "one CNAME twice", text: whole + "www CNAME ns\nwww CNAME NS\n"},
	{why: "two DNAMEs", text: whole + "d DNAME a.\nd DNAME b.\n", want: []string{"E 5 d.example.com DNAME: there can be one at a name, here are 2"}},
	{why: "a DNAME at the apex", text: "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.org.\n@ DNAME example.org.\n"},
	{why: "a DNAME over the zone's own nameserver", text: whole + "@ DNAME example.org.\n", want: []string{
		"E 3 example.com NS: ns.example.com is below the DNAME example.com", "W 4 ns.example.com A: nothing asks for it here: example.com has a DNAME",
	}},
	{why: "data below a DNAME", text: whole + "d DNAME a.\nx.d A 192.0.2.2\n", want: []string{"W 6 x.d.example.com A: nothing asks for it here: d.example.com has a DNAME"}},
	{why: "a DNAME beside a delegation", text: whole + "d DNAME a.\nd NS ns\n", want: []string{"W 5 d.example.com DNAME: a DNAME stands beside a delegation"}},
	{why: "the zone's nameserver is a CNAME", text: "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns CNAME www\nwww A 192.0.2.1\n", want: []string{
		"E 3 example.com NS: ns.example.com is a CNAME, where a host name with an address must stand (RFC 2181 section 10.3)",
	}},
	{why: "the zone's nameserver has no address", text: "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns TXT x\n", want: []string{"E 3 example.com NS: ns.example.com has no address (A or AAAA) in the zone"}},
	{why: "the zone's nameserver is in a delegated part, with glue", text: "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns.sub\nsub NS ns.sub\nns.sub A 192.0.2.1\n"},
	{why: "a mail server that is a CNAME", text: whole + "@ MX 10 m\nm CNAME ns\n", want: []string{"W 5 example.com MX: m.example.com is a CNAME, where a host name with an address must stand (RFC 2181 section 10.3)"}},
	{why: "a mail server without an address", text: whole + "@ MX 10 m\n", want: []string{"W 5 example.com MX: m.example.com has no address (A or AAAA) in the zone"}},
	{why: "a mail server at a wildcard", text: whole + "@ MX 10 a.b.w\n*.w A 192.0.2.2\n"},
	{why: "a mail server that a wildcard would have, were there not a name between", text: whole + "@ MX 10 a.b.w\n*.w A 192.0.2.2\nx.b.w A 192.0.2.2\n", want: []string{
		"W 5 example.com MX: a.b.w.example.com has no address (A or AAAA) in the zone",
	}},
	{why: "a mail server at a wildcard CNAME", text: whole + "@ MX 10 a.w\n*.w CNAME ns\n", want: []string{"W 5 example.com MX: a.w.example.com is a CNAME, where a host name with an address must stand (RFC 2181 section 10.3)"}},
	{why: "a mail server in a delegated part", text: whole + "@ MX 10 m.sub\nsub NS ns\n"},
	{why: "no mail beside mail", text: whole + "@ MX 0 .\n@ MX 10 ns\n", want: []string{`W 5 example.com MX: "no mail" (a lone dot) stands beside other mail servers`}},
	{why: "no mail, no service", text: whole + "@ MX 0 .\n_x._tcp SRV 0 0 0 .\n"},
	{why: "a service without an address", text: whole + "_x._tcp SRV 1 1 1 m\n", want: []string{"W 5 _x._tcp.example.com SRV: m.example.com has no address (A or AAAA) in the zone"}},
	{why: "an address for a nameserver", text: "$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS 192.0.2.1.\n", want: []string{"W 3 example.com NS: 192.0.2.1 is an address where a host name must stand"}},
	{why: "an address for a mail server", text: whole + "@ MX 10 192.0.2.1\n", want: []string{"W 5 example.com MX: 192.0.2.1.example.com is an address where a host name must stand"}},
	{why: "missing glue", text: whole + "sub NS ns.sub\n", want: []string{"W 5 sub.example.com NS: ns.sub.example.com is below this delegation and has no glue (A or AAAA) here"}},
	{why: "missing glue in a sibling", text: whole + "sub NS ns.other\nother NS ns\n", want: []string{"W 5 sub.example.com NS: ns.other.example.com is below another delegation and has no glue (A or AAAA) here"}},
	{why: "a delegation to a CNAME", text: whole + "sub NS c\nc CNAME ns\n", want: []string{"W 5 sub.example.com NS: c.example.com is a CNAME, where a host name with an address must stand (RFC 2181 section 10.3)"}},
	{why: "a delegation with glue and DS", text: whole + "sub NS ns.sub\nns.sub A 192.0.2.2\nsub DS 1 8 1 0123456789abcdef0123456789abcdef01234567\n"},
	{why: "data at and below a delegation", text: whole + "sub NS ns.example.org.\nsub TXT x\nwww.sub A 192.0.2.2\n", want: []string{
		"W 6 sub.example.com TXT: nothing asks for it here: sub.example.com has a NS", "W 7 www.sub.example.com A: nothing asks for it here: sub.example.com has a NS",
	}},
	{why: "a DS without a delegation", text: whole + "sub DS 1 8 1 0123456789abcdef0123456789abcdef01234567\n", want: []string{"W 5 sub.example.com DS: there is no delegation (NS) for it at this name (RFC 4035 section 2.4)"}},
	{why: "a DS at the apex", text: whole + "@ DS 1 8 1 0123456789abcdef0123456789abcdef01234567\n", want: []string{"E 5 example.com DS: a DS stands in the parent zone, not at the apex"}},
	{why: "a delegated wildcard", text: whole + "*.w NS ns\n", want: []string{"E 5 *.w.example.com NS: a wildcard cannot be delegated"}},
	{why: "a wildcard DNAME", text: whole + "*.w DNAME a.\n", want: []string{"W 5 *.w.example.com DNAME: what a wildcard DNAME means is undefined (RFC 4592 section 4.4)"}},
	{why: "outside the zone", text: whole + "www.example.org. A 192.0.2.2\n", want: []string{"W 5 www.example.org A is outside the zone example.com and is left out"}},
	{why: "odd names", text: whole + "_x A 192.0.2.2\n*.w A 192.0.2.2\na\\032b TXT x\n"},
	{why: "an RRset that no answer can carry", text: whole + generateLines("big TXT \"%0255d\"\n", 250), stricter: "BIND loads it and can answer it only with TC=1", want: []string{
		"E 5 big.example.com TXT: its 250 records need 67000 octets: no answer can carry that",
	}},
}

func TestLint(t *testing.T) {
	for _, test := range lintCases {
		t.Run(test.why, func(t *testing.T) {
			f, err := zone.ParseText(test.text, name(t, "example.com"))
			var found []zone.Finding
			var refused zone.ParseErrors
			switch {
			case errors.As(err, &refused):
				found = refused
			case err != nil:
				t.Fatal(err)
			default:
				found = f.Findings
			}
			// A refused zone's error lists no warnings.
			var want []string
			for _, line := range test.want {
				if refused == nil || strings.HasPrefix(line, "E") {
					want = append(want, line[2:])
				}
			}
			var got []string
			for _, f := range found {
				line := f.String()
				if rest, ok := strings.CutPrefix(line, "line "); ok {
					line = strings.Replace(rest, ":", "", 1)
				} else {
					line = "0 " + line
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			wantRefused := len(test.want) > 0 && strings.HasPrefix(test.want[0], "E")
			if wantRefused != (refused != nil) {
				t.Errorf("refused: %v, want %v", refused != nil, wantRefused)
			}
			checkVerdict(t, test.text, wantRefused, test.stricter)
		})
	}
}

// checkVerdict asks named-checkzone whether it would load the zone.
func checkVerdict(t *testing.T, text string, refused bool, stricter string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	// Names outside are not looked up, and host names with underscores are as welcome as here.
	said, err := exec.Command("named-checkzone", "-i", "local", "-k", "ignore", "example.com", file).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if bind := err != nil; bind != refused && stricter == "" {
		t.Errorf("named-checkzone refuses: %v, this package: %v\n%s", bind, refused, said)
	} else if stricter != "" && bind {
		t.Errorf("named-checkzone refuses it too; it was expected not to: %s", stricter)
	}
}

func TestLintOfWhatNoFileCouldHold(t *testing.T) {
	origin := name(t, "example.com")
	sets := []zone.RRset{
		{Owner: origin, Type: zone.TypeSOA, TTL: 1, Data: [][]byte{{0}}}, // malformed data is another's business, but does no harm
		{Owner: origin, Type: zone.TypeNS, TTL: 1, Data: [][]byte{{9}}},
		{Owner: origin, Type: zone.TypeMX, TTL: 1, Data: [][]byte{{}}},
		{Owner: name(t, "example.org"), Type: zone.TypeA, TTL: 1, Data: [][]byte{{192, 0, 2, 1}}},
		{Owner: origin, Type: zone.TypeAXFR, TTL: 1, Data: [][]byte{{}}},
		{Owner: origin, Type: zone.TypeTXT, TTL: 1},
	}
	var got []string
	for _, f := range zone.Lint(origin, sets) {
		got = append(got, f.Severity.String()+" "+f.String())
	}
	want := []string{"error example.org A: it is outside the zone example.com", "error example.com AXFR: the type stands only in messages, not in a zone"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
