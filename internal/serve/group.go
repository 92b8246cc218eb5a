package serve

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// group owns the sockets that are open and the goroutines that work on them.
type group struct {
	server    *Server
	streams   sync.WaitGroup // the connections
	accepting sync.WaitGroup // the workers of TCP listeners, which begin connections
	packets   sync.WaitGroup // the workers of UDP sockets
	ends      []*endpoint
}

// endpoint is one address, served by UDP and TCP.
type endpoint struct {
	asked netip.AddrPort
	addr  netip.AddrPort // with the real port
	udp   *net.UDPConn
	tcp   *net.TCPListener
}

func newGroup(s *Server) *group { return &group{server: s} }

// open binds an address and starts its workers.
func (g *group) open(a netip.AddrPort) error {
	e, err := g.server.listen(a)
	if err != nil {
		return err
	}
	for range g.server.opts.Workers {
		g.packets.Go(func() { g.server.serveUDP(e.udp) })
	}
	g.accepting.Go(func() { g.server.serveTCP(e.tcp, &g.streams) })
	g.ends = append(g.ends, e)
	g.publish()
	return nil
}

// shut closes an address. Its workers end on their own.
func (g *group) shut(a netip.AddrPort) {
	g.ends = slices.DeleteFunc(g.ends, func(e *endpoint) bool {
		if e.asked == a {
			g.server.forget("tcp", a)
			g.server.forget("udp", a)
			e.close()
		}
		return e.asked == a
	})
	g.publish()
}

func (g *group) has(a netip.AddrPort) bool {
	return slices.ContainsFunc(g.ends, func(e *endpoint) bool { return e.asked == a })
}

// close answers what has come in, closes everything and waits for the workers. UDP is last: connections that end on their
// own may take their time.
func (g *group) close() {
	g.drain()
	for _, e := range g.ends {
		e.close()
	}
	g.server.streams.close()
	g.accepting.Wait()
	g.streams.Wait()
	g.ends = nil
	g.publish()
}

func (g *group) publish() {
	g.server.mu.Lock()
	defer g.server.mu.Unlock()
	g.server.addrs = g.server.addrs[:0]
	for _, e := range g.ends {
		g.server.addrs = append(g.server.addrs, e.addr)
	}
}

func (e *endpoint) close() {
	e.udp.Close()
	e.tcp.Close()
}
