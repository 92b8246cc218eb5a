package peer

import (
	"net/netip"
	"sync"
	"time"
)

// Failed proofs that one address may make in a minute. A token cannot be guessed; this keeps who tries from costing
// more than a look at a table.
const (
	failuresPerMinute = 20
	maxThrottled      = 16_384 // addresses counted; further ones share one count
)

// throttle counts failed proofs per address (/32 of IPv4, /64 of IPv6) and minute.
type throttle struct {
	now func() time.Time

	mu     sync.Mutex
	minute time.Time
	failed map[netip.Prefix]int
}

// subject is what is counted: an IPv6 customer has a whole /64.
func subject(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.WithZone("").Prefix(bits) // the zero Prefix for no address, which is counted too
	return p
}

func (t *throttle) turn() {
	if minute := t.now().Truncate(time.Minute); minute != t.minute {
		t.minute, t.failed = minute, make(map[netip.Prefix]int)
	}
}

// key is the subject's own count while there is room, the shared one otherwise.
func (t *throttle) key(a netip.Addr) netip.Prefix {
	s := subject(a)
	if _, counted := t.failed[s]; !counted && len(t.failed) >= maxThrottled {
		return netip.Prefix{}
	}
	return s
}

// allows says whether a may try.
func (t *throttle) allows(a netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn()
	return t.failed[t.key(a)] < failuresPerMinute
}

// fail counts a failed proof.
func (t *throttle) fail(a netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn()
	t.failed[t.key(a)]++
}
