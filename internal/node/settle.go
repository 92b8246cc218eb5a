package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/store"
)

// settleTime is how long the first write after a start waits for the answers of members.
const settleTime = 2 * time.Second

// settle decides, before the first write after a start, whether this node may go on under its node id. A data folder
// that was put back to an older copy would give out dots a second time, and two changes under one dot vanish on both
// sides. So the id is kept only if every member that ever acknowledged something answers, and none has heard of a
// position that this node does not have; otherwise the node takes a fresh id, which costs an entry in the vectors of
// the zones that it writes.
type settle struct {
	node *Node

	mu      sync.Mutex
	decided bool
	waiting map[string]bool // servers that have not answered yet, and whether they still may; nil before begin
	early   []string        // servers that answered before begin, because their links were quicker
	ahead   bool
	asked   chan struct{} // closed when there is nobody left to wait for, or one is ahead
	closed  bool
}

// begin names the servers that have to answer, by their keys: those that ever acknowledged something.
func (s *settle) begin(servers []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = map[string]bool{}
	for _, key := range servers {
		if !slices.Contains(s.early, key) {
			s.waiting[key] = true
		}
	}
	s.maybeClose()
}

// silent says that a server will not answer now: it could not be reached, or is not asked.
func (s *settle) silent(server string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.waiting[server]; ok {
		s.waiting[server] = false
		s.maybeClose()
	}
}

// answered takes what a server has heard of this node's feed.
func (s *settle) answered(server string, heard store.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decided {
		return
	}
	if s.waiting == nil {
		s.early = append(s.early, server)
	}
	delete(s.waiting, server)
	if heard > s.node.store.Synced() {
		s.ahead = true
	}
	s.maybeClose()
}

func (s *settle) maybeClose() {
	open := s.waiting == nil
	for _, may := range s.waiting {
		open = open || may
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
	if s.ahead || len(s.waiting) > 0 || s.waiting == nil {
		if err := s.node.store.FreshNodeID(); err != nil {
			return err
		}
		s.node.log.Warn("this node takes a fresh node id", "member ahead", s.ahead, "members without an answer", len(s.waiting))
	}
	s.decided = true
	return nil
}
