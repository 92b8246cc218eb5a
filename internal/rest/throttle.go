package rest

import (
	"net/netip"
	"sync"
	"time"
)

// An address may fail this often at once, and then again each time the pace allows.
const (
	failuresAtOnce = 10
	failurePace    = 6 * time.Second
	// throttled bounds the table. When it is full and nobody in it is forgiven yet, the addresses not in it share one
	// row: an attack from many addresses slows strangers down, never those that have not failed.
	throttled = 65536
)

// throttle counts failed sign-ins by address, IPv4 by /32, IPv6 by /64.
type throttle struct {
	mu   sync.Mutex
	rows map[netip.Prefix]time.Time // when all failures of the address are forgiven
}

func newThrottle() *throttle { return &throttle{rows: map[netip.Prefix]time.Time{}} }

// wait is how long until the address may try again.
func (t *throttle) wait(a netip.Addr, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	forgiven := t.rows[rowOf(a)]
	return max(0, forgiven.Add(-(failuresAtOnce-1)*failurePace).Sub(now).Round(time.Millisecond))
}

// add counts a failure.
func (t *throttle) add(a netip.Addr, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row := rowOf(a)
	if _, known := t.rows[row]; !known && len(t.rows) >= throttled {
		t.forget(now)
		if len(t.rows) >= throttled {
			row = netip.Prefix{}
		}
	}
	from := t.rows[row]
	if from.Before(now) {
		from = now
	}
	t.rows[row] = from.Add(failurePace)
}

func (t *throttle) forget(now time.Time) {
	for row, forgiven := range t.rows {
		if forgiven.Before(now) {
			delete(t.rows, row)
		}
	}
}

func rowOf(a netip.Addr) netip.Prefix {
	bits := 64
	if a.Is4() {
		bits = 32
	}
	p, _ := a.Prefix(bits) // an address that is none shares the row of the strangers
	return p
}
