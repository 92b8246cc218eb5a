package sim

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// errGone is what a crashed host's own programs see of the network, if they still look.
var errGone = errors.New("this host has crashed")

// conn is one end of a stream. All that changes is kept under the network's lock.
type conn struct {
	net           *network
	local, remote netip.AddrPort
	peer          *conn
	in            *half // what comes from the peer
	life          int   // of the local host
	closed        bool
	broken        error
	deadline      time.Time // of reads; writes never wait
	late          bool      // the deadline of writes has passed
}

// half is one direction of a stream.
type half struct {
	queue []segment
	wake  chan struct{}
}

// segment is what one write sent. end says that nothing comes after it.
type segment struct {
	octets []byte
	due    time.Time
	end    bool
}

func newHalf() *half { return &half{wake: make(chan struct{}, 1)} }

func (h *half) signal() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// breakOff ends a connection at this end; the network's lock is held.
func (c *conn) breakOff(err error) {
	if c.broken == nil {
		c.broken = err
		c.in.queue = nil
	}
	c.in.signal()
}

func (c *conn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// Write sends one segment. It never waits: what the other side does not read stays in the network.
func (c *conn) Write(b []byte) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	switch {
	case c.closed:
		return 0, c.fail("write", net.ErrClosed)
	case c.broken != nil:
		return 0, c.fail("write", c.broken)
	case c.late:
		return 0, c.fail("write", os.ErrDeadlineExceeded)
	}
	c.send(segment{octets: append([]byte(nil), b...)})
	return len(b), nil
}

// send gives a segment to the network, whose lock is held.
func (c *conn) send(s segment) {
	p := c.net.path(c.local.Addr(), c.remote.Addr())
	if p.breakIn > 0 {
		if p.breakIn--; p.breakIn == 0 {
			c.breakOff(syscall.ECONNRESET)
			c.peer.breakOff(syscall.ECONNRESET)
			return
		}
	}
	p.segments++
	p.octets += len(s.octets)
	if h := c.net.host(c.remote.Addr()); c.peer.broken != nil && h.up && h.life != c.peer.life {
		c.breakOff(syscall.ECONNRESET) // the host is another one by now, which knows nothing of this
		return
	}
	if c.peer.broken != nil || c.peer.closed {
		return
	}
	s.due = time.Now().Add(p.latency)
	if n := len(c.peer.in.queue); n > 0 && c.peer.in.queue[n-1].due.After(s.due) {
		s.due = c.peer.in.queue[n-1].due // a stream keeps its order
	}
	c.peer.in.queue = append(c.peer.in.queue, s)
	c.peer.in.signal()
}

// Read waits for the next segment to arrive.
func (c *conn) Read(b []byte) (int, error) {
	for {
		n, wait, err := c.take(b)
		if n > 0 || err != nil || len(b) == 0 {
			return n, err
		}
		var due <-chan time.Time
		if wait > 0 {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			due = timer.C
		}
		select {
		case <-due:
		case <-c.in.wake:
		}
	}
}

// take takes what has arrived, or says how long to wait; 0 for until something changes.
func (c *conn) take(b []byte) (n int, wait time.Duration, err error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	now := time.Now()
	switch {
	case c.closed:
		return 0, 0, c.fail("read", net.ErrClosed)
	case c.broken != nil:
		return 0, 0, c.fail("read", c.broken)
	case !c.deadline.IsZero() && !c.deadline.After(now):
		return 0, 0, c.fail("read", os.ErrDeadlineExceeded)
	case !c.deadline.IsZero():
		wait = c.deadline.Sub(now)
	}
	p := c.net.path(c.remote.Addr(), c.local.Addr())
	if len(c.in.queue) == 0 || p.cut {
		return 0, wait, nil
	}
	first := &c.in.queue[0]
	if until := first.due.Sub(now); until > 0 {
		if wait == 0 || until < wait {
			wait = until
		}
		return 0, wait, nil
	}
	if first.end {
		return 0, 0, io.EOF
	}
	n = copy(b, first.octets)
	if first.octets = first.octets[n:]; len(first.octets) == 0 {
		c.in.queue = c.in.queue[1:]
	}
	return n, 0, nil
}

func (c *conn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	if c.broken == nil {
		c.send(segment{end: true})
	}
	c.closed = true
	c.in.queue = nil
	delete(c.net.host(c.local.Addr()).conns, c)
	c.in.signal()
	return nil
}

func (c *conn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c *conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.deadline = t
	c.in.signal()
	return nil
}

// SetWriteDeadline matters only if it has passed: writing never waits.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.late = !t.IsZero() && !t.After(time.Now())
	return nil
}
