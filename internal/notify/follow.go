package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// ErrForGood is wrapped by errors of a transport that another try will not mend.
var ErrForGood = errors.New("it will not be tried again")

// Transport sends messages. It is made anew when its settings change.
type Transport interface {
	Send(ctx context.Context, m Message) error
}

// Source is where events come from and how far each transport has come.
type Source interface {
	Events(after uint64, limit int) ([]Event, error) // oldest first
	Newest() (uint64, error)                         // 0 if there is none
	Cursor(transport string) (after uint64, known bool)
	SetCursor(transport string, after uint64)
}

// Options are what a Notifier works with.
type Options struct {
	Source Source
	Names  []string // of the transports that there may be
	// Transport is the one of that name as it is set now; nil: there is none.
	Transport func(name string) Transport
	About     func() About
	Now       func() time.Time
	// Lost is told of a message that was given up.
	Lost   func(ctx context.Context, transport string, m Message, err error)
	Logger *slog.Logger
}

// The pace of a transport.
const (
	lookEvery = 2 * time.Second
	batch     = 100 // events that are looked at together: of one thing only the last message is sent
	// sendTimeout bounds one try, answer included.
	sendTimeout = 30 * time.Second
	// giveUpAfter is how long a message is tried. One that is a day old says nothing that somebody could still act upon.
	giveUpAfter = 24 * time.Hour
)

// pauses is how long to wait after the tries of a message; the last one again and again.
func pauses() []time.Duration {
	return []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}
}

// State is how a transport stands.
type State struct {
	Name     string
	Sent     time.Time // the last message that was taken
	Failed   time.Time // the last try that failed, zero when one has worked since
	Error    string
	NextTry  time.Time // zero: nothing is to be tried again
	Messages int       // sent since the start
}

// Notifier follows events and sends messages.
type Notifier struct {
	Options
	mu     sync.Mutex
	states map[string]State
}

// New makes one; nothing happens before Run.
func New(o Options) *Notifier {
	return &Notifier{Options: o, states: map[string]State{}}
}

// Run sends until ctx ends.
func (n *Notifier) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, name := range n.Names {
		f := &follower{Notifier: n, name: name}
		all.Go(func() { f.run(ctx) })
	}
	all.Wait()
	return nil
}

// States says how the transports stand, in the order of their names.
func (n *Notifier) States() []State {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]State, 0, len(n.Names))
	for _, name := range n.Names {
		s := n.states[name]
		s.Name = name
		out = append(out, s)
	}
	return out
}

// Try sends one message now, and once; it is not remembered.
func (n *Notifier) Try(ctx context.Context, name string, m Message) error {
	t := n.Transport(name)
	if t == nil {
		return errors.New("it is not set up")
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err := t.Send(ctx, m)
	n.note(name, err, time.Time{})
	return err
}

func (n *Notifier) note(name string, err error, next time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.states[name]
	if err != nil {
		s.Failed, s.Error, s.NextTry = n.Now(), err.Error(), next
	} else {
		s.Sent, s.Failed, s.Error, s.NextTry, s.Messages = n.Now(), time.Time{}, "", time.Time{}, s.Messages+1
	}
	n.states[name] = s
}

// follower is one transport on its way through the events. Only run touches it.
type follower struct {
	*Notifier
	name  string
	quiet quiet
	tries int       // of the message that is to be sent next
	first time.Time // when it was first tried
	next  time.Time // when it is tried again
}

func (f *follower) run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := f.look(ctx); err != nil && ctx.Err() == nil {
			f.Logger.Warn("events cannot be read for notification", "transport", f.name, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look sends what has happened since the cursor. Without a transport, and when it looks for the first time, it begins with
// what happens from now on: nobody wants to be told of last year.
func (f *follower) look(ctx context.Context) error {
	after, known := f.Source.Cursor(f.name)
	t := f.Transport(f.name)
	if t == nil || !known {
		newest, err := f.Source.Newest()
		if err == nil && (!known || newest != after) {
			f.Source.SetCursor(f.name, newest)
		}
		f.tries, f.next = 0, time.Time{}
		return err
	}
	if f.Now().Before(f.next) {
		return nil
	}
	events, err := f.Source.Events(after, batch)
	if err != nil || len(events) == 0 {
		return err
	}
	for _, m := range last(events, f.About()) {
		if !f.quiet.pass(m, f.Now()) {
			f.Source.SetCursor(f.name, m.Event.ID)
			continue
		}
		if !f.send(ctx, t, m) {
			return nil
		}
		f.Source.SetCursor(f.name, m.Event.ID)
	}
	f.Source.SetCursor(f.name, events[len(events)-1].ID)
	return nil
}

// last are the messages of events in their order, of each key the last one.
func last(events []Event, a About) []Message {
	var out []Message
	for _, e := range events {
		m, ok := Compose(e, a)
		if !ok {
			continue
		}
		out = slices.DeleteFunc(out, func(o Message) bool { return o.Key == m.Key })
		out = append(out, m)
	}
	return out
}

// send tries once; false if the message is to be tried again.
func (f *follower) send(ctx context.Context, t Transport, m Message) (done bool) {
	now := f.Now()
	if f.tries == 0 {
		f.first = now
	}
	trying, cancel := context.WithTimeout(ctx, sendTimeout)
	err := t.Send(trying, f.quiet.with(m))
	cancel()
	switch {
	case err == nil:
		f.quiet.said(m, now)
		f.tries, f.next = 0, time.Time{}
		f.note(f.name, nil, time.Time{})
		return true
	case ctx.Err() != nil:
		return false
	case errors.Is(err, ErrForGood) || now.Sub(f.first) >= giveUpAfter:
		f.note(f.name, err, time.Time{})
		f.Lost(ctx, f.name, m, err)
		f.tries, f.next = 0, time.Time{}
		return true
	}
	pause := pauses()[min(f.tries, len(pauses())-1)]
	f.tries++
	f.next = now.Add(pause)
	f.note(f.name, err, f.next)
	f.Logger.Warn("a notification could not be sent", "transport", f.name, "about", m.Subject, "err", err, "again", fmt.Sprint(pause))
	return false
}
