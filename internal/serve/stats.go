package serve

import "sync/atomic"

// Stats are the counts since the start.
type Stats struct {
	UDP, TCP       uint64 // questions by transport
	Dropped        uint64 // packets that get no answer: too short, or answers themselves
	Truncated      uint64 // answers with TC
	Transfers      uint64 // zones sent
	Connections    int    // TCP connections now
	ConnectionsCut uint64 // TCP connections refused at a bound
	Rcodes         [countedRcodes]uint64
}

// countedRcodes is one more than the highest response code that is given.
const countedRcodes = rcodeBadVers + 1

// counters are the counts of one worker. They are padded so that two workers never write to one cache line.
type counters struct {
	_         [64]byte
	udp, tcp  atomic.Uint64
	dropped   atomic.Uint64
	truncated atomic.Uint64
	transfers atomic.Uint64
	rcodes    [countedRcodes]atomic.Uint64
	_         [64]byte
}

func (c *counters) answered(rcode int) { c.rcodes[rcode].Add(1) }

func (c *counters) addTo(s *Stats) {
	s.UDP += c.udp.Load()
	s.TCP += c.tcp.Load()
	s.Dropped += c.dropped.Load()
	s.Truncated += c.truncated.Load()
	s.Transfers += c.transfers.Load()
	for i := range c.rcodes {
		s.Rcodes[i] += c.rcodes[i].Load()
	}
}
