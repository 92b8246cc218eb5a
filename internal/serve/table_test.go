package serve

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestSwapAndRemove(t *testing.T) {
	table := zones("\nzone example.\nwww 60 A 192.0.2.1\n").table(t)
	a := newAsker(t, table, settings{})
	ask := func() string { return show(a.exchange(question("www.example.", dns.TypeA), minUDP)) }
	if got := ask(); got != "NOERROR AA\n= www.example. 60 IN A 192.0.2.1" {
		t.Errorf("at first: %s", got)
	}
	table.Swap(viewOf(t, "example.", "@ 60 SOA ns host 9 1 1 1 1\n@ 60 NS ns\nwww 60 A 192.0.2.2\n"))
	if got := ask(); got != "NOERROR AA\n= www.example. 60 IN A 192.0.2.2" {
		t.Errorf("after the swap: %s", got)
	}
	if serial, ok := table.Serial(wireName(t, "example.")); serial != 9 || !ok {
		t.Errorf("serial %d, %t; want 9", serial, ok)
	}
	table.Remove(wireName(t, "example."))
	table.Remove(wireName(t, "unknown."))
	if got := ask(); got != "REFUSED" || table.Len() != 0 {
		t.Errorf("after the removal: %s, %d zones", got, table.Len())
	}
	if _, ok := table.Serial(wireName(t, "example.")); ok {
		t.Error("a removed zone has a serial")
	}
}

// The table against a map, through growth, removal and return.
func TestTableHoldsWhatAMapHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		table, want := NewTable(), map[zone.Name]uint32{}
		for serial := range uint32(200) {
			z := zone.Name(fmt.Sprintf("\x03z%02d\x00", rapid.IntRange(0, 60).Draw(rt, "zone")))
			if rapid.IntRange(0, 3).Draw(rt, "act") == 0 {
				table.Remove(z)
				delete(want, z)
			} else {
				table.Swap(&zone.View{Zone: z, Serial: serial})
				want[z] = serial
			}
		}
		if table.Len() != len(want) {
			rt.Fatalf("%d zones, want %d", table.Len(), len(want))
		}
		for i := range 61 {
			z := zone.Name(fmt.Sprintf("\x03z%02d\x00", i))
			got, here := table.Serial(z)
			if serial, ok := want[z]; here != ok || got != serial {
				rt.Fatalf("zone %d: serial %d, %t; want %d, %t", i, got, here, serial, ok)
			}
		}
	})
}

// A question during a storm of swaps is answered from one version of the zone: all records carry the same number.
func TestReadersSeeOneVersion(t *testing.T) {
	table := NewTable()
	views := make([]*zone.View, 4)
	for i := range views {
		views[i] = viewOf(t, "example.", fmt.Sprintf("@ 60 SOA ns host %[1]d 1 1 1 1\n@ 60 NS ns\n@ 60 MX %[1]d a\n@ 60 MX %[1]d b\na 60 A 192.0.2.%[1]d\nb 60 A 192.0.2.%[1]d\n", i))
	}
	table.Swap(views[0])
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				table.Swap(views[(i+w)%len(views)])
				other := zone.Name(fmt.Sprintf("\x05z%04d\x00", i%5000)) // growth and removal beside it
				table.Swap(&zone.View{Zone: other})
				if i%3 == 0 {
					table.Remove(other)
				}
			}
		})
	}
	a := newAsker(t, table, settings{})
	for range 5000 {
		m := a.exchange(question("example.", dns.TypeMX), minUDP)
		if len(m.Answer) != 2 || len(m.Extra) != 2 {
			t.Fatalf("half a zone:\n%s", m)
		}
		n := m.Answer[0].(*dns.MX).Preference
		for _, rr := range m.Extra {
			if want := fmt.Sprintf("192.0.2.%d", n); rr.(*dns.A).A.String() != want {
				t.Fatalf("two versions in one answer:\n%s", m)
			}
		}
	}
	close(stop)
	wg.Wait()
}

// Rdata that is not what its type wants is carried and never looked into.
func TestRdataOfAnyOctets(t *testing.T) {
	types := []zone.Type{2, 5, 6, 12, 14, 15, 33, 39, 64, 65}
	rapid.Check(t, func(rt *rapid.T) {
		v := &zone.View{Zone: "\x07example\x00"}
		owners := []zone.Name{"\x07example\x00", "\x01*\x07example\x00", "\x01a\x07example\x00", "\x01b\x01a\x07example\x00"}
		for range rapid.IntRange(1, 12).Draw(rt, "sets") {
			v.RRsets = append(v.RRsets, zone.RRset{
				Owner: rapid.SampledFrom(owners).Draw(rt, "owner"),
				Type:  rapid.SampledFrom(types).Draw(rt, "type"),
				Data:  [][]byte{rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(rt, "data")},
			})
		}
		table := NewTable()
		table.Swap(v)
		r := newResponder(table, &settings{}, new(counters), maxUDP)
		for _, owner := range append(owners, "\x01x\x01b\x01a\x07example\x00") {
			for _, qtype := range append(types, zone.TypeA, zone.TypeANY) {
				p := append(make([]byte, headerSize), owner...)
				p[5] = 1
				p = append(p, 0, byte(qtype), 0, classIN)
				if !r.read(p, r.client) {
					rt.Fatal("no answer")
				}
				if got := r.reply(minUDP); len(got) < headerSize+len(owner) {
					rt.Fatalf("answer of %d octets", len(got))
				}
			}
		}
	})
}

func TestRRsetsThatAreNotTheZonesAreNotServed(t *testing.T) {
	v := viewOf(t, "example.", "@ 60 SOA ns host 1 1 1 1 1\n@ 60 NS ns\n")
	v.RRsets = append(v.RRsets,
		zone.RRset{Owner: wireName(t, "other."), Type: zone.TypeA, Data: [][]byte{{192, 0, 2, 1}}},
		zone.RRset{Owner: wireName(t, "xexample."), Type: zone.TypeA, Data: [][]byte{{192, 0, 2, 1}}},
		zone.RRset{Owner: wireName(t, "empty.example."), Type: zone.TypeA},
		zone.RRset{Owner: wireName(t, "a.example."), Type: zone.TypeA, Data: [][]byte{{192, 0, 2, 2}}}, // out of order
	)
	table := NewTable()
	table.Swap(v)
	a := newAsker(t, table, settings{})
	for name, want := range map[string]string{
		"other.":         "REFUSED",
		"xexample.":      "REFUSED",
		"empty.example.": "NXDOMAIN",
		"a.example.":     "NOERROR",
	} {
		got := strings.Fields(show(a.exchange(question(name, dns.TypeA), minUDP)))[0]
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
