package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// The table of records has WHM's columns; the text and the chips of types choose among all records, not those of one page.
func TestRecordsAreFilteredByTextAndType(t *testing.T) {
	b := oneMember()
	set := func(owner string, typ zone.Type, data ...[]byte) {
		b.content = append(b.content, zone.NewRRset(mustName(t, owner), typ, 300, data))
	}
	for i := range 2 * recordsPerPage {
		set(fmt.Sprintf("h%03d.example.com", i), zone.TypeA, []byte{192, 0, 2, byte(i)})
	}
	set("zz.example.com", zone.TypeTXT, append([]byte{6}, "needle"...))
	set("zz.example.com", zone.TypeAAAA, make([]byte, 16))
	s, _ := server(b)
	cookie := signedIn(t, s)
	for query, c := range map[string]struct {
		count, has, not string
		chips           []string
	}{
		"":              {"202 records", "h000", "needle", []string{"A", "AAAA", "TXT"}},
		"?q=needle":     {"1 record", "needle", "h000", []string{"TXT"}},
		"?q=zz":         {"2 records", "needle", "h000", []string{"AAAA", "TXT"}},
		"?only=AAAA":    {"1 record", "zz", "needle", []string{"A", "AAAA", "TXT"}},
		"?only=A&q=zz":  {"0 records", "", "needle", []string{"AAAA", "TXT"}},
		"?q=192.0.2.17": {"11 records", "h017", "needle", []string{"A"}}, // .17 and .170 to .179
	} {
		page := text(t, get(s, "/zones/example.com"+query, cookie))
		for _, head := range []string{"Name", "TTL", "Type", "Record", "Actions"} {
			if !strings.Contains(page, `<th scope="col">`+head+"</th>") && c.has != "" {
				t.Errorf("%q: no column %s", query, head)
			}
		}
		_, table, _ := strings.Cut(page, "<tbody")
		table, _, _ = strings.Cut(table, "</table>")
		if !strings.Contains(page, "\n"+c.count) && !strings.Contains(page, ">"+c.count) || !strings.Contains(table, c.has) || strings.Contains(table, c.not) {
			t.Errorf("%q: want %s with %q and without %q", query, c.count, c.has, c.not)
		}
		for _, chip := range c.chips {
			if !strings.Contains(page, "only="+chip) {
				t.Errorf("%q: no chip %s", query, chip)
			}
		}
		if rows := strings.Count(table, "<th scope=\"row\""); rows > recordsPerPage {
			t.Errorf("%q: %d rows on one page", query, rows)
		}
	}
}
