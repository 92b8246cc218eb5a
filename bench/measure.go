package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

type options struct {
	binary, dir, what, only    string
	zones, sync, edits, rounds int
	servers, rate, views       int
	minutes, settle            time.Duration
}

// figure is one row: a quantity with its samples.
type figure struct {
	what, unit string
	samples    []float64
}

func run(ctx context.Context, o options) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "zonefleet-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.dir)
	}
	switch o.what {
	case "quiet":
		return marked(quiet(ctx, o.with(5, 100_000)))
	case "edits":
		return marked(edits(ctx, o.with(3, 10_000)))
	case "compare":
		return marked(comparing(ctx, o.with(5, 100_000)))
	case "pages":
		return pages(ctx, o.with(6, 100_000))
	}
	o = o.with(3, 100_000)
	few, many := filepath.Join(o.dir, "zones-small"), filepath.Join(o.dir, "zones-large")
	if err := writeZones(few, 0, o.sync); err != nil {
		return err
	}
	if err := writeZones(many, 0, o.zones); err != nil {
		return err
	}
	var figures []figure
	for _, step := range []func(context.Context, options, string) ([]figure, error){propagation, synchronization} {
		f, err := step(ctx, o, few)
		if err != nil {
			return err
		}
		figures = append(figures, f...)
	}
	f, err := largeServer(ctx, o, many)
	if err != nil {
		return err
	}
	print(append(figures, f...))
	return nil
}

// with fills what was not given.
func (o options) with(servers, zones int) options {
	o.servers, o.zones = cmp.Or(o.servers, servers), cmp.Or(o.zones, zones)
	return o
}

// marked prints what was measured, and fails when a mark is missed.
func marked(figures []figure, marks []mark, err error) error {
	if err != nil {
		return err
	}
	print(figures)
	if !judge(marks) {
		return errors.New("a mark is missed")
	}
	return nil
}

// writeZones writes zones of 8 records, as a hosting panel makes them: those of the numbers from up to (not including) to.
func writeZones(dir string, from, to int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for i := from; i < to; i++ {
		a := fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255)
		text := fmt.Sprintf("$TTL 14400\n@ 86400 SOA ns1.zonefleet.test. hostmaster.zonefleet.test. 2026010101 3600 1800 1209600 86400\n"+
			"@ 86400 NS ns1.zonefleet.test.\n@ 86400 NS ns2.zonefleet.test.\n@ A %s\n@ MX 0 mail\nmail A %s\nwww CNAME @\n@ TXT \"v=spf1 +a +mx ip4:%s ~all\"\n", a, a, a)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("z%06d.example.db", i)), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// propagation edits one record after the other, at each of three servers in turn.
func propagation(ctx context.Context, o options, _ string) ([]figure, error) {
	var servers []*server
	for _, name := range []string{"p-web", "p-ns1", "p-ns2"} {
		s, err := newServer(o, name)
		if err != nil {
			return nil, err
		}
		if _, err := s.start(ctx); err != nil {
			return nil, err
		}
		defer s.stop()
		servers = append(servers, s)
	}
	for i, from := range servers {
		for _, to := range servers[i+1:] {
			if err := from.link(ctx, to, true); err != nil {
				return nil, err
			}
		}
	}
	if err := servers[0].call(ctx, http.MethodPost, "/zones?wait=all&timeout=20s", map[string]any{
		"name": "example.com", "nameservers": []string{"ns1.zonefleet.test"},
	}, nil); err != nil {
		return nil, err
	}
	f := figure{what: "change → served by all of 3 servers", unit: "ms"}
	for i := range o.edits {
		var result struct {
			Reach struct {
				Complete bool
				MS       float64
			}
		}
		err := servers[i%3].call(ctx, http.MethodPatch, "/zones/example.com?wait=all&timeout=20s", map[string]any{
			"operations": []any{map[string]any{"op": "set", "name": "www", "ttl": 300, "type": "A", "data": []string{fmt.Sprintf("10.0.%d.%d", i>>8, i&255)}}},
		}, &result)
		if err != nil {
			return nil, err
		}
		if !result.Reach.Complete {
			return nil, fmt.Errorf("edit %d was not served everywhere within 20 s", i)
		}
		f.samples = append(f.samples, result.Reach.MS)
	}
	return []figure{f, {what: "change → served by all of 3 servers, p99", unit: "ms", samples: []float64{percentile(f.samples, 99)}}}, nil
}

// synchronization imports at one server and then fills an empty one.
func synchronization(ctx context.Context, o options, zones string) ([]figure, error) {
	rate := figure{what: fmt.Sprintf("import of %d zone files", o.sync), unit: "zones/s"}
	fill := figure{what: fmt.Sprintf("filling an empty server with %d zones", o.sync), unit: "s"}
	memory := figure{what: "memory of the server that was filled", unit: "MB"}
	for i := range o.rounds {
		from, err := newServer(o, fmt.Sprintf("s-from%d", i))
		if err != nil {
			return nil, err
		}
		to, err := newServer(o, fmt.Sprintf("s-to%d", i))
		if err != nil {
			return nil, err
		}
		defer from.stop()
		defer to.stop()
		if _, err := from.start(ctx); err != nil {
			return nil, err
		}
		began := time.Now()
		if err := from.cli(ctx, "zone", "import", zones); err != nil {
			return nil, err
		}
		rate.samples = append(rate.samples, float64(o.sync)/time.Since(began).Seconds())
		if _, err := to.start(ctx); err != nil {
			return nil, err
		}
		began = time.Now()
		if err := from.link(ctx, to, true); err != nil {
			return nil, err
		}
		if err := from.inStep(ctx); err != nil {
			return nil, err
		}
		fill.samples = append(fill.samples, time.Since(began).Seconds())
		memory.samples = append(memory.samples, float64(to.rss())/1e6)
		from.stop()
		to.stop()
	}
	return []figure{rate, fill, memory}, nil
}

// largeServer measures one server with many zones.
func largeServer(ctx context.Context, o options, zones string) ([]figure, error) {
	s, err := newServer(o, "large")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if _, err := s.start(ctx); err != nil {
		return nil, err
	}
	few, err := additions(ctx, s, "few", 100)
	if err != nil {
		return nil, err
	}
	few.what = "adding a zone, at up to 100 zones"
	began := time.Now()
	if err := s.cli(ctx, "zone", "import", zones); err != nil {
		return nil, err
	}
	imported := figure{what: fmt.Sprintf("import of %d zone files", o.zones), unit: "zones/s", samples: []float64{float64(o.zones) / time.Since(began).Seconds()}}
	many, err := additions(ctx, s, "many", 1000)
	if err != nil {
		return nil, err
	}
	many.what = fmt.Sprintf("adding a zone, at %d zones", o.zones)
	list := figure{what: fmt.Sprintf("a page of a searched list, at %d zones", o.zones), unit: "ms"}
	for i := range 100 {
		began := time.Now()
		if err := s.call(ctx, http.MethodGet, fmt.Sprintf("/zones?q=%02d&limit=100", i), nil, nil); err != nil {
			return nil, err
		}
		list.samples = append(list.samples, float64(time.Since(began).Microseconds())/1000)
	}
	start := figure{what: fmt.Sprintf("cold start with %d zones, until all are served", o.zones), unit: "s"}
	memory := figure{what: fmt.Sprintf("memory for each zone of 8 records, whole process, at %d", o.zones), unit: "octets"}
	for range o.rounds {
		s.stop()
		took, err := s.start(ctx)
		if err != nil {
			return nil, err
		}
		start.samples = append(start.samples, took.Seconds())
		memory.samples = append(memory.samples, float64(s.rss())/float64(o.zones))
	}
	p95 := figure{what: list.what + ", p95", unit: "ms", samples: []float64{percentile(list.samples, 95)}}
	return []figure{imported, few, many, list, p95, start, memory}, nil
}

// additions creates n zones one by one.
func additions(ctx context.Context, s *server, prefix string, n int) (figure, error) {
	f := figure{unit: "ms"}
	for i := range n {
		began := time.Now()
		err := s.call(ctx, http.MethodPost, "/zones", map[string]any{
			"name": fmt.Sprintf("%s%d.example", prefix, i), "nameservers": []string{"ns1.zonefleet.test"},
		}, nil)
		if err != nil {
			return f, err
		}
		f.samples = append(f.samples, float64(time.Since(began).Microseconds())/1000)
	}
	return f, nil
}

func percentile(samples []float64, p int) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

func print(figures []figure) {
	fmt.Printf("Machine: %s/%s, %d processors, %s, %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format(time.DateOnly))
	fmt.Println("| what | n | median | min | max | unit |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, f := range figures {
		fmt.Printf("| %s | %d | %.4g | %.4g | %.4g | %s |\n", f.what, len(f.samples), percentile(f.samples, 50), slices.Min(f.samples), slices.Max(f.samples), f.unit)
	}
}
