package main

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// mode is what a proxy does with what passes.
type mode int

const (
	pass    mode = iota
	garbled      // flips a bit now and then
	hole         // swallows everything: connections stay, nothing arrives, as behind a pulled cable
	garbage      // answers itself, with nonsense, as a port does that another program has; breaks what is open
	closed       // refuses, and breaks what is open, as a closed port
)

func (m mode) String() string {
	return [...]string{"pass", "garbled", "black hole", "garbage", "closed port"}[m]
}

// proxy is the way of one link to a server, or of all that have it by reverse trust. It owns its goroutines: close ends and joins them.
type proxy struct {
	target string
	listen net.Listener

	mu     sync.Mutex
	asked  map[string]mode // by fault; the worst one counts
	change chan struct{}   // closed at each change
	conns  map[net.Conn]bool
	done   bool
	wg     sync.WaitGroup
}

func newProxy(host, target string) (*proxy, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, err
	}
	p := &proxy{target: target, listen: l, asked: map[string]mode{}, change: make(chan struct{}), conns: map[net.Conn]bool{}}
	p.wg.Go(p.accept)
	return p, nil
}

func (p *proxy) addr() string { return p.listen.Addr().String() }

// set says what a fault wants; pass takes it back.
func (p *proxy) set(fault string, m mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[fault] = m
	close(p.change)
	p.change = make(chan struct{})
	if m >= garbage {
		for c := range p.conns {
			c.Close()
		}
	}
}

// mode is the worst of what is asked for; p.mu is held.
func (p *proxy) mode() mode {
	worst := pass
	for _, m := range p.asked {
		worst = max(worst, m)
	}
	return worst
}

func (p *proxy) state() (mode, <-chan struct{}, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode(), p.change, p.done
}

func (p *proxy) close() {
	p.mu.Lock()
	if p.done {
		p.mu.Unlock()
		return
	}
	p.done = true
	close(p.change)
	p.change = make(chan struct{})
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.listen.Close()
	p.wg.Wait()
}

// hold registers a connection; false if there is no place for it.
func (p *proxy) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done || p.mode() == closed {
		c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *proxy) release(c net.Conn) {
	c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

func (p *proxy) accept() {
	for {
		c, err := p.listen.Accept()
		if err != nil {
			return
		}
		if p.hold(c) {
			p.wg.Go(func() { p.carry(c) })
		}
	}
}

func (p *proxy) carry(from net.Conn) {
	defer p.release(from)
	if p.passable() == garbage {
		babble(from)
		return
	}
	to, err := net.DialTimeout("tcp", p.target, 5*time.Second)
	if err != nil {
		return
	}
	if !p.hold(to) {
		return
	}
	defer p.release(to)
	var wg sync.WaitGroup
	wg.Go(func() { p.pump(to, from) })
	p.pump(from, to)
	wg.Wait()
}

// passable waits while the proxy is a black hole.
func (p *proxy) passable() mode {
	for {
		m, change, done := p.state()
		if m != hole || done {
			return m
		}
		<-change
	}
}

// pump copies one direction. It ends both, so that a connection does not stay half.
func (p *proxy) pump(to, from net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if p.passable() == garbled && n > 0 && rand.IntN(3) == 0 {
			b[rand.IntN(n)] ^= 1 << rand.IntN(8)
		}
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}
