package control_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func (s *server) imported(t tb, text string, change ...func(*control.ImportRequest)) control.ImportResult {
	t.Helper()
	r := control.ImportRequest{Text: text, FileName: example + ".db"}
	for _, f := range change {
		f(&r)
	}
	out, err := s.ImportZone(ctx(), root, r)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return out
}

const file = `; cPanel first:11.110.0.15 (update_time):1700000000 Cpanel::ZoneFile::VERSION:1.3 hostname:web1.test latest:11.110.0.15
$TTL 14400
@ 86400 IN SOA ns1.test. hostmaster.test. 2026092101 3600 1800 1209600 86400
@ IN NS ns1.test.
@ IN NS ns2.test.
www IN A 192.0.2.1
mail IN A 192.0.2.2
`

func TestAnImportCreatesTheZoneThatItsFileIsNamedFor(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	dry := s.imported(t, file, func(r *control.ImportRequest) { r.DryRun = true })
	if !dry.Created || len(dry.Differences) != 4 || s.Store.Synced() != 0 {
		t.Fatalf("the dry run gives %+v, and %d changes", dry, s.Store.Synced())
	}
	r := s.imported(t, file)
	if !r.Created || !r.Changed || r.Serial != 2026092101 {
		t.Fatalf("the import gives %+v", r)
	}
	shown := s.show(t, example)
	if shown.View.Home != s.home() || shown.View.Owner != "root" || shown.View.Created < start {
		t.Errorf("the zone is %+v", shown.View)
	}
	var out bytes.Buffer
	if _, err := s.ExportZone(ctx(), root, name(example), &out); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(file, "\n"); !strings.HasPrefix(out.String(), first+"\n") {
		t.Errorf("the stamp is not kept byte for byte:\n%s", out.String())
	}
	again := s.imported(t, out.String())
	if again.Changed || again.Position != r.Position || len(again.Differences) != 0 {
		t.Errorf("importing what was exported gives %+v", again)
	}
}

func TestAnImportDeletesWhatTheFileLacksAndSaysSoBefore(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.imported(t, file)
	smaller := strings.Replace(file, "mail IN A 192.0.2.2\n", "new IN A 192.0.2.3\n", 1)
	dry := s.imported(t, smaller, func(r *control.ImportRequest) { r.DryRun = true })
	if len(dry.Differences) != 2 || dry.Created {
		t.Fatalf("the dry run gives %+v", dry)
	}
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.2", s)
	r := s.imported(t, smaller)
	wantServed(t, example, "mail.example.com", zone.TypeA, "", s)
	wantServed(t, example, "new.example.com", zone.TypeA, "192.0.2.3", s)

	s.undo(t, r.Position)
	wantServed(t, example, "mail.example.com", zone.TypeA, "192.0.2.2", s)
}

func TestSerialsOfFiles(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	s.imported(t, file)
	with := func(serial string) string { return strings.Replace(file, "2026092101", serial, 1) }

	higher := s.imported(t, with("2026092200"))
	if !higher.Changed || higher.Serial != 2026092200 || len(higher.Differences) != 0 {
		t.Errorf("a higher serial alone gives %+v", higher)
	}
	if lower := s.imported(t, with("2026092100")); lower.Changed {
		t.Errorf("a lower serial alone gives %+v", lower)
	}
	if wild := s.imported(t, with("4000000000")); wild.Changed || wild.Serial != 2026092200 {
		t.Errorf("a serial that uses up the numbers gives %+v", wild)
	}
	changed := s.imported(t, strings.Replace(with("1"), "192.0.2.1", "192.0.2.9", 1))
	if !changed.Changed || changed.Serial != 2026092201 {
		t.Errorf("content with an old serial gives %+v", changed)
	}
}

func TestABrokenFileIsRefusedWithFileLineAndReason(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	_, err := s.ImportZone(ctx(), root, control.ImportRequest{FileName: "example.com.db", Text: file + "bad IN A 192.0.2.300\n"})
	if e := wantCode(t, err, control.CodeInvalid); len(e.Details) != 1 || !strings.HasPrefix(e.Details[0], "example.com.db:8: ") {
		t.Errorf("the refusal says %q", e.Details)
	}
	_, err = s.ImportZone(ctx(), root, control.ImportRequest{FileName: "example.com.db", Text: file + "www IN CNAME mail\n"})
	wantCode(t, err, control.CodeInvalid)
	_, err = s.ImportZone(ctx(), root, control.ImportRequest{Zone: name(example), Text: strings.Replace(file, "IN NS ns1.test.", "IN NS ns1", 1)})
	wantCode(t, err, control.CodeInvalid) // no glue
	if s.Store.Synced() != 0 {
		t.Error("something was committed")
	}
}

func TestAnImportAgainstAConcurrentEditKeepsBoth(t *testing.T) {
	w := newWorld()
	a, b := w.server(t, "a.test"), w.server(t, "b.test")
	a.imported(t, file)
	exchange(t, a, b)
	b.edit(t, example, set("ftp.example.com", zone.TypeA, "192.0.2.50")) // the importer has not seen it
	a.imported(t, strings.Replace(file, "192.0.2.1\n", "192.0.2.11\n", 1))
	exchange(t, a, b)
	wantServed(t, example, "ftp.example.com", zone.TypeA, "192.0.2.50", a, b)
	wantServed(t, example, "www.example.com", zone.TypeA, "192.0.2.11", a, b)
	wantEqual(t, example, a, b)
}

func TestCreatingAZone(t *testing.T) {
	s := newWorld().server(t, "web1.test")
	settings := control.Settings{Nameservers: []zone.Name{name("ns1.test"), name("ns2.test")}}
	if err := s.SetSettings(ctx(), root, settings); err != nil {
		t.Fatal(err)
	}
	r, err := s.CreateZone(ctx(), root, control.CreateRequest{
		Zone: name(example), RRsets: []zone.RRset{zone.NewRRset(name("www.example.com"), zone.TypeA, 300, data(zone.TypeA, "192.0.2.1"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Serial != 2026092100 { // the day of the test's clock
		t.Errorf("a new zone starts at serial %d", r.Serial)
	}
	wantServed(t, example, "example.com", zone.TypeNS, "ns1.test., ns2.test.", s)
	wantServed(t, example, "example.com", zone.TypeSOA, "ns1.test. hostmaster.example.com. 2026092100 3600 1800 1209600 86400", s)
	_, err = s.CreateZone(ctx(), root, control.CreateRequest{Zone: name(example)})
	wantCode(t, err, control.CodeExists)
	for _, wrong := range []zone.Name{zone.Root, "", name("*.example.org")} {
		_, err = s.CreateZone(ctx(), root, control.CreateRequest{Zone: wrong})
		wantCode(t, err, control.CodeInvalid)
	}
	_, err = s.CreateZone(ctx(), root, control.CreateRequest{Zone: name("example.net"), Nameservers: []zone.Name{name("ns1.example.net")}})
	wantCode(t, err, control.CodeRefused) // no glue
}
