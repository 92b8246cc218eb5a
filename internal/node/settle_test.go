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
				s := newSettle(n, false)
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
				s.answered("late", 1)
				if err := s.beforeWrite(t.Context()); err != nil || n.store.NodeID() != decided {
					t.Errorf("decided a second time, %v", err)
				}
				s.answered("late", 99) // ahead: better now than never
				s.answered("later", 999)
				if late := n.store.NodeID() != decided; late == c.fresh {
					t.Errorf("a fresh id for one that is ahead and late: %v", late)
				}
			})
		})
	}
}

func TestAWriteBeforeTheMemberTableIsReadTakesAFreshID(t *testing.T) {
	n := newTestNode(t)
	before := n.store.NodeID()
	synctest.Test(t, func(t *testing.T) {
		s := newSettle(n, false)
		if err := s.beforeWrite(t.Context()); err != nil || n.store.NodeID() == before {
			t.Errorf("the id is kept, %v", err)
		}
	})
}

// A folder was put back to an older copy. What one member sends raises its head beyond what the other has heard of it in the
// time that was lost.
func TestWhatIsJoinedFirstDoesNotHideAnOlderCopy(t *testing.T) {
	n := newTestNode(t)
	n.commit(t, name(t, "shop.test"))
	before := n.store.NodeID()
	s := newSettle(n, false)
	s.begin([]string{"a", "b"})
	s.answered("a", 1)
	n.commit(t, name(t, "blog.test")) // of a
	n.commit(t, name(t, "mail.test")) // of a
	s.answered("a", 3)                // another link of it; it has got what this start has
	if s.ahead {
		t.Error("what was delivered since the start counts as ahead")
	}
	s.answered("b", 3)
	if err := s.beforeWrite(t.Context()); err != nil || n.store.NodeID() == before {
		t.Errorf("the id is kept, %v", err)
	}
}

func TestManyFirstWritersTakeOneFreshIDTogether(t *testing.T) {
	n := newTestNode(t)
	synctest.Test(t, func(t *testing.T) {
		s := newSettle(n, false)
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
	s := newSettle(n, false)
	s.begin([]string{"a"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.beforeWrite(ctx); !errors.Is(err, context.Canceled) || s.decided || n.store.NodeID() != before {
		t.Errorf("%v, decided %v", err, s.decided)
	}
}

// start is what a start of the node on its folder decides; it reports whether the node took a fresh id.
func (n *Node) startOver(t *testing.T, servers []string, answers map[string]store.Position) (fresh bool) {
	t.Helper()
	n.recorded = newRecorded(n)
	s := newSettle(n, false)
	before := n.store.NodeID()
	s.begin(servers)
	for _, key := range servers {
		if heard, ok := answers[key]; ok {
			s.answered(key, heard)
			n.recorded.entered(key)
		} else {
			s.silent(key)
		}
	}
	if err := s.beforeWrite(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.recorded.note() // a minute of life
	return n.store.NodeID() != before
}

func TestADeadMemberCostsOneFreshID(t *testing.T) {
	n := newTestNode(t)
	n.commit(t, name(t, "shop.test"))
	const hour = zone.Millis(3_600_000)
	servers, lives := []string{"dead", "lives"}, map[string]store.Position{"lives": 1}
	n.setMillis(answeredKey("dead"), n.now()-2*hour)
	n.setMillis(answeredKey("lives"), n.now()-hour)
	n.recorded.note()
	if !n.startOver(t, servers, lives) {
		t.Error("the first start since it is dead keeps the id")
	}
	for i := range 5 {
		if n.startOver(t, servers, lives) {
			t.Errorf("start %d takes another", i+2)
		}
	}
	if !n.startOver(t, servers, nil) { // the other one could know more
		t.Error("the living one does not answer either, and the id is kept")
	}
	// It was back for a moment, and has got something under this id.
	n.recorded.entered("dead")
	n.recorded.left("dead")
	time.Sleep(2 * time.Millisecond) // what happens within one millisecond counts as unknown order, and costs another id
	if !n.startOver(t, servers, lives) {
		t.Error("it was back, and the id is kept")
	}
	if n.startOver(t, servers, lives) {
		t.Error("another one at the next start")
	}
	// The folder is put back to an older copy while it is away: in the time that was lost it may have been back.
	n.setMillis(aliveKey, n.now()-hour)
	if !n.startOver(t, servers, lives) {
		t.Error("an older copy keeps the id")
	}
	// The one that lives knows of a start that the folder does not.
	if !n.startOver(t, servers, map[string]store.Position{"lives": 7}) {
		t.Error("one is ahead, and the id is kept")
	}
	if n.startOver(t, servers, map[string]store.Position{"lives": 7}) {
		t.Error("the same again takes another")
	}
	if !n.startOver(t, servers, map[string]store.Position{"lives": 8}) {
		t.Error("it has heard of more, and the id is kept")
	}
	n.setMillis(aliveKey, n.now()-hour)
	if !n.startOver(t, servers, map[string]store.Position{"lives": 8}) {
		t.Error("an older copy that somebody is ahead of keeps the id")
	}
	// A month later nobody waits.
	n.setMillis(answeredKey("dead"), n.now()-31*24*hour)
	n.setMillis(takenKey, 0)
	if n.startOver(t, servers, map[string]store.Position{"lives": 1}) {
		t.Error("a member that is dead for a month is waited for")
	}
}

func TestWhatAnIDWasTakenWithIsOfThatIDOnly(t *testing.T) {
	n := newTestNode(t)
	n.setMillis(answeredKey("dead"), n.now()-1000)
	n.recorded.note()
	n.startOver(t, []string{"dead"}, nil)
	if err := n.store.FreshNodeID(); err != nil { // as a copied folder does when it is opened
		t.Fatal(err)
	}
	if !n.startOver(t, []string{"dead"}, nil) {
		t.Error("the record of another id counts")
	}
}
