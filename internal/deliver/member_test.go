package deliver

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// member is a server at the other end. It keeps what it was given, through restarts, until it is wiped.
type member struct {
	mu       sync.Mutex
	instance string
	at       store.Position
	has      map[zone.Name]uint64 // number of changes it has
	refuses  map[zone.Name]string
	fails    map[zone.Name]string
	result   Result        // of what it takes
	takes    time.Duration // for one Deliver
	down     error
	loseAcks int // so many times it stores and the connection breaks before the answer
	partial  int // takes only so many items at once
	lost     chan struct{}
	asked    int // times opened
	got      []zone.Name
	whole    int // states that came whole
	needs    int
	again    int // items of which it was said that it acknowledged the zone before
	onTake   func(z zone.Name, p store.Position)
}

func newMember(instance string) *member {
	return &member{
		instance: instance, at: Unstated, has: map[zone.Name]uint64{}, refuses: map[zone.Name]string{}, result: Served,
	}
}

var errDown = errors.New("connection refused")

func (m *member) Open(context.Context) (Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	if m.down != nil {
		return nil, m.down
	}
	m.lost = make(chan struct{})
	return &memberSession{member: m, lost: m.lost}, nil
}

// crash ends the session; the member stays down.
func (m *member) crash() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = errDown
	if m.lost != nil {
		close(m.lost)
		m.lost = nil
	}
}

func (m *member) start() { m.set(func() { m.down = nil }) }

func (m *member) set(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

func (m *member) count(z zone.Name) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.has[z]
}

func (m *member) zones() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.has)
}

func (m *member) deliveries() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.got)
}

type memberSession struct {
	*member
	lost chan struct{}
}

func (s *memberSession) Done() <-chan struct{} { return s.lost }
func (s *memberSession) Close() error          { return nil }

func (s *memberSession) Where() (instance string, at store.Position) {
	s.set(func() { instance, at = s.instance, s.at })
	return instance, at
}

func (s *memberSession) Deliver(ctx context.Context, items []Item) (outcomes []Outcome, err error) {
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return nil, s.down
	}
	if s.partial > 0 {
		items = items[:min(s.partial, len(items))]
	}
	for _, item := range items {
		o, err := s.take(item)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
	}
	if s.loseAcks > 0 {
		s.loseAcks--
		return nil, errors.New("connection reset")
	}
	return outcomes, nil
}

func (s *memberSession) take(item Item) (Outcome, error) {
	d, at, err := item.Delta()
	if err != nil {
		return Outcome{}, err
	}
	s.got = append(s.got, item.Zone)
	if item.Again {
		s.again++
	}
	if reason := s.refuses[item.Zone]; reason != "" {
		return Outcome{Zone: item.Zone, Position: at, Result: Refused, Reason: reason}, nil
	}
	if reason := s.fails[item.Zone]; reason != "" {
		return Outcome{Zone: item.Zone, Position: at, Result: Failed, Reason: reason}, nil
	}
	if !d.Whole && d.Since[writer] > s.has[item.Zone] {
		s.needs++
		return Outcome{Zone: item.Zone, Result: Need}, nil
	}
	if d.Whole {
		s.whole++
	}
	s.has[item.Zone] = max(s.has[item.Zone], d.Vector[writer])
	if s.onTake != nil {
		s.onTake(item.Zone, at)
	}
	return Outcome{Zone: item.Zone, Position: at, Result: s.result}, nil
}

// mute is a target that takes everything and answers nothing.
type mute struct{}

func (mute) Open(context.Context) (Session, error)              { return mute{}, nil }
func (mute) Where() (string, store.Position)                    { return "mute", Unstated }
func (mute) Deliver(context.Context, []Item) ([]Outcome, error) { return nil, nil }
func (mute) Done() <-chan struct{}                              { return nil }
func (mute) Close() error                                       { return nil }

// probe is the health of a target that failures disabled and only a person enables.
type probe struct {
	enabled bool
	tried   bool
	failed  int
}

func (p *probe) Next() (time.Duration, bool) {
	if !p.tried || p.enabled && p.failed == 0 {
		return 0, true
	}
	return time.Minute, true
}
func (p *probe) Failed(error)    { p.failed++ }
func (p *probe) Succeeded() bool { p.tried = true; return p.enabled }
