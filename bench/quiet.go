package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The marks of a quiet cluster. Its folders may take a few blocks more or less, where files are made anew.
const (
	quietCPU    = 1.0 // % of one processor, each server
	quietGrowth = 64 << 10
	roundTrips  = 9
)

// compareOften is the shortest interval that a server can be set to: sixty times the comparisons of a cluster that
// nobody has changed.
const (
	compareOften = time.Minute
	oftenFor     = 4 * time.Minute
)

// quiet measures a cluster that nobody uses: as it is, then with comparisons much more often, then single comparisons.
func quiet(ctx context.Context, o options) ([]figure, []mark, error) {
	servers, err := cluster(ctx, o, "quiet", nil)
	defer stopAll(servers)
	if err != nil {
		return nil, nil, err
	}
	say("the databases put in order what was imported, for %s", o.settle)
	if err := pause(ctx, o.settle); err != nil {
		return nil, nil, err
	}
	alone, err := leftAlone(ctx, o.minutes, servers, fmt.Sprintf("of %d servers with %d zones, quiet", o.servers, o.zones))
	if err != nil {
		return nil, nil, err
	}
	for _, s := range servers {
		if err := s.call(ctx, http.MethodPut, "/cluster/comparing", map[string]any{"every": int(compareOften.Seconds()), "policy": "report"}, nil); err != nil {
			return nil, nil, err
		}
	}
	compared, err := leftAlone(ctx, min(o.minutes, oftenFor), servers, "comparing all links each minute")
	if err != nil {
		return nil, nil, err
	}
	once, err := allLinks(ctx, o, servers)
	if err != nil {
		return nil, nil, err
	}
	of := func(f []figure) float64 { return slices.Max(f[0].samples) }
	return slices.Concat(alone, compared, once.figures()), []mark{
		{"processor time of the busiest server, quiet", of(alone), quietCPU, "% of one processor"},
		{"the same, comparing each minute", of(compared), quietCPU, "% of one processor"},
		{"growth of the folder that grew most, quiet", slices.Max(alone[2].samples), quietGrowth, "octets"},
		{"the same, comparing each minute", slices.Max(compared[2].samples), quietGrowth, "octets"},
		{"round trips of a comparison of one link", slices.Max(once.rounds.samples), roundTrips, "round trips"},
	}, nil
}

// leftAlone waits, and returns what each server did meanwhile: processor time, that of all, growth, memory.
func leftAlone(ctx context.Context, d time.Duration, servers []*server, how string) ([]figure, error) {
	say("measuring for %s: %s", d, how)
	type at struct {
		cpu           time.Duration
		disk, written int64
	}
	before := make([]at, len(servers))
	for i, s := range servers {
		before[i] = at{s.cpu(), room(s.dir), s.written()}
	}
	began := time.Now()
	if err := pause(ctx, d); err != nil {
		return nil, err
	}
	took := time.Since(began)
	cpu, sum := figure{what: "processor time of each " + how, unit: "% of one"}, figure{what: "of all of them together", unit: "% of one", samples: []float64{0}}
	grown, written := figure{what: "growth of its folder", unit: "octets"}, figure{what: "written to the disk", unit: "octets/h"}
	memory := figure{what: "resident memory", unit: "MB"}
	for i, s := range servers {
		percent := 100 * float64(s.cpu()-before[i].cpu) / float64(took)
		cpu.samples = append(cpu.samples, percent)
		sum.samples[0] += percent
		grown.samples = append(grown.samples, float64(room(s.dir)-before[i].disk))
		written.samples = append(written.samples, float64(s.written()-before[i].written)/took.Hours())
		memory.samples = append(memory.samples, float64(s.rss())/1e6)
	}
	return []figure{cpu, sum, grown, written, memory}, nil
}
