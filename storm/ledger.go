package main

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

// outcome is what a client was told.
type outcome int

const (
	acknowledged outcome = iota
	unchanged            // acknowledged, and there was nothing to do
	held                 // stopped by the brake
	refusedByServer
	unknown // no answer, or one that leaves it open
)

// act is one change that a client asked for.
type act struct {
	server         string
	generation     int
	kind, zone     string
	sent, answered time.Time
	outcome        outcome
	change         uint64 // its number at the server
	served         int    // servers that said they serve it
	err            error
}

// settle reads the answer.
func (a *act) settle(r api.WriteResult, err error) {
	a.err = err
	switch {
	case errors.Is(err, errHeld):
		a.outcome = held
	case refused(err):
		a.outcome = refusedByServer
	case err != nil:
		a.outcome = unknown
	case !r.Changed:
		a.outcome = unchanged
	default:
		a.outcome, a.change = acknowledged, r.Change
	}
	if r.Reach != nil {
		a.served = r.Reach.Served
	}
}

// ledger has everything that clients did.
type ledger struct {
	mu   sync.Mutex
	acts []*act
}

func newLedger() *ledger { return &ledger{} }

func (l *ledger) add(a *act) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acts = append(l.acts, a)
}

// count returns how many acts had each outcome so far.
func (l *ledger) count() map[outcome]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := map[outcome]int{}
	for _, a := range l.acts {
		n[a.outcome]++
	}
	return n
}

// refusals counts the reasons of what was not done, for the log.
func (l *ledger) refusals() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := map[string]int{}
	for _, a := range l.acts {
		if p := (*problem)(nil); errors.As(a.err, &p) {
			n[fmt.Sprintf("%s: %d %s", a.kind, p.status, p.code())]++
		}
	}
	return n
}

// all returns the acts; nobody adds to them any more.
func (l *ledger) all() []*act {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acts
}
