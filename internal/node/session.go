package node

import (
	"context"
	"fmt"
	"sync"

	"github.com/zonefleet/zonefleet/internal/deliver"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// linkSession is a wire link as a session of delivery, whoever dialled.
type linkSession struct {
	link     *wire.Link
	reports  *reporter
	instance string         // of the other side
	at       store.Position // up to where it has this node's feed, Unstated if it does not say
	mark     func(i *wire.Item, again bool)
	meant    func(zone.Name) bool // nil: the other side does not know the mark
	worked   func()               // the other side has stored something; nil: nobody wants to know
	err      func() error         // why the link ended
	close    func() error
}

// Where is the instance of the other side.
func (s *linkSession) Where() (string, store.Position) { return s.instance, s.at }

// Deliver sends what each item lacks.
func (s *linkSession) Deliver(ctx context.Context, items []deliver.Item) ([]deliver.Outcome, error) {
	sent := make([]wire.Item, len(items))
	for i, item := range items {
		d, at, err := item.Delta()
		if err != nil {
			return nil, fmt.Errorf("read changes of zone %s: %w", item.Zone.Text(), err)
		}
		sent[i] = wire.Item{Position: uint64(at), Delta: d}
		sent[i].Meant = s.meant != nil && s.meant(item.Zone)
		s.mark(&sent[i], item.Again)
	}
	answers, err := s.link.Deliver(ctx, sent)
	outcomes := make([]deliver.Outcome, len(answers))
	for i, a := range answers {
		outcomes[i] = deliver.Outcome{
			Zone: a.Zone, Position: store.Position(a.Position), Result: resultOf(a.Result), Reason: a.Reason,
		}
		if r := outcomes[i].Result; s.worked != nil && (r == deliver.Stored || r == deliver.Served) {
			s.worked()
		}
	}
	return outcomes, err
}

func resultOf(r wire.Result) deliver.Result {
	switch r {
	case wire.Stored:
		return deliver.Stored
	case wire.Served:
		return deliver.Served
	case wire.Need:
		return deliver.Need
	case wire.Ignored:
		return deliver.Ignored
	case wire.Failed:
		return deliver.Failed
	}
	return deliver.Refused
}

// Settled tells the other side, so that it can say one day where it stands.
func (s *linkSession) Settled(at store.Position) { s.reports.settle(uint64(at)) }

func (s *linkSession) Done() <-chan struct{} { return s.link.Done() }
func (s *linkSession) Err() error            { return s.err() }
func (s *linkSession) Close() error          { return s.close() }

// maxReports bounds the reports that wait for room on a link. What finds none is lost, which is harmless: the other
// side asks again when its next session opens.
const maxReports = 65536

// reporter carries reports back to where changes came from. Tell never blocks; run sends.
type reporter struct {
	mu      sync.Mutex
	waiting map[reported][]string // the servers to name
	settled uint64                // up to where the other side has acknowledged this node's feed
	wake    chan struct{}
}

// reported is a zone as of a position of the other side.
type reported struct {
	zone zone.Name
	at   uint64
}

func newReporter() *reporter {
	return &reporter{waiting: map[reported][]string{}, wake: make(chan struct{}, 1)}
}

// tell notes that servers answer with the zone as of the other side's position.
func (r *reporter) tell(z zone.Name, at uint64, servers []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := reported{z, at}
	if _, known := r.waiting[key]; !known && len(r.waiting) >= maxReports {
		return
	}
	r.waiting[key] = append(r.waiting[key], servers...)
	signal(r.wake)
}

// settle notes up to where the other side has acknowledged everything.
func (r *reporter) settle(at uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled = at
	signal(r.wake)
}

// run sends what is told until the link ends.
func (r *reporter) run(ctx context.Context, l *wire.Link) {
	said := uint64(0)
	for {
		select {
		case <-r.wake:
		case <-l.Done():
			return
		case <-ctx.Done():
			return
		}
		r.mu.Lock()
		reports := make([]wire.Report, 0, len(r.waiting))
		for key, servers := range r.waiting {
			reports = append(reports, wire.Report{Zone: key.zone, Position: key.at, Servers: servers})
			delete(r.waiting, key)
		}
		settled := r.settled
		r.mu.Unlock()
		if err := l.Report(ctx, reports); err != nil {
			return // the link has ended
		}
		if settled == said {
			continue
		}
		if err := l.Settled(ctx, settled); err != nil {
			return
		}
		said = settled
	}
}
