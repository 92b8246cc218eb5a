package auth

import (
	"net/netip"
	"sync"
	"time"
)

// A user, and an address, may fail this often at once, and then again each time the pace allows.
const (
	failuresAtOnce = 10
	failurePace    = 6 * time.Second
	// throttled bounds the table. When it is full and nobody in it is forgiven yet, who is not in it shares one row: an
	// attack from many addresses slows strangers down, never those that have not failed.
	throttled = 65536
)

// Throttle counts failed sign-ins by address (IPv4 by /32, IPv6 by /64) and by user. All doors share one, so that nobody
// gets more tries by going from one to the other. It lives in memory. It is safe for concurrent use.
type Throttle struct {
	mu   sync.Mutex
	rows map[string]time.Time // when all failures are forgiven
}

// NewThrottle makes one.
func NewThrottle() *Throttle { return &Throttle{rows: map[string]time.Time{}} }

// Wait is how long until somebody at the address may try again as the user; "" is nobody in particular, as with a token.
func (t *Throttle) Wait(from netip.Addr, user string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	var wait time.Duration
	for _, row := range rowsOf(from, user) {
		wait = max(wait, t.rows[row].Add(-(failuresAtOnce-1)*failurePace).Sub(now))
	}
	return wait.Round(time.Millisecond)
}

// Fail counts a failure.
func (t *Throttle) Fail(from netip.Addr, user string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range rowsOf(from, user) {
		t.count(row, now)
	}
}

// Forgive forgets the failures of a user, from wherever.
func (t *Throttle) Forgive(user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, userRow(user))
}

func (t *Throttle) count(row string, now time.Time) {
	if _, known := t.rows[row]; !known && len(t.rows) >= throttled {
		t.forget(now)
		if len(t.rows) >= throttled {
			row = ""
		}
	}
	from := t.rows[row]
	if from.Before(now) {
		from = now
	}
	t.rows[row] = from.Add(failurePace)
}

func (t *Throttle) forget(now time.Time) {
	for row, forgiven := range t.rows {
		if forgiven.Before(now) {
			delete(t.rows, row)
		}
	}
}

// userRow is short, whatever somebody types in.
func userRow(user string) string { return "user " + user[:min(len(user), 64)] }

func rowsOf(a netip.Addr, user string) []string {
	bits := 64
	if a.Is4() {
		bits = 32
	}
	rows := []string{""} // an address that is none shares the row of the strangers
	if p, err := a.Prefix(bits); err == nil {
		rows[0] = p.String()
	}
	if user != "" {
		rows = append(rows, userRow(user))
	}
	return rows
}
