package web

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
)

// A member whose nameserver software cannot do DNSSEC has a warning in the place of its version.
func TestAWarningTakesThePlaceOfTheVersion(t *testing.T) {
	b := oneMember()
	m := &b.members[0]
	m.Software, m.Version, m.DNSSEC = "embedded", "1.2.3", control.SignsNo
	s, _ := server(b)
	page := text(t, get(s, "/", signedIn(t, s)))
	if !strings.Contains(page, "embedded cannot do DNSSEC.") || !strings.Contains(page, `href="/members/192.0.2.1:2087/nameserver"`) || strings.Contains(page, "1.2.3") {
		t.Errorf("a member that cannot sign:\n%s", page)
	}
	if strings.Contains(page, "DNSSEC: ") {
		t.Error("no zone is signed, and the page warns")
	}
	m.DNSSEC = control.SignsYes
	if page := text(t, get(s, "/", signedIn(t, s))); !strings.Contains(page, "version 1.2.3") || strings.Contains(page, "Upgrade") {
		t.Errorf("a member that can sign:\n%s", page)
	}
}

// The table has the columns that WHM's has, in its words, and under each what belongs there.
func TestTheTableHasWHMsColumns(t *testing.T) {
	b := oneMember()
	m := &b.members[0]
	m.Username, m.Address, m.Software, m.Version, m.Health = "reseller7", "198.51.100.53:53", "embedded", "1.2.3", cluster.Health{Failures: 2, LastError: "no answer"}
	s, _ := server(b)
	page := text(t, get(s, "/", signedIn(t, s)))
	_, table, _ := strings.Cut(page, `<table class="members">`)
	table, _, _ = strings.Cut(table, "</table>")
	table = strings.ReplaceAll(table, "<wbr>", "")
	tags := regexp.MustCompile(`<[^>]*>|\s+`)
	words := func(pattern string) (list []string) {
		for _, cell := range regexp.MustCompile(pattern).FindAllStringSubmatch(table, -1) {
			list = append(list, html.UnescapeString(strings.TrimSpace(tags.ReplaceAllString(cell[1], " "))))
		}
		return list
	}
	heads, cells := words(`(?s)<th scope="col">(.*?)</th>`), words(`(?s)<t[dh](?: scope="row"| data-label="[^"]*")>(.*?)</t[dh]>`)
	if len(heads) != len(cells) {
		t.Fatalf("%d heads %q over %d cells %q", len(heads), heads, len(cells), cells)
	}
	for head, want := range map[string][]string{
		"Hostname":    {"ns1.example", "192.0.2.1:2087"},
		"IP address":  {"198.51.100.53"},
		"Username":    {"reseller7"},
		"Type":        {"ZoneFleet"},
		"Status":      {"in step", "version 1.2.3", "2 of 10 failures: no answer"},
		"Server type": {"embedded"},
		"DNS role":    {"standalone", "synchronize", "write-only"},
	} {
		found := false
		for i := range heads {
			if heads[i] != head {
				continue
			}
			found = true
			for _, word := range want {
				if !strings.Contains(strings.Join(strings.Fields(cells[i]), " "), word) {
					t.Errorf("under %s it says %q, not %q", head, cells[i], word)
				}
			}
		}
		if !found {
			t.Errorf("there is no column %s in %q", head, heads)
		}
	}
	if !strings.Contains(table, `<option value="synchronize" selected>`) {
		t.Error("the menu does not stand at the role that the link has")
	}
}
