package serve

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"

	"github.com/miekg/dns"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// hosted is a zone as hosting companies have them: eight records.
func hosted(i int) *zone.View {
	origin := fmt.Sprintf("\x0bcustomer%03d\x08number%02d\x03com\x00", i/100%1000, i%100)
	if i >= 100000 {
		origin = fmt.Sprintf("\x0bcustomer%03d\x08number%02d\x01%c\x03com\x00", i/100%1000, i%100, 'a'+i/100000)
	}
	at := func(s string) []byte { return append([]byte{byte(len(s))}, s+origin...) }
	soa := append(at("ns1"), append(at("hostmaster"), make([]byte, 20)...)...)
	set := func(owner string, t zone.Type, data ...[]byte) zone.RRset {
		return zone.RRset{Owner: zone.Name(owner), Type: t, TTL: 3600, Data: data}
	}
	ip := []byte{192, 0, byte(i >> 8), byte(i)}
	return &zone.View{Zone: zone.Name(origin), Serial: 1, RRsets: []zone.RRset{
		set(origin, zone.TypeA, ip),
		set(origin, zone.TypeNS, []byte("\x03ns1\x08provider\x03net\x00"), []byte("\x03ns2\x08provider\x03net\x00")),
		set(origin, zone.TypeSOA, soa),
		set(origin, zone.TypeMX, append([]byte{0, 10}, at("mail")...)),
		set(origin, zone.TypeTXT, []byte("\x1bv=spf1 a mx ip4:192.0.2.1 -all")),
		set("\x04mail"+origin, zone.TypeA, ip),
		set("\x03www"+origin, zone.TypeCNAME, []byte(origin)),
	}}
}

func benchTable(n int) *Table {
	table := NewTable()
	for i := range n {
		table.Swap(hosted(i))
	}
	return table
}

var benchQuestions = []struct {
	name, prefix string
	qtype        uint16
}{
	{"exact", "", dns.TypeA},
	{"cname", "\x03www", dns.TypeA},
	{"mx", "", dns.TypeMX},
	{"nodata", "", dns.TypeSRV},
	{"nxdomain", "\x04none", dns.TypeA},
}

func benchPacket(origin zone.Name, prefix string, qtype uint16, edns bool) []byte {
	p := append(make([]byte, headerSize), prefix+string(origin)...)
	p[5] = 1
	p = append(p, 0, byte(qtype), 0, classIN)
	if edns {
		p[11] = 1
		p = append(p, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0)
	}
	return p
}

// The query path allocates nothing: a test, not a wish.
func TestAnswersAllocateNothing(t *testing.T) {
	r := newResponder(benchTable(100), &settings{}, new(counters), maxUDP)
	for _, q := range benchQuestions {
		p := benchPacket(hosted(42).Zone, q.prefix, q.qtype, true)
		r.read(p, netip.Addr{})
		r.reply(maxUDP) // the lists grow to their size once
		if n := testing.AllocsPerRun(100, func() {
			r.read(p, netip.Addr{})
			r.reply(maxUDP)
		}); n != 0 {
			t.Errorf("%s: %v allocations", q.name, n)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	const zones = 100000
	r := newResponder(benchTable(zones), &settings{}, new(counters), maxUDP)
	for _, q := range benchQuestions {
		packets := make([][]byte, 4096)
		for i := range packets {
			packets[i] = benchPacket(hosted(i*24).Zone, q.prefix, q.qtype, true)
		}
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				r.read(packets[i%len(packets)], netip.Addr{})
				r.reply(maxUDP)
				i++
			}
		})
	}
}

func BenchmarkFill(b *testing.B) {
	const zones = 100000
	views := make([]*zone.View, zones)
	for i := range views {
		views[i] = hosted(i)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var table *Table
	for b.Loop() {
		table = NewTable()
		for _, v := range views {
			table.Swap(v)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/zones, "B/zone")
	b.ReportMetric(float64(table.Len())*float64(b.N)/b.Elapsed().Seconds(), "zones/s")
	runtime.KeepAlive(views)
}

func BenchmarkSwapOneOf100000(b *testing.B) {
	table, v := benchTable(100000), hosted(4711)
	b.ReportAllocs()
	for b.Loop() {
		table.Swap(v)
	}
}
