package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// writersAtOnce is how many edits may wait for their answer.
const writersAtOnce = 16

// load edits at a steady rate.
type load struct {
	pattern
	writing []*server
	servers []*server

	done, records, bodies atomic.Int64

	mu   sync.Mutex
	took []float64 // ms, each edit
}

func newLoad(servers []*server, o options, p pattern) *load {
	l := &load{pattern: p, servers: servers, writing: servers}
	if l.zones == 0 {
		l.zones = o.zones
	}
	if l.writers > 0 {
		l.writing = servers[:min(l.writers, len(servers))]
	}
	return l
}

// prepare gives the names that are edited their first records, where they are many: what is measured is editing them.
func (l *load) prepare(ctx context.Context) error {
	if l.names == 1 {
		return nil
	}
	var ops []any
	for n := range l.names {
		ops = append(ops, set(fmt.Sprintf("host%d", n), "192.0.2.1"))
	}
	for z := range l.zones {
		if err := l.servers[0].call(ctx, http.MethodPatch, "/zones/"+zoneName(z), map[string]any{"operations": ops}, nil); err != nil {
			return err
		}
	}
	return l.servers[0].inStep(ctx)
}

// run returns for each server its memory at the end by that at a fifth of the time.
func (l *load) run(ctx context.Context, o options) (ratios []float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, o.minutes)
	defer cancel()
	var wg sync.WaitGroup
	var failed atomic.Value
	turns := make(chan int, 64)
	for range writersAtOnce {
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
		say("%s MB", line)
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

// edit sets one record, to something that it never was.
func (l *load) edit(ctx context.Context, i int) error {
	turn := i
	if l.pairs {
		turn /= 2
	}
	z, name := zoneName(turn%l.zones), "www2"
	if l.names > 1 {
		name = fmt.Sprintf("host%d", turn/l.zones%l.names)
	}
	data := fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255)
	text, err := json.Marshal(map[string]any{"operations": []any{set(name, data)}})
	if err != nil {
		return err
	}
	began := time.Now()
	if err := l.writing[i%len(l.writing)].call(ctx, http.MethodPatch, "/zones/"+z, json.RawMessage(text), nil); err != nil {
		return err
	}
	took := float64(time.Since(began).Microseconds()) / 1000
	l.mu.Lock()
	l.took = append(l.took, took)
	l.mu.Unlock()
	l.done.Add(1)
	l.bodies.Add(int64(len(text)))
	l.records.Add(int64(len(fmt.Sprintf("%s.%s. 300 IN A %s\n", name, z, data))))
	return nil
}

func set(name, data string) any {
	return map[string]any{"op": "set", "name": name, "ttl": 300, "type": "A", "data": []string{data}}
}

func zoneName(n int) string { return fmt.Sprintf("z%06d.example", n) }
