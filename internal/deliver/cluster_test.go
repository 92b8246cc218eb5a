package deliver

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// here is one node under test: a feed, a tracker, and workers that are joined at the end.
type here struct {
	*journal
	*Tracker
	t     *testing.T
	stops []func()
}

func newHere(t *testing.T) *here {
	j := newJournal()
	return &here{journal: j, Tracker: NewTracker(j, "self", nil), t: t}
}

// work runs a worker until the returned function is called, or the test ends.
func (h *here) work(name string, m Target, change ...func(*Options)) (w *Worker, stop func()) {
	o := Options{ID: name, Name: name, Target: m, Feed: h.journal, Tracker: h.Tracker, Batch: 10}
	for _, f := range change {
		f(&o)
	}
	w = NewWorker(o)
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := w.Run(ctx); err != nil {
			h.t.Errorf("worker of %s: %v", name, err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); done.Wait() })
	h.t.Cleanup(stop)
	h.stops = append(h.stops, stop)
	return w, stop
}

// halt ends all workers, as the end of the process does.
func (h *here) halt() {
	for _, stop := range h.stops {
		stop()
	}
}

func (h *here) status(id string) TargetStatus {
	for _, s := range h.Status() {
		if s.ID == id {
			return s
		}
	}
	h.t.Fatalf("no target %s", id)
	return TargetStatus{}
}

// bubble runs a test in virtual time.
func bubble(t *testing.T, f func(t *testing.T, h *here)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newHere(t)) })
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
