package control_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func benchServer(b *testing.B, name string) *server {
	s := &server{world: newWorld(), dir: b.TempDir()}
	s.start(b, name, nil)
	b.Cleanup(func() { s.stop() })
	return s
}

// BenchmarkImportZone is many importers at once, as a bulk import has: their commits share their syncs.
func BenchmarkImportZone(b *testing.B) {
	s := benchServer(b, "web1.test")
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			z := fmt.Sprintf("z%d.example", n.Add(1))
			if _, err := s.ImportZone(ctx(), root, control.ImportRequest{Zone: name(z), Text: text(z, "www A 192.0.2.1", "mail A 192.0.2.2")}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEditHugeZone edits one RRset of a zone with 100,000 names: it costs that edit, not the zone.
func BenchmarkEditHugeZone(b *testing.B) {
	s := benchServer(b, "web1.test")
	var lines []string
	for i := range 100_000 {
		lines = append(lines, fmt.Sprintf("h%d A 192.0.2.1", i))
	}
	s.create(b, example, lines...)
	for i := 0; b.Loop(); i++ {
		s.edit(b, example, set(fmt.Sprintf("h%d.example.com", i%1000), zone.TypeA, fmt.Sprintf("192.0.%d.%d", i/250%250, i%250)))
	}
}

// BenchmarkReceive joins new zones as a first synchronization brings them.
func BenchmarkReceive(b *testing.B) {
	a, to := benchServer(b, "a.test"), benchServer(b, "b.test")
	const batch = 500
	var in []control.Incoming
	for i := range batch {
		z := fmt.Sprintf("z%d.example", i)
		a.create(b, z, "www A 192.0.2.1")
		d, pos, err := a.Store.Delta(name(z), 0)
		if err != nil {
			b.Fatal(err)
		}
		in = append(in, control.Incoming{Delta: d, Position: uint64(pos)})
	}
	for n := 0; b.Loop(); n++ {
		if n > 0 {
			b.StopTimer()
			to = benchServer(b, "b.test")
			b.StartTimer()
		}
		if _, err := to.Receive(ctx(), a.link(), in); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64((n+1)*batch), "ms/zone")
	}
}
