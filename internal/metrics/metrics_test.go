package metrics

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func scrapeText(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	b, err := io.ReadAll(w.Body)
	if err != nil || w.Code != 200 {
		t.Fatalf("status %d, error %v: %s", w.Code, err, b)
	}
	return string(b)
}

func TestAScrapeSaysWhatTheSourcesSay(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	m := New("v1", Sources{
		Queries: func() Queries {
			return Queries{UDP: 7, TCP: 2, Rcodes: []uint64{5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}
		},
		Zones:     func() int { return 12 },
		Conflicts: func() int { return 3 },
		Held:      func() int { return 25 }, LongestVector: func() int { return 4 }, Copied: func() int { return 2 },
		Members: func() []Member {
			return []Member{
				{Name: "ns1", State: "active", Waiting: 5, Oldest: now.Add(-90 * time.Second)},
				{Name: "ns2", State: "disabled-failures"},
				{Name: "ns1", State: "active"}, // the same server in a reseller's table
			}
		},
		LeftOut:   func() map[string]uint64 { return map[string]uint64{"rest": 8} },
		CertUntil: func() time.Time { return time.Unix(1800000000, 0) },
		Reloaded:  func() bool { return true },
		Now:       func() time.Time { return now },
	})
	m.Propagated("ns1", 12*time.Millisecond)
	m.Synced(300 * time.Microsecond)
	got := scrapeText(t, m)
	for _, want := range []string{
		`zonefleet_build_info{version="v1"} 1`,
		`zonefleet_held_changes 25`,
		`zonefleet_longest_vector 4`,
		`zonefleet_copied_servers 2`,
		`zonefleet_dns_queries_total{transport="udp"} 7`,
		`zonefleet_dns_answers_total{rcode="NXDOMAIN"} 4`,
		`zonefleet_dns_answers_total{rcode="SERVFAIL"} 0`,
		`zonefleet_dns_answers_total{rcode="BADVERS"} 1`,
		`zonefleet_zones 12`,
		`zonefleet_conflicts 3`,
		`zonefleet_members{state="active"} 2`,
		`zonefleet_members{state="disabled-failures"} 1`,
		`zonefleet_members{state="disabled-by-hand"} 0`,
		`zonefleet_member_waiting_changes{member="ns1"} 5`,
		`zonefleet_member_oldest_waiting_seconds{member="ns1"} 90`,
		`zonefleet_member_oldest_waiting_seconds{member="ns2"} 0`,
		`zonefleet_propagation_seconds_bucket{server="ns1",le="0.025"} 1`,
		`zonefleet_propagation_seconds_bucket{server="ns1",le="0.01"} 0`,
		`zonefleet_store_sync_seconds_count 1`,
		`zonefleet_log_lines_left_out_total{package="rest"} 8`,
		`zonefleet_certificate_expiry_timestamp_seconds 1.8e+09`,
		`zonefleet_config_last_reload_successful 1`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
}

func TestSourcesThatAreMissingHaveNoSeries(t *testing.T) {
	got := scrapeText(t, New("v1", Sources{}))
	for _, name := range []string{"zonefleet_zones ", "zonefleet_members", "zonefleet_dns", "zonefleet_log", "zonefleet_cert", "zonefleet_config"} {
		if strings.Contains(got, "\n"+name) {
			t.Errorf("there is a series %s", name)
		}
	}
}
