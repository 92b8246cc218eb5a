package node

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

func TestWhetherANodeGoesOnUnderItsID(t *testing.T) {
	type answer struct {
		target string
		heard  store.Position
	}
	// The node's feed ends at position 2.
	for what, c := range map[string]struct {
		targets       []string
		early, later  []answer // before and after begin
		silent        []string // will not answer, as it seems after begin
		fresh         bool
		waitsToTheEnd bool
	}{
		"no member ever acknowledged something": {},
		"all answer and none is ahead":          {targets: []string{"a", "b"}, later: []answer{{"a", 2}, {"b", 0}}},
		"all answer, one before it is asked":    {targets: []string{"a", "b"}, early: []answer{{"a", 2}}, later: []answer{{"b", 1}}},
		"one is ahead":                          {targets: []string{"a", "b"}, later: []answer{{"a", 3}}, fresh: true},
		"one that is not waited for is ahead":   {targets: []string{"a"}, later: []answer{{"from/x", 9}}, fresh: true},
		"one is ahead before it is asked":       {targets: []string{"a"}, early: []answer{{"a", 3}}, fresh: true},
		"one does not answer":                   {targets: []string{"a", "b"}, later: []answer{{"a", 2}}, fresh: true, waitsToTheEnd: true},
		"one cannot be reached":                 {targets: []string{"a", "b"}, silent: []string{"b"}, later: []answer{{"a", 2}}, fresh: true},
		"one cannot be reached, but calls":      {targets: []string{"a", "b"}, silent: []string{"b"}, later: []answer{{"b", 1}, {"a", 2}}},
		"one that is not waited for is silent":  {targets: []string{"a"}, silent: []string{"x"}, later: []answer{{"a", 2}}},
	} {
		t.Run(what, func(t *testing.T) {
			n := newTestNode(t)
			n.commit(t, name(t, "shop.test"))
			n.commit(t, name(t, "blog.test"))
			before := n.store.NodeID()
			synctest.Test(t, func(t *testing.T) {
				s := &settle{node: n, asked: make(chan struct{})}
				for _, a := range c.early {
					s.answered(a.target, a.heard)
				}
				s.begin(c.targets)
				for _, server := range c.silent {
					s.silent(server)
				}
				for _, a := range c.later {
					s.answered(a.target, a.heard)
				}
				began := time.Now()
				if err := s.beforeWrite(t.Context()); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(began); waited > settleTime || (waited == settleTime) != c.waitsToTheEnd {
					t.Errorf("waited %s", waited)
				}
				if fresh := n.store.NodeID() != before; fresh != c.fresh {
					t.Errorf("fresh id: %v, want %v", fresh, c.fresh)
				}
				decided := n.store.NodeID()
				s.answered("late", 99)
				if err := s.beforeWrite(t.Context()); err != nil || n.store.NodeID() != decided {
					t.Errorf("decided a second time, %v", err)
				}
			})
		})
	}
}

func TestAWriteBeforeTheMemberTableIsReadTakesAFreshID(t *testing.T) {
	n := newTestNode(t)
	before := n.store.NodeID()
	synctest.Test(t, func(t *testing.T) {
		s := &settle{node: n, asked: make(chan struct{})}
		if err := s.beforeWrite(t.Context()); err != nil || n.store.NodeID() == before {
			t.Errorf("the id is kept, %v", err)
		}
	})
}

func TestManyFirstWritersTakeOneFreshIDTogether(t *testing.T) {
	n := newTestNode(t)
	synctest.Test(t, func(t *testing.T) {
		s := &settle{node: n, asked: make(chan struct{})}
		s.begin([]string{"a"})
		ids := make(chan zone.NodeID, 8)
		var all sync.WaitGroup
		for range cap(ids) {
			all.Go(func() {
				if err := s.beforeWrite(t.Context()); err != nil {
					t.Error(err)
				}
				ids <- n.store.NodeID()
			})
		}
		all.Wait()
		close(ids)
		first := <-ids
		for id := range ids {
			if id != first {
				t.Errorf("ids %x and %x", first, id)
			}
		}
	})
}

func TestAWriterWhoGivesUpDecidesNothing(t *testing.T) {
	n := newTestNode(t)
	before := n.store.NodeID()
	s := &settle{node: n, asked: make(chan struct{})}
	s.begin([]string{"a"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.beforeWrite(ctx); !errors.Is(err, context.Canceled) || s.decided || n.store.NodeID() != before {
		t.Errorf("%v, decided %v", err, s.decided)
	}
}
