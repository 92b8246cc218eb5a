package node

import (
	"context"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// settleTime is how long the first write after a start waits for the answers of members.
const settleTime = 2 * time.Second

// settle decides, before the first write after a start, whether this node may go on under its node id. A data folder
// that was put back to an older copy would give out dots a second time, and two changes under one dot vanish on both
// sides. So the id is kept only if every member that ever acknowledged something answers, and none has heard of a
// position that this node does not have; otherwise the node takes a fresh id, which costs an entry in the vectors of
// the zones that it writes. cluster.NodeIDFact says who need not answer, so that a dead member does not cost one with
// each start.
type settle struct {
	node  *Node
	start store.Position // the head of this node's feed when it started

	mu      sync.Mutex
	decided bool
	fresh   bool
	waiting map[string]awaited        // servers that have not answered yet; nil before begin
	heard   map[string]store.Position // what servers that answered have heard of this node's feed
	ahead   bool
	asked   chan struct{} // closed when there is nobody left to wait for, or one is ahead
	closed  bool
}

// awaited is a server that has not answered yet.
type awaited struct {
	must bool // without its answer the id is not kept
	may  bool // it may answer still
}

func newSettle(n *Node, decided bool) *settle {
	return &settle{node: n, start: n.store.Synced(), asked: make(chan struct{}), decided: decided}
}

// begin names the servers that have to answer, by their keys: those that ever acknowledged something.
func (s *settle) begin(servers []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = map[string]awaited{}
	for _, key := range servers {
		_, early := s.heard[key] // its link was quicker
		expected := s.node.recorded.fact(key).Await()
		if !early && expected != cluster.NotAwaited {
			s.waiting[key] = awaited{must: expected == cluster.MustAnswer, may: true}
		}
	}
	s.maybeClose()
}

// silent says that a server will not answer now: it could not be reached, or is not asked.
func (s *settle) silent(server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w, ok := s.waiting[server]; ok {
		w.may = false
		s.waiting[server] = w
		s.maybeClose()
	}
}

// answered takes what a server has heard of this node's feed. One that is ahead and answers only after the first write
// still makes the node take a fresh id: what was written by then may have used a dot twice, what follows does not.
//
// Nothing of this start goes to a server before its first answer, so that one is compared with the head at the start: what
// others sent meanwhile has raised the head, and would hide that this server knows more. Later answers tell of this start
// too.
func (s *settle) answered(server string, heard store.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heard == nil {
		s.heard = map[string]store.Position{}
	}
	head := s.start
	if _, again := s.heard[server]; again {
		head = s.node.store.Synced()
	}
	s.heard[server] = max(s.heard[server], heard)
	delete(s.waiting, server)
	if heard > head && !s.node.recorded.known(server, heard) {
		s.ahead = true
	}
	if !s.decided {
		s.maybeClose()
	} else if s.ahead && !s.fresh {
		if err := s.takeFresh(); err != nil {
			s.node.log.Error("a member knows more of this node than the node itself, and no fresh node id could be taken", "err", err)
		}
	}
}

func (s *settle) maybeClose() {
	open := s.waiting == nil
	for _, w := range s.waiting {
		open = open || w.may
	}
	if !s.closed && (s.ahead || !open) {
		s.closed = true
		close(s.asked)
	}
}

// beforeWrite is called before each write of this node's own and is quick but for the first.
func (s *settle) beforeWrite(ctx context.Context) error {
	s.mu.Lock()
	decided := s.decided
	s.mu.Unlock()
	if decided {
		return nil
	}
	timer := time.NewTimer(settleTime)
	defer timer.Stop()
	select {
	case <-s.asked:
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.decide()
}

func (s *settle) isDecided() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.decided
}

func (s *settle) decide() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decided {
		return nil
	}
	if s.ahead || s.missing() > 0 || s.waiting == nil {
		if err := s.takeFresh(); err != nil {
			return err
		}
	}
	s.decided = true
	return nil
}

// missing counts the servers that should have answered.
func (s *settle) missing() (n int) {
	for _, w := range s.waiting {
		if w.must {
			n++
		}
	}
	return n
}

func (s *settle) takeFresh() error {
	if err := s.node.store.FreshNodeID(); err != nil {
		return err
	}
	s.fresh = true
	s.node.recorded.take(s.heard)
	s.node.log.Warn("this node takes a fresh node id", "member ahead", s.ahead, "members without an answer", s.missing())
	return nil
}
