package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// knower answers which of many zones exist at one member; *zonefleet.Client has it.
type knower interface {
	Exists(ctx context.Context, names []zone.Name) ([]zone.Name, error)
}

// asker puts questions whether zones exist at one member together: while one request is under way, the names of further
// callers gather for the next. An import of 10,000 zones so asks in hundreds instead of one by one, and a single creation
// waits for nothing.
type asker struct {
	mu      sync.Mutex
	busy    bool
	waiting []*existsCall
}

// existsCall is one caller's question.
type existsCall struct {
	name  zone.Name
	lead  chan struct{} // closed when the caller is to ask for all that wait
	done  chan struct{} // closed when the answer is there
	there bool
	err   error
}

// Bounds of one request. A caller waits for two at most: the one under way and its own.
const (
	maxAsked  = 1000
	askedTime = 3 * time.Second
)

// exists asks for one name, alone or together with others.
func (a *asker) exists(ctx context.Context, c knower, z zone.Name) (bool, error) {
	call := &existsCall{name: z, lead: make(chan struct{}), done: make(chan struct{})}
	a.mu.Lock()
	a.waiting = append(a.waiting, call)
	if !a.busy {
		a.busy = true
		close(call.lead)
	}
	a.mu.Unlock()
	select {
	case <-call.lead:
		a.ask(ctx, c)
	case <-call.done:
	}
	return call.there, call.err
}

// ask asks for all that wait, and makes one of those that came meanwhile the next leader.
func (a *asker) ask(ctx context.Context, c knower) {
	a.mu.Lock()
	n := min(len(a.waiting), maxAsked)
	batch := slices.Clone(a.waiting[:n])
	a.waiting = slices.Delete(a.waiting, 0, n)
	a.mu.Unlock()
	names := make([]zone.Name, len(batch))
	for i, call := range batch {
		names[i] = call.name
	}
	// The leader's caller may give up; the others' did not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askedTime)
	defer cancel()
	found, err := c.Exists(ctx, names)
	there := map[zone.Name]bool{}
	for _, z := range found {
		there[z] = true
	}
	for _, call := range batch {
		call.there, call.err = there[call.name], err
		close(call.done)
	}
	a.next()
}

// next hands the lead on.
func (a *asker) next() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) == 0 {
		a.busy = false
		return
	}
	close(a.waiting[0].lead)
}
