package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zonefleet/zonefleet/internal/zone"
)

// told is a member that takes a second for each request, and has the zones that it is said to have.
type told struct {
	has zone.Name
	err error

	mu       sync.Mutex
	requests [][]zone.Name
}

func (m *told) Exists(ctx context.Context, names []zone.Name) ([]zone.Name, error) {
	m.mu.Lock()
	m.requests = append(m.requests, names)
	m.mu.Unlock()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return slices.DeleteFunc(slices.Clone(names), func(z zone.Name) bool { return z != m.has }), m.err
}

// sizes is how many names each request asked for.
func (m *told) sizes() (n []int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		n = append(n, len(r))
	}
	return n
}

func TestASingleQuestionIsAskedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, m := new(asker), &told{has: name(t, "there.test")}
		for text, want := range map[string]bool{"there.test": true, "elsewhere.test": false} {
			began := time.Now()
			there, err := a.exists(t.Context(), m, name(t, text))
			if err != nil || there != want || time.Since(began) != time.Second {
				t.Errorf("%s: %v, %v after %s", text, there, err, time.Since(began))
			}
		}
		if got := m.sizes(); !slices.Equal(got, []int{1, 1}) {
			t.Errorf("requests of %v names", got)
		}
	})
}

func TestQuestionsGatherWhileOneIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, m := new(asker), &told{has: numbered(t, 7)}
		var all sync.WaitGroup
		ask := func(i int) {
			all.Go(func() {
				there, err := a.exists(t.Context(), m, numbered(t, i))
				if err != nil || there != (i == 7) {
					t.Errorf("zone %d: %v, %v", i, there, err)
				}
			})
		}
		ask(0)
		synctest.Wait()
		for i := range maxAsked + 5 {
			ask(i + 1)
		}
		began := time.Now()
		all.Wait()
		if got := m.sizes(); !slices.Equal(got, []int{1, maxAsked, 5}) || time.Since(began) != 3*time.Second {
			t.Errorf("requests of %v names, in %s", got, time.Since(began))
		}
		if a.busy || len(a.waiting) != 0 {
			t.Errorf("busy %v, %d waiting", a.busy, len(a.waiting))
		}
	})
}

func TestAFailureReachesEveryoneWhoAskedAndNobodyLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("no answer")
		a, m := new(asker), &told{err: gone, has: numbered(t, 1)}
		errs := make(chan error, 4)
		for i := range cap(errs) {
			go func() {
				_, err := a.exists(t.Context(), m, numbered(t, i))
				errs <- err
			}()
		}
		for range cap(errs) {
			if err := <-errs; !errors.Is(err, gone) {
				t.Errorf("got %v", err)
			}
		}
		m.err = nil
		if there, err := a.exists(t.Context(), m, numbered(t, 1)); !there || err != nil {
			t.Errorf("afterwards: %v, %v", there, err)
		}
	})
}

func TestACallerWhoGivesUpTakesNobodyWithHim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, m := new(asker), &told{has: numbered(t, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() { a.exists(t.Context(), m, numbered(t, 0)) })
		synctest.Wait()
		all.Go(func() { a.exists(ctx, m, numbered(t, 2)) }) // asks next, for both that wait
		synctest.Wait()
		all.Go(func() {
			if there, err := a.exists(t.Context(), m, numbered(t, 1)); !there || err != nil {
				t.Errorf("the other: %v, %v", there, err)
			}
		})
		time.Sleep(1500 * time.Millisecond)
		cancel()
		all.Wait()
		if got := m.sizes(); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("requests of %v names", got)
		}
	})
}

// silent is a member that never answers.
type silent struct{}

func (silent) Exists(ctx context.Context, _ []zone.Name) ([]zone.Name, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("asked in vain: %w", ctx.Err())
}

func TestNobodyWaitsLongerThanForTwoRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := new(asker)
		began := time.Now()
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				if _, err := a.exists(t.Context(), silent{}, numbered(t, i)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took > 2*askedTime {
			t.Errorf("waited %s", took)
		}
	})
}
