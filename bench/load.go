package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
)

// linked starts servers that all synchronize everything with each other.
func linked(ctx context.Context, o options, prefix string) ([]*server, error) {
	var servers []*server
	for i := range o.servers {
		s, err := newServer(o, fmt.Sprintf("%s%d", prefix, i))
		if err != nil {
			return servers, err
		}
		if _, err := s.start(ctx); err != nil {
			return servers, err
		}
		servers = append(servers, s)
	}
	for i, from := range servers {
		for _, to := range servers[i+1:] {
			if err := from.link(ctx, to); err != nil {
				return servers, err
			}
		}
	}
	return servers, nil
}

// cluster is linked servers that are filled with zones.
func cluster(ctx context.Context, o options, prefix string) ([]*server, error) {
	servers, err := linked(ctx, o, prefix)
	if err != nil {
		return servers, err
	}
	zones := filepath.Join(o.dir, "zones-"+prefix)
	if err := writeZones(zones, o.zones); err != nil {
		return servers, err
	}
	if err := servers[0].cli(ctx, "zone", "import", zones); err != nil {
		return servers, err
	}
	return servers, servers[0].inStep(ctx)
}

func stopAll(servers []*server) {
	for _, s := range servers {
		s.stop()
	}
}

// quiet measures a cluster that nobody uses.
func quiet(ctx context.Context, o options) ([]figure, error) {
	servers, err := cluster(ctx, o, "quiet")
	defer stopAll(servers)
	if err != nil {
		return nil, err
	}
	// Until the database has put in order what was just imported.
	if err := pause(ctx, o.settle); err != nil {
		return nil, err
	}
	cpu := figure{what: fmt.Sprintf("processor time of a quiet server with %d zones, one of %d", o.zones, o.servers), unit: "% of one"}
	disk := figure{what: "growth of its folder", unit: "octets/h"}
	type at struct{ cpu, disk int64 }
	before := make([]at, len(servers))
	for i, s := range servers {
		before[i] = at{s.cpu(), folderSize(s.dir)}
	}
	began := time.Now()
	if err := pause(ctx, o.minutes); err != nil {
		return nil, err
	}
	took := time.Since(began)
	for i, s := range servers {
		cpu.samples = append(cpu.samples, float64(s.cpu()-before[i].cpu)/took.Seconds())
		disk.samples = append(disk.samples, float64(folderSize(s.dir)-before[i].disk)/took.Hours())
	}
	return []figure{cpu, disk}, nil
}

// edits measures what many edits leave behind, spread over all zones and in one.
func edits(ctx context.Context, o options) ([]figure, error) {
	var figures []figure
	for _, where := range []string{"spread", "one zone"} {
		if o.only != "" && o.only != where {
			continue
		}
		f, err := editsIn(ctx, o, where)
		if err != nil {
			return nil, err
		}
		figures = append(figures, f...)
	}
	return figures, nil
}

func editsIn(ctx context.Context, o options, where string) ([]figure, error) {
	servers, err := cluster(ctx, o, "edits-"+where[:1])
	defer stopAll(servers)
	if err != nil {
		return nil, err
	}
	before, err := compacted(ctx, servers)
	if err != nil {
		return nil, err
	}
	load := &load{servers: servers, zones: o.zones, one: where == "one zone"}
	if load.one {
		load.zones = 1
	}
	rss, err := load.run(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, s := range servers {
		if err := s.inStep(ctx); err != nil {
			return nil, err
		}
	}
	after, err := compacted(ctx, servers)
	if err != nil {
		return nil, err
	}
	did, n := fmt.Sprintf("%d edits at %d servers, %s", load.done.Load(), len(servers), where), float64(load.done.Load())
	rate := figure{what: did, unit: "edits/min", samples: []float64{n / o.minutes.Minutes()}}
	memory := figure{what: did + ": memory at the end by that at a fifth of the time", unit: "times"}
	disk := figure{what: did + ": growth of a folder by the octets of the records", unit: "times"}
	body := figure{what: did + ": growth of a folder by the octets of the requests", unit: "times"}
	each := figure{what: did + ": growth of a folder by edits", unit: "octets"}
	for i := range servers {
		grown := float64(after[i] - before[i])
		memory.samples = append(memory.samples, rss[i])
		disk.samples = append(disk.samples, grown/float64(load.records.Load()))
		body.samples = append(body.samples, grown/float64(load.bodies.Load()))
		each.samples = append(each.samples, grown/n)
	}
	return []figure{rate, memory, disk, body, each}, nil
}

// load edits at a steady rate, at all servers in turn.
type load struct {
	servers               []*server
	zones                 int
	one                   bool
	done, records, bodies atomic.Int64
}

// run returns for each server its memory at the end by that at a fifth of the time.
func (l *load) run(ctx context.Context, o options) (ratios []float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, o.minutes)
	defer cancel()
	var wg sync.WaitGroup
	var failed atomic.Value
	turns := make(chan int, 64)
	for range 16 {
		wg.Go(func() {
			for i := range turns {
				if err := l.edit(context.WithoutCancel(ctx), i); err != nil {
					failed.CompareAndSwap(nil, err)
					cancel()
				}
			}
		})
	}
	wg.Go(func() { defer close(turns); l.pace(ctx, o.rate, turns) })
	samples := make([][]float64, len(l.servers))
	for step := range 10 {
		if pause(ctx, o.minutes/10) != nil && step < 9 {
			break
		}
		line := fmt.Sprintf("%3d %%: %d edits, memory", (step+1)*10, l.done.Load())
		for i, s := range l.servers {
			samples[i] = append(samples[i], float64(s.rss()))
			line += fmt.Sprintf(" %.1f", samples[i][step]/1e6)
		}
		fmt.Fprintln(os.Stderr, line, "MB")
	}
	wg.Wait()
	if err, ok := failed.Load().(error); ok {
		return nil, err
	}
	for i := range l.servers {
		ratios = append(ratios, samples[i][9]/samples[i][1])
	}
	return ratios, nil
}

func (l *load) pace(ctx context.Context, rate int, turns chan<- int) {
	began := time.Now()
	for i := 0; ctx.Err() == nil; i++ {
		if early := time.Until(began.Add(time.Duration(i) * time.Minute / time.Duration(rate))); early > 0 {
			_ = pause(ctx, early)
		}
		select {
		case turns <- i:
		case <-ctx.Done():
		}
	}
}

// edit sets one record: in one zone one of 1,000 names, spread a name of one zone after the other.
func (l *load) edit(ctx context.Context, i int) error {
	z, name := fmt.Sprintf("z%06d.example", i%l.zones), "www2"
	if l.one {
		name = fmt.Sprintf("host%d", i%1000)
	}
	data := fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255)
	body := map[string]any{"operations": []any{map[string]any{"op": "set", "name": name, "ttl": 300, "type": "A", "data": []string{data}}}}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if err := l.servers[i%len(l.servers)].call(ctx, http.MethodPatch, "/zones/"+z, body, nil); err != nil {
		return err
	}
	l.done.Add(1)
	l.bodies.Add(int64(len(text)))
	l.records.Add(int64(len(fmt.Sprintf("%s.%s. 300 IN A %s\n", name, z, data))))
	return nil
}

// compacted stops the servers, compacts their databases, and returns the sizes of the folders; the servers run again.
func compacted(ctx context.Context, servers []*server) (sizes []int64, err error) {
	for _, s := range servers {
		s.stop()
		st, err := store.Open(s.dir, store.Options{})
		if err != nil {
			return nil, err
		}
		if err := st.Compact(ctx); err != nil {
			return nil, err
		}
		if err := st.Close(); err != nil {
			return nil, err
		}
		sizes = append(sizes, folderSize(s.dir))
	}
	for _, s := range servers {
		if _, err := s.start(ctx); err != nil {
			return nil, err
		}
	}
	return sizes, nil
}

// folderSize counts what files use on the disk, which is more than their length where room is reserved, and less in
// sparse ones.
func folderSize(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// cpu is the processor time of the process so far, in hundredths of a second.
func (s *server) cpu() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[bytes.IndexByte(text, ')')+1:]))
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return user + system
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
