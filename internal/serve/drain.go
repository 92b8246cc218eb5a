package serve

import "time"

// How a Server ends. What has come in is answered: the next packet of a UDP socket that another process reads too is that
// one's, so reading ends by a deadline between two packets and never in the middle of one.
const (
	// lastIn is how long after its end a Server goes on taking what waits in its sockets.
	lastIn = 50 * time.Millisecond
	// streamIdle is how long a TCP connection may be silent once the end has begun.
	streamIdle = time.Second
)

// DrainFor says how long TCP connections may go on being used when Run is told to end; 0, as at the start: not at all.
func (s *Server) DrainFor(d time.Duration) { s.drain.Store(int64(d)) }

// hold waits until questions may be read. It reports false when the Server ends before.
func (s *Server) hold() bool {
	if s.opts.Hold == nil {
		return true
	}
	select {
	case <-s.opts.Hold:
		return true
	case <-s.ending:
		return false
	}
}

func (s *Server) isEnding() bool {
	select {
	case <-s.ending:
		return true
	default:
		return false
	}
}

// drain answers what has come in. TCP connections may take their time, so UDP goes on beside them and ends last: what
// comes to its sockets after that waits for the next process, if they are kept for one.
func (g *group) drain() {
	s := g.server
	s.endOnce.Do(func() { close(s.ending) })
	if limit := time.Duration(s.drain.Load()); limit > 0 {
		for _, e := range g.ends {
			_ = e.tcp.SetDeadline(time.Now().Add(lastIn))
		}
		g.accepting.Wait() // a connection that comes in the last moment is used
		s.streams.expire(streamIdle)
		for end := time.Now().Add(limit); time.Now().Before(end) && s.streams.isUsed(); {
			time.Sleep(lastIn)
		}
	}
	for _, e := range g.ends {
		_ = e.udp.SetReadDeadline(time.Now().Add(lastIn))
	}
	g.packets.Wait()
}

// expire bounds the silence of every connection from now on.
func (s *streams) expire(idle time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.SetReadDeadline(time.Now().Add(idle))
	}
}

func (s *streams) isUsed() bool {
	open, _ := s.stats()
	return open > 0
}
