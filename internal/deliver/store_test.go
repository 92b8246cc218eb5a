package deliver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// replica is a member that joins what it is given, as a server does.
type replica struct {
	mu     sync.Mutex
	states map[zone.Name]*zone.State
	breaks *rand.Rand
}

func (r *replica) Open(context.Context) (Session, error) { return r, nil }
func (r *replica) Where() (string, store.Position)       { return "replica", Unstated }
func (r *replica) Done() <-chan struct{}                 { return nil }
func (r *replica) Close() error                          { return nil }

func (r *replica) Deliver(_ context.Context, items []Item) (outcomes []Outcome, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, item := range items {
		d, at, err := item.Delta()
		if err != nil {
			return nil, err
		}
		s := r.states[item.Zone]
		if s == nil {
			s = zone.NewState(item.Zone)
			r.states[item.Zone] = s
		}
		o := Outcome{Zone: item.Zone, Position: at, Result: Served}
		if _, err := s.Join(d); errors.Is(err, zone.ErrNeed) {
			o = Outcome{Zone: item.Zone, Result: Need}
		} else if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
	}
	if r.breaks.IntN(10) == 0 {
		return nil, errors.New("connection reset")
	}
	return outcomes, nil
}

func (r *replica) lose(z zone.Name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.states, z)
}

// impatient tries again at once.
type impatient struct{}

func (impatient) Next() (time.Duration, bool) { return 0, true }
func (impatient) Failed(error)                {}
func (impatient) Succeeded() bool             { return true }

// TestFromTheRealStore: creations, edits and deletions go from a real store over a connection that breaks, to a member
// that once lost a zone, and all states become equal.
func TestFromTheRealStore(t *testing.T) {
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	tracker := NewTracker(s, "self", nil)
	to := &replica{states: map[zone.Name]*zone.State{}, breaks: rand.New(rand.NewPCG(1, 2))}
	w := NewWorker(Options{ID: "ns1", Name: "ns1", Target: to, Feed: s, Tracker: tracker, Health: impatient{}, Batch: 7})
	var running sync.WaitGroup
	running.Go(func() { logError(t, s.Run(ctx)) })
	running.Go(func() { logError(t, w.Run(ctx)) })
	defer func() {
		cancel()
		running.Wait()
		logError(t, s.Close())
	}()

	all, rnd := names(40), rand.New(rand.NewPCG(3, 4))
	for i := range 300 {
		z := all[rnd.IntN(len(all))]
		if i == 150 {
			to.lose(z)
		}
		at, err := s.Commit(ctx, z, func(tx *store.Tx) error { return write(tx, s.NodeID(), i, rnd) })
		if err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			if r, err := tracker.Wait(ctx, z, at, 0); err != nil || !r.All() {
				t.Fatalf("change %d: %+v, %v", i, r, err)
			}
		}
	}
	for _, z := range all {
		mine, at, err := s.State(z)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if r, err := tracker.Wait(ctx, z, at, 0); err != nil || !r.All() {
			t.Fatalf("%s: %+v, %v", z.Text(), r, err)
		}
		to.mu.Lock()
		theirs := to.states[z]
		to.mu.Unlock()
		if theirs.ETag() != mine.ETag() || theirs.Digest() != mine.Digest() {
			t.Errorf("%s differs there", z.Text())
		}
	}
}

// write makes one change: a creation if the zone is not live, otherwise an edit or, sometimes, a deletion.
func write(tx *store.Tx, node zone.NodeID, i int, rnd *rand.Rand) error {
	s, err := tx.State()
	if err != nil {
		return err
	}
	set := zone.NewRRset(s.Zone, zone.TypeTXT, 300, [][]byte{append([]byte{6}, fmt.Sprintf("%06d", i)...)})
	c := zone.Change{Zone: s.Zone, Time: zone.Millis(i), Author: "root@self", Saw: s.Vector.Clone()}
	switch _, live := s.View(); {
	case !live:
		c = s.Create([]zone.RRset{set}, zone.CreateOptions{Home: "self", Author: "root@self", Now: zone.Millis(i)})
	case rnd.IntN(8) == 0:
		c.Writes = s.EndAll()
	default:
		c.Writes = s.Set(set)
	}
	_, touched, err := s.Apply(node, c)
	if err != nil {
		return err
	}
	tx.Put(s, touched, store.Entry{Time: zone.Millis(i), Kind: "edit", Author: "root@self"})
	return nil
}

func logError(t *testing.T, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
