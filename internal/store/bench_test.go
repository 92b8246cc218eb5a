package store

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkFill creates zones from 64 callers and lists them: go test -bench Fill -benchtime 1x. The number is in
// ZONES, 10,000 if that is not set.
func BenchmarkFill(b *testing.B) {
	n := 10000
	if v, err := strconv.Atoi(os.Getenv("ZONES")); err == nil {
		n = v
	}
	for range b.N {
		s, stop := openStore(b, b.TempDir(), Options{})
		began := time.Now()
		fillZones(b, s, n)
		b.ReportMetric(time.Since(began).Seconds(), "s/fill")
		reportMemory(b)
		var list []time.Duration
		for i := range 100 {
			at := time.Now()
			page, _, total, err := s.Heads(Query{Search: fmt.Sprint(i % 10), Limit: 100, IncludeDeleted: true})
			if err != nil || len(page) != 100 || total < 1000 {
				b.Fatalf("page of %d, total %d, error %v", len(page), total, err)
			}
			list = append(list, time.Since(at))
		}
		slices.Sort(list)
		b.ReportMetric(float64(list[50].Microseconds())/1000, "ms/list-p50")
		b.ReportMetric(float64(list[95].Microseconds())/1000, "ms/list-p95")
		var add []time.Duration
		for i := range 200 {
			at := time.Now()
			must(create(context.Background(), s, numbered(n+i), 10))(b)
			add = append(add, time.Since(at))
		}
		slices.Sort(add)
		b.ReportMetric(float64(add[100].Microseconds())/1000, "ms/add-p50")
		stop()
	}
}

func fillZones(t testing.TB, s *Store, n int) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if _, err := create(context.Background(), s, numbered(i), 10); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func reportMemory(b *testing.B) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB/sys")
}
