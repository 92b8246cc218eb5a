package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// scrape reads the sources when it is asked.
type scrape struct {
	Sources
	queries, rcodes, dropped, truncated, transfers *prometheus.Desc
	zones, conflicts, held, vector, copied         *prometheus.Desc
	members, waiting, oldest, drifted              *prometheus.Desc
	leftOut, certUntil, reloaded                   *prometheus.Desc
	backupGood, backupBytes, backupLate            *prometheus.Desc
}

func newScrape(s Sources) *scrape {
	if s.Now == nil {
		s.Now = time.Now
	}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("zonefleet_"+name, help, labels, nil)
	}
	return &scrape{
		Sources:   s,
		queries:   desc("dns_queries_total", "Questions by transport.", "transport"),
		rcodes:    desc("dns_answers_total", "Answers by response code.", "rcode"),
		dropped:   desc("dns_dropped_total", "Packets that got no answer: malformed, or answers themselves."),
		truncated: desc("dns_truncated_total", "Answers by UDP that were cut to fit."),
		transfers: desc("dns_transfers_total", "Zones sent by AXFR."),
		zones:     desc("zones", "Zones that are served."),
		conflicts: desc("conflicts", "Zones with open conflicts."),
		held:      desc("held_changes", "Changes that wait for a person's decision."),
		copied:    desc("copied_servers", "Servers of which a copy of the data folder runs too, as seen in the last day."),
		vector:    desc("longest_vector", "Node ids that have written to the zone that most of them have written to, as of the last day."),
		members:   desc("members", "Members by state.", "state"),
		waiting:   desc("member_waiting_changes", "Changes that the member has not yet.", "member"),
		drifted:   desc("member_drifted_zones", "Zones that differ there, as the last comparison found.", "member"),
		oldest:    desc("member_oldest_waiting_seconds", "Age of the oldest of them, 0 if none waits.", "member"),
		leftOut:   desc("log_lines_left_out_total", "Log lines that the limits kept from being written.", "package"),
		certUntil: desc("certificate_expiry_timestamp_seconds", "When the certificate that people and programs see ends, in unix time."),
		reloaded:  desc("config_last_reload_successful", "1 if the configuration was fine when it was last read, otherwise 0."),

		backupGood:  desc("backup_last_success_timestamp_seconds", "When the last good nightly backup was made, 0 if never."),
		backupBytes: desc("backup_last_size_bytes", "Its size."),
		backupLate:  desc("backup_late", "1 if it is older than two days and backups are on."),
	}
}

// Describe implements prometheus.Collector.
func (c *scrape) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.queries, c.rcodes, c.dropped, c.truncated, c.transfers, c.zones, c.conflicts, c.held, c.vector, c.copied, c.members, c.waiting, c.oldest, c.drifted,
		c.leftOut, c.certUntil, c.reloaded,
		c.backupGood, c.backupBytes, c.backupLate,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *scrape) Collect(ch chan<- prometheus.Metric) {
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if c.Queries != nil {
		q := c.Queries()
		count(c.queries, q.UDP, "udp")
		count(c.queries, q.TCP, "tcp")
		count(c.dropped, q.Dropped)
		count(c.truncated, q.Truncated)
		count(c.transfers, q.Transfers)
		for code, n := range q.Rcodes {
			// The common ones are there from the start, so that their rate is known when they first happen.
			if n > 0 || code <= refused {
				count(c.rcodes, n, rcodeName(code))
			}
		}
	}
	if c.Zones != nil {
		gauge(c.zones, float64(c.Zones()))
	}
	if c.Conflicts != nil {
		gauge(c.conflicts, float64(c.Conflicts()))
	}
	if c.Held != nil {
		gauge(c.held, float64(c.Held()))
	}
	if c.LongestVector != nil {
		gauge(c.vector, float64(c.LongestVector()))
	}
	if c.Copied != nil {
		gauge(c.copied, float64(c.Copied()))
	}
	if c.Members != nil {
		c.collectMembers(gauge)
	}
	if c.LeftOut != nil {
		for name, n := range c.LeftOut() {
			count(c.leftOut, n, name)
		}
	}
	if c.CertUntil != nil {
		gauge(c.certUntil, float64(c.CertUntil().Unix()))
	}
	if c.Reloaded != nil {
		fine := 0.0
		if c.Reloaded() {
			fine = 1
		}
		gauge(c.reloaded, fine)
	}
	if c.Backup != nil {
		c.collectBackup(gauge)
	}
}

func (c *scrape) collectBackup(gauge func(*prometheus.Desc, float64, ...string)) {
	b, good, late := c.Backup(), 0.0, 0.0
	if !b.Good.IsZero() {
		good = float64(b.Good.UnixMilli()) / 1000
	}
	if b.Late {
		late = 1
	}
	gauge(c.backupGood, good)
	gauge(c.backupBytes, float64(b.Bytes))
	gauge(c.backupLate, late)
}

func (c *scrape) collectMembers(gauge func(*prometheus.Desc, float64, ...string)) {
	states := map[string]int{"active": 0, "disabled-failures": 0, "disabled-by-hand": 0}
	seen := map[string]bool{}
	for _, m := range c.Members() {
		states[m.State]++
		// Two rows of one server would be one series twice, and the whole scrape would fail.
		if seen[m.Name] {
			continue
		}
		seen[m.Name] = true
		age := 0.0
		if !m.Oldest.IsZero() {
			age = max(0, c.Now().Sub(m.Oldest).Seconds())
		}
		gauge(c.waiting, float64(m.Waiting), m.Name)
		gauge(c.oldest, age, m.Name)
		gauge(c.drifted, float64(m.Drifted), m.Name)
	}
	for state, n := range states {
		gauge(c.members, float64(n), state)
	}
}

const refused = 5

// rcodeName is the mnemonic of a response code (RFC 6895 section 2.3).
func rcodeName(code int) string {
	switch code {
	case 0:
		return "NOERROR"
	case 1:
		return "FORMERR"
	case 2:
		return "SERVFAIL"
	case 3:
		return "NXDOMAIN"
	case 4:
		return "NOTIMP"
	case refused:
		return "REFUSED"
	case 9:
		return "NOTAUTH"
	case 16:
		return "BADVERS"
	}
	return strconv.Itoa(code)
}
