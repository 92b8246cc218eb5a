package control_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// How much a pass of Expire has to forget here.
const (
	oldZones   = 500     // with versions that are not kept any more
	oldTrash   = 1_000   // deleted so long ago that their content goes
	oldHuge    = 100_000 // records of a deleted zone
	oldChanges = 5_000   // of one zone
)

// BenchmarkEditWhileForgetting edits one record after the other while a pass of Expire forgets a large past at once: what it
// costs the one who edits.
func BenchmarkEditWhileForgetting(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := benchServer(b, "web1.test")
		s.past(b)
		quiet := s.editFor(b, func() { time.Sleep(2 * time.Second) })
		s.world.pass(400 * aDay)
		b.StartTimer()
		busy := s.editFor(b, func() { s.expire(b) })
		for what, took := range map[string][]time.Duration{"quiet": quiet, "forgetting": busy} {
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99-"+what)
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-max-"+what)
		}
		b.ReportMetric(float64(len(busy)), "edits")
	}
}

// past makes it.
func (s *server) past(b *testing.B) {
	if err := s.SetSettings(ctx(), root, control.Settings{Retention: &control.Retention{Last: 1}}); err != nil {
		b.Fatal(err)
	}
	var lines []string
	for i := range oldHuge {
		lines = append(lines, fmt.Sprintf("h%d A 192.0.2.1", i))
	}
	s.create(b, "huge.example", lines...)
	s.remove(b, "huge.example")
	s.create(b, "busy.example")
	inParallel(oldChanges, func(i int) {
		s.edit(b, "busy.example", set("www.busy.example", zone.TypeA, fmt.Sprintf("10.0.%d.%d", i>>8, i&255)))
	})
	inParallel(oldZones, func(i int) {
		z := fmt.Sprintf("old%d.example", i)
		s.create(b, z, "www A 192.0.2.1", "mail A 192.0.2.2")
		for n := range 3 {
			s.edit(b, z, set("www."+z, zone.TypeA, fmt.Sprintf("192.0.2.%d", n+3)))
		}
	})
	inParallel(oldTrash, func(i int) {
		z := fmt.Sprintf("trash%d.example", i)
		s.create(b, z, "www A 192.0.2.1", "mail A 192.0.2.2")
		s.remove(b, z)
	})
	s.create(b, "edited.example")
}

func inParallel(n int, do func(int)) {
	work := make(chan int)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := range work {
				do(i)
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	all.Wait()
}

// editFor edits until f has returned, and says how long each edit took.
func (s *server) editFor(b *testing.B, f func()) (took []time.Duration) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	for i := 0; ; i++ {
		select {
		case <-done:
			return took
		default:
		}
		began := time.Now()
		s.edit(b, "edited.example", set("www.edited.example", zone.TypeA, fmt.Sprintf("192.0.%d.%d", i>>8&255, i&255)))
		took = append(took, time.Since(began))
	}
}

// BenchmarkExpireNothing is the daily pass of a server where nothing has to be forgotten.
func BenchmarkExpireNothing(b *testing.B) {
	s := benchServer(b, "web1.test")
	const zones = 10_000
	inParallel(zones, func(i int) {
		s.create(b, fmt.Sprintf("z%d.example", i), "@ MX 0 mail", "mail A 192.0.2.1", "www CNAME @", "@ TXT v=spf1", "@ A 192.0.2.1")
	})
	if err := s.Store.Compact(ctx()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s.expire(b)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/2/zones, "µs/zone")
}
