package sim

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// network is the virtual network: hosts, each with one address and one port, and streams between them. What a fault does
// to packets shows on a stream as it does with TCP: lost packets are a stream that stands still until they come again,
// and a connection that is broken loses what was under way.
//
// Nobody ever waits in it holding a lock, and writing never waits: the clock of the simulation stands still while anybody
// waits for a lock.
type network struct {
	mu      sync.Mutex
	hosts   map[netip.Addr]*host
	paths   map[pair]*path
	changed chan struct{} // closed and replaced when a path or a host changes
}

// pair is a direction.
type pair struct{ from, to netip.Addr }

// path is what the network does to what goes one way.
type path struct {
	latency time.Duration
	cut     bool // nothing arrives until it is healed
	blocked bool // nobody can open a connection this way: NAT, a firewall
	breakIn int  // the connection of the n-th segment from now breaks instead of carrying it; 0: none
	// What was carried, for the checks.
	segments, octets int
}

type host struct {
	up       bool
	life     int // raised by each start: connections of an earlier life are dead
	listener *listener
	conns    map[*conn]bool
	ports    uint16
}

func newNetwork() *network {
	return &network{hosts: map[netip.Addr]*host{}, paths: map[pair]*path{}, changed: make(chan struct{})}
}

// port is that of every server.
const port = 2087

func (n *network) host(a netip.Addr) *host {
	h := n.hosts[a]
	if h == nil {
		h = &host{conns: map[*conn]bool{}, ports: 30000}
		n.hosts[a] = h
	}
	return h
}

func (n *network) path(from, to netip.Addr) *path {
	p := n.paths[pair{from, to}]
	if p == nil {
		p = &path{latency: 5 * time.Millisecond}
		n.paths[pair{from, to}] = p
	}
	return p
}

// change changes paths or hosts and wakes everybody who waits for that.
func (n *network) change(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
	close(n.changed)
	n.changed = make(chan struct{})
	for _, h := range n.hosts {
		for c := range h.conns {
			c.in.signal()
		}
	}
}

// start lets a host take part; stop cuts it off at once, with everything that was under way. A silent stop tells nobody:
// the others' connections stand still until the host is there again.
func (n *network) start(a netip.Addr) {
	n.change(func() {
		h := n.host(a)
		h.up = true
		h.life++
	})
}

func (n *network) stop(a netip.Addr, silent bool) {
	n.change(func() {
		h := n.host(a)
		h.up, h.listener = false, nil
		for c := range h.conns {
			c.breakOff(errGone)
			if !silent {
				c.peer.breakOff(syscall.ECONNRESET)
			}
			delete(h.conns, c)
		}
	})
}

// breakAll breaks every connection between two hosts.
func (n *network) breakAll(a, b netip.Addr) {
	n.change(func() {
		for c := range n.host(a).conns {
			if c.remote.Addr() == b {
				c.breakOff(syscall.ECONNRESET)
				c.peer.breakOff(syscall.ECONNRESET)
			}
		}
	})
}

// listener takes connections for a host.
type listener struct {
	net     *network
	address netip.AddrPort
	queue   chan *conn
	closed  chan struct{}
	once    sync.Once
}

func (n *network) listen(a netip.Addr) (net.Listener, error) {
	l := &listener{net: n, address: netip.AddrPortFrom(a, port), queue: make(chan *conn, 256), closed: make(chan struct{})}
	n.change(func() { n.host(a).listener = l })
	return l, nil
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.address) }

func (l *listener) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.net.mu.Lock()
		defer l.net.mu.Unlock()
		if h := l.net.host(l.address.Addr()); h.listener == l {
			h.listener = nil
		}
	})
	return nil
}

// dial opens a connection as TCP does: it waits while the way there or back is cut, and is refused where nobody listens.
func (n *network) dial(ctx context.Context, from netip.Addr, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	failed := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(to), Err: err}
	}
	for {
		n.mu.Lock()
		there, back := n.path(from, to.Addr()), n.path(to.Addr(), from)
		open := !there.cut && !back.cut && !there.blocked && n.host(to.Addr()).up
		changed, wait := n.changed, there.latency+back.latency
		n.mu.Unlock()
		var arrived <-chan time.Time
		if open {
			timer := time.NewTimer(wait)
			defer timer.Stop()
			arrived = timer.C
		}
		select {
		case <-arrived:
			if c, ok := n.connect(from, to); ok {
				return c, nil
			}
			return nil, failed(syscall.ECONNREFUSED)
		case <-changed:
		case <-ctx.Done():
			return nil, failed(context.Cause(ctx))
		}
	}
}

func (n *network) connect(from netip.Addr, to netip.AddrPort) (*conn, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	here, there := n.host(from), n.host(to.Addr())
	if !here.up || there.listener == nil {
		return nil, false
	}
	here.ports++
	local := netip.AddrPortFrom(from, here.ports)
	a := &conn{net: n, local: local, remote: to, in: newHalf(), life: here.life}
	b := &conn{net: n, local: to, remote: local, in: newHalf(), life: there.life}
	a.peer, b.peer = b, a
	select {
	case there.listener.queue <- b:
	default:
		return nil, false
	}
	here.conns[a], there.conns[b] = true, true
	return a, true
}

// carried is how many segments went each way.
func (n *network) carried() map[pair]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	counts := map[pair]int{}
	for way, p := range n.paths {
		counts[way] = p.segments
	}
	return counts
}

// open is how many connections there are between two hosts.
func (n *network) open(way pair) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.host(way.from).conns {
		if c.remote.Addr() == way.to {
			count++
		}
	}
	return count
}
