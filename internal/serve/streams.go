package serve

import (
	"net"
	"net/netip"
	"sync"
)

// streams bounds the TCP connections. At a bound a new connection is closed at once; those that are open go on.
type streams struct {
	max, maxPerClient int

	mu        sync.Mutex
	open      map[net.Conn]struct{}
	perClient map[netip.Prefix]int
	cut       uint64
	closed    bool
}

func newStreams(most, mostPerClient int) *streams {
	return &streams{
		max: most, maxPerClient: mostPerClient,
		open: map[net.Conn]struct{}{}, perClient: map[netip.Prefix]int{},
	}
}

// clientOf is whom a connection counts for: an IPv6 client has a whole /64.
func clientOf(a netip.Addr) netip.Prefix {
	bits := 64
	if a.Is4() {
		bits = 32
	}
	p, _ := a.Prefix(bits) // fails only for an invalid address, which counts as one client
	return p
}

func (s *streams) admit(conn net.Conn, a netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := clientOf(a)
	if s.closed || len(s.open) >= s.max || s.perClient[c] >= s.maxPerClient {
		s.cut++
		return false
	}
	s.open[conn] = struct{}{}
	s.perClient[c]++
	return true
}

// leave closes a connection that was admitted.
func (s *streams) leave(conn net.Conn, a netip.Addr) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
	c := clientOf(a)
	if s.perClient[c]--; s.perClient[c] == 0 {
		delete(s.perClient, c)
	}
}

// close closes every connection and admits no more.
func (s *streams) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for conn := range s.open {
		conn.Close()
	}
}

func (s *streams) stats() (open int, cut uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open), s.cut
}
