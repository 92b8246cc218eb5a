package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/zonefleet/zonefleet/internal/store"
)

// The marks of a cluster that is edited all the time.
const (
	editsMemory = 1.1
	editsDisk   = 2.0
)

// pattern is where edits go.
type pattern struct {
	name  string
	zones int // the first of all, 0: all
	names int // that are edited in each of them, one after the other
	// writers is how many servers write, 0: all. Each edit goes to the next of them.
	writers int
	// pairs makes each name be written at two servers at the same moment, so that the writes do not know of each other.
	pairs bool
}

// patterns are what `make bench-edits` goes through.
func patterns() []pattern {
	return []pattern{
		{name: "spread", names: 1},
		{name: "one zone", zones: 1, names: 500, writers: 1},
		{name: "two writers", zones: 1, names: 500, writers: 2, pairs: true},
	}
}

// edits measures what many edits leave behind.
func edits(ctx context.Context, o options) (figures []figure, marks []mark, err error) {
	for _, p := range patterns() {
		if o.only != "" && o.only != p.name {
			continue
		}
		f, m, err := editsIn(ctx, o, p)
		if err != nil {
			return nil, nil, err
		}
		figures, marks = append(figures, f...), append(marks, m...)
	}
	if len(marks) == 0 {
		return nil, nil, fmt.Errorf("there is no pattern %q", o.only)
	}
	return figures, marks, nil
}

func editsIn(ctx context.Context, o options, p pattern) ([]figure, []mark, error) {
	servers, err := cluster(ctx, o, "edits-"+p.name[:1], nil)
	defer stopAll(servers)
	if err != nil {
		return nil, nil, err
	}
	load := newLoad(servers, o, p)
	if err := load.prepare(ctx); err != nil {
		return nil, nil, err
	}
	before, err := compacted(ctx, servers)
	if err != nil {
		return nil, nil, err
	}
	say("%s: %d edits a minute for %s", p.name, o.rate, o.minutes)
	rss, err := load.run(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range servers {
		if err := s.inStep(ctx); err != nil {
			return nil, nil, err
		}
	}
	var full []int64 // before it is compacted
	for _, s := range servers {
		full = append(full, room(s.dir))
	}
	after, err := compacted(ctx, servers)
	if err != nil {
		return nil, nil, err
	}
	did, n := fmt.Sprintf("%d edits, %s", load.done.Load(), p.name), float64(load.done.Load())
	rate := figure{what: did, unit: "edits/min", samples: []float64{n / o.minutes.Minutes()}}
	late := figure{what: did + ": time until it is answered", unit: "ms", samples: load.took}
	p99 := figure{what: did + ": time until it is answered, p99", unit: "ms", samples: []float64{percentile(load.took, 99)}}
	memory := figure{what: did + ": memory at the end by that at a fifth of the time", unit: "times", samples: rss}
	disk := figure{what: did + ": growth of a folder, compacted, by the octets of the records", unit: "times"}
	body := figure{what: did + ": growth of a folder, compacted, by the octets of the requests", unit: "times"}
	each := figure{what: did + ": growth of a folder for each edit, compacted", unit: "octets"}
	now := figure{what: did + ": growth of a folder for each edit, as it is", unit: "octets"}
	for i := range servers {
		grown := float64(after[i] - before[i])
		disk.samples = append(disk.samples, grown/float64(load.records.Load()))
		body.samples = append(body.samples, grown/float64(load.bodies.Load()))
		each.samples = append(each.samples, grown/n)
		now.samples = append(now.samples, float64(full[i]-before[i])/n)
	}
	return []figure{rate, late, p99, memory, disk, body, each, now}, []mark{
		{did + ": memory at the end by that at a fifth of the time", slices.Max(rss), editsMemory, "times"},
		{did + ": growth of the folder by the octets of the records", slices.Max(disk.samples), editsDisk, "times"},
	}, nil
}

// compacted stops the servers, compacts their databases, and returns the sizes of the folders; the servers run again.
func compacted(ctx context.Context, servers []*server) (sizes []int64, err error) {
	for _, s := range servers {
		s.stop()
		if err := compact(ctx, s.dir); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(s.dir), err)
		}
		sizes = append(sizes, room(s.dir))
	}
	for _, s := range servers {
		if _, err := s.start(ctx); err != nil {
			return nil, err
		}
	}
	return sizes, servers[0].inStep(ctx)
}

func compact(ctx context.Context, dir string) error {
	st, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	if err := st.Compact(ctx); err != nil {
		st.Close()
		return err
	}
	return st.Close()
}
