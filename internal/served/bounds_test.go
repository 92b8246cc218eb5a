package served

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/zonefleet/zonefleet/internal/serve"
	"github.com/zonefleet/zonefleet/internal/zone"
)

const example = zone.Name("\x07example\x03org\x00")

// serving runs a real nameserver with a zone of so many RRsets and returns its address and them.
func serving(t *testing.T, sets int, transfer ...netip.Prefix) (netip.AddrPort, []zone.RRset) {
	t.Helper()
	var text strings.Builder
	text.WriteString("$TTL 300\n@ SOA ns1.example.net. host 7 3600 600 86400 300\n@ NS ns1.example.net.\n")
	for i := range sets - 2 {
		fmt.Fprintf(&text, "n%d A 192.0.2.1\n", i)
	}
	f, err := zone.ParseText(text.String(), example)
	if err != nil {
		t.Fatal(err)
	}
	table := serve.NewTable()
	table.Swap(&zone.View{Zone: example, Serial: 7, RRsets: f.RRsets})
	s := serve.NewServer(table, serve.Options{Addrs: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}, AllowTransfer: transfer})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	<-s.Ready()
	return s.Addrs()[0], f.RRsets
}

func TestSoManyRRsetsOfAZoneAreAskedFor(t *testing.T) {
	for sets, want := range map[int]int{maxSets: maxSets, maxSets + 1: maxSets} {
		at, content := serving(t, sets)
		f := Found{}
		if err := f.askEach(t.Context(), at, example, content); err != nil || len(f.Asked) != want || len(f.RRsets) != want {
			t.Errorf("of %d RRsets %d were asked for, %d answered, %v", sets, len(f.Asked), len(f.RRsets), err)
		}
	}
}

func TestATransferOfMoreRecordsThanAZoneHasIsNone(t *testing.T) {
	const records = 302 // in several messages, with the SOA at both ends
	at, content := serving(t, records-1, netip.MustParsePrefix("127.0.0.0/8"))
	if sets, err := transferred(t.Context(), at, example, records); err != nil || len(sets) != len(content) {
		t.Errorf("as many as are taken: %d RRsets, %v", len(sets), err)
	}
	if sets, err := transferred(t.Context(), at, example, records-1); err == nil || sets != nil {
		t.Errorf("one more: %d RRsets, %v", len(sets), err)
	}
}
