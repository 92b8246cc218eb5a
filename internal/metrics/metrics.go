package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Queries are the counts of the nameserver since it started.
type Queries struct {
	UDP, TCP  uint64
	Dropped   uint64
	Truncated uint64
	Transfers uint64
	Rcodes    []uint64 // by response code
}

// Member is one member as it is now.
type Member struct {
	Name    string
	State   string
	Waiting int       // changes that it has not yet
	Oldest  time.Time // when the oldest of them was made; zero if none waits
	Drifted int       // zones that differ there, as the last comparison found
}

// Backup is how the nightly backup stands.
type Backup struct {
	Good  time.Time // when the last good one was made; zero if never
	Bytes int64
	Late  bool
}

// Sources are read at each scrape; each must be quick and safe for concurrent use. A nil one has no series.
type Sources struct {
	Queries   func() Queries
	Zones     func() int
	Conflicts func() int
	Held      func() int // changes that wait for a person's decision
	// LongestVector is how many node ids have written to the zone that most of them have written to.
	LongestVector func() int
	// Copied is how many servers have a copy of their data folder that runs too.
	Copied    func() int
	Members   func() []Member
	LeftOut   func() map[string]uint64 // log lines that the limits kept from being written, by package
	CertUntil func() time.Time         // end of the certificate that people and programs see
	Reloaded  func() bool              // whether the configuration was fine when it was last read
	Backup    func() Backup
	Now       func() time.Time
}

// Metrics is the counters of one server.
type Metrics struct {
	registry    *prometheus.Registry
	propagation *prometheus.HistogramVec
	sync        prometheus.Histogram
}

// New returns the counters of a server with that version.
func New(version string, s Sources) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		propagation: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "zonefleet_propagation_seconds", Help: "Time from the commit of a change here until a server serves it.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60, 600, 3600},
		}, []string{"server"}),
		sync: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "zonefleet_store_sync_seconds", Help: "Time to make a batch of changes durable (fsync).",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		info(version), m.propagation, m.sync, newScrape(s),
	)
	return m
}

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// Propagated says that a server serves a change, so long after its commit.
func (m *Metrics) Propagated(server string, d time.Duration) {
	m.propagation.WithLabelValues(server).Observe(d.Seconds())
}

// Synced says how long it took to make a batch durable.
func (m *Metrics) Synced(d time.Duration) { m.sync.Observe(d.Seconds()) }

func info(version string) prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "zonefleet_build_info", Help: "Always 1; the version is its label.", ConstLabels: prometheus.Labels{"version": version},
	})
	g.Set(1)
	return g
}
