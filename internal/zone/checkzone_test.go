package zone_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// The corpus of awkward zones is read by BIND's named-checkzone and by this package; the records must be the same.
func TestZoneFilesReadAsBINDReadsThem(t *testing.T) {
	files, err := filepath.Glob("testdata/text/corpus/*.zone")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want := bindRecords(t, file)
			f, err := zone.ParseFile(os.DirFS("testdata/text/corpus"), filepath.Base(file), name(t, "example.com"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, ourRecords(f.RRsets)); diff != "" {
				t.Errorf("records differ (-named-checkzone +this package):\n%s", diff)
			}
		})
	}
}

// What this package prints, BIND reads, as the same records.
func TestBINDReadsWhatIsPrinted(t *testing.T) {
	files, _ := filepath.Glob("testdata/text/corpus/*.zone")
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := zone.ParseFile(os.DirFS("testdata/text/corpus"), filepath.Base(file), name(t, "example.com"))
			if err != nil {
				t.Fatal(err)
			}
			printed := filepath.Join(t.TempDir(), "printed")
			if err := os.WriteFile(printed, []byte(printView(t, f)), 0o600); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(bindRecords(t, printed), ourRecords(f.RRsets)); diff != "" {
				t.Errorf("records differ (-named-checkzone +this package):\n%s", diff)
			}
		})
	}
}

// bindRecords has named-checkzone normalise a zone file, and reads its output with the DNS library, so that nothing of
// this package takes part.
func bindRecords(t *testing.T, file string) []string {
	t.Helper()
	cmd := exec.Command("named-checkzone", "-q", "-i", "none", "-k", "ignore", "-D", "-s", "full", "-o", "-", "example.com", filepath.Base(file))
	cmd.Dir = filepath.Dir(file)
	out, err := cmd.Output()
	if err != nil {
		said, _ := exec.Command("named-checkzone", "example.com", file).CombinedOutput()
		t.Fatalf("named-checkzone: %v\n%s", err, said)
	}
	var records []string
	parser := dns.NewZoneParser(strings.NewReader(string(out)), "", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		wire := make([]byte, 70000)
		n, err := dns.PackRR(rr, wire, 0, nil, false)
		if err != nil {
			t.Fatalf("pack %s: %v", rr, err)
		}
		owner, at, err := zone.NameFromWire(wire)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record(owner, zone.Type(rr.Header().Rrtype), rr.Header().Ttl, wire[at+10:n]))
	}
	if err := parser.Err(); err != nil {
		t.Fatalf("read named-checkzone's output: %v", err)
	}
	slices.Sort(records)
	return slices.Compact(records)
}

func ourRecords(sets []zone.RRset) []string {
	var records []string
	for _, set := range sets {
		for _, data := range set.Data {
			records = append(records, record(set.Owner, set.Type, set.TTL, data))
		}
	}
	slices.Sort(records)
	return records
}

func record(owner zone.Name, t zone.Type, ttl uint32, data []byte) string {
	return fmt.Sprintf("%s %d %s %x", owner, ttl, t, zone.CanonicalData(t, data))
}

func printView(t testing.TB, f *zone.File) string {
	t.Helper()
	var b strings.Builder
	if err := zone.Print(&b, &zone.View{Zone: f.Zone, Serial: f.Serial, RRsets: f.RRsets}, f.Stamp); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func name(t testing.TB, s string) zone.Name {
	t.Helper()
	n, err := zone.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
