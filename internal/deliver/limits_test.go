package deliver

import (
	"fmt"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// numbered is one of many zones.
func numbered(i int) zone.Name { return name(fmt.Sprint("z", i)) }

// What is kept of one target is bounded; above each bound work is done again or later, and nothing is lost.
func TestWhatIsKnownOfATargetIsBounded(t *testing.T) {
	p := &progress{acked: map[zone.Name]ack{}, pending: map[zone.Name]store.Position{}, again: map[zone.Name]bool{}, wake: make(chan struct{}, 1)}
	for i := range maxPending + 10 {
		p.acknowledged(numbered(i), store.Position(i+1), true)
	}
	if len(p.pending) != maxPending || len(p.acked) > maxAcked {
		t.Errorf("%d are remembered as not served, %d as acknowledged", len(p.pending), len(p.acked))
	}
	// Above the bound the served cursor waits before what was not remembered, until the next session.
	if p.lost != maxPending+1 {
		t.Errorf("it waits before %d", p.lost)
	}
	for i := range maxAgain + 10 {
		p.ask(numbered(i))
	}
	if len(p.again) != maxAgain {
		t.Errorf("%d are asked for again", len(p.again))
	}
}

func TestWhatIsHeardOfOneZoneIsBounded(t *testing.T) {
	var all memories
	m := all.of(numbered(1))
	for i := range maxServers + 10 {
		m.serves(fmt.Sprint("ns", i), 1, time.Time{})
		m.stores(fmt.Sprint("other", i), 1)
		m.ignores(fmt.Sprint("target", i), 1)
	}
	if len(m.servers) != maxServers || len(m.ignored) != maxServers {
		t.Errorf("%d servers and %d targets are remembered", len(m.servers), len(m.ignored))
	}
	if _, news := m.serves("ns7", 2, time.Time{}); !news {
		t.Error("one that is remembered is not heard any more")
	}
}

func TestServersBehindATargetAreBounded(t *testing.T) {
	p := &progress{}
	tr := &Tracker{targets: map[string]*progress{"ns1": p}}
	tr.SetBehind("ns1", make([]string, maxBehind+10))
	if len(p.behind) != maxBehind {
		t.Errorf("%d servers are counted behind it", len(p.behind))
	}
}
