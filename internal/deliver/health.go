package deliver

import (
	"math/rand/v2"
	"time"
)

// Health decides when a target is tried. It is called by the worker's goroutine.
type Health interface {
	// Next is how long to wait before the next attempt; false means not before the worker is woken.
	Next() (wait time.Duration, ok bool)
	// Failed is told that the connection could not be made, or was lost.
	Failed(err error)
	// Succeeded is told that the target answered. False means that nothing may be delivered nevertheless: the attempt
	// was a probe of a target that a person is to enable.
	Succeeded() bool
}

// Steady is the Health of a target that is never disabled, such as the local nameserver: it is tried again after one
// second, doubling to a minute. The zero value is ready.
type Steady struct{ failures int }

// Next backs off.
func (s *Steady) Next() (time.Duration, bool) {
	if s.failures == 0 {
		return 0, true
	}
	d := min(time.Second<<min(s.failures-1, 6), time.Minute)
	return d - rand.N(d/5), true
}

// Failed counts.
func (s *Steady) Failed(error) { s.failures++ }

// Succeeded clears.
func (s *Steady) Succeeded() bool { s.failures = 0; return true }
