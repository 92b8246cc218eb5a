package serve

import (
	"net"
	"net/netip"
	"syscall"
)

// Sockets remembers sockets beyond a Server: it hands out those that an earlier process listened on, with the questions that
// wait in them, and keeps those that are opened for a later one. Addresses are as they were asked for.
type Sockets interface {
	TCP(addr string) *net.TCPListener // nil: there is none; otherwise the Server closes it
	UDP(addr string) *net.UDPConn
	Keep(network, addr string, conn syscall.Conn) error
	Drop(network, addr string) error
}

// listen takes the sockets of an address over, or opens them.
func (s *Server) listen(a netip.AddrPort) (*endpoint, error) {
	if s.opts.Sockets == nil {
		return listen(a)
	}
	tcp, udp := s.opts.Sockets.TCP(a.String()), s.opts.Sockets.UDP(a.String())
	if tcp != nil && udp != nil {
		return &endpoint{asked: a, addr: a, udp: udp, tcp: tcp}, nil
	}
	if tcp != nil { // one without the other is of no use
		tcp.Close()
	}
	if udp != nil {
		udp.Close()
	}
	s.forget("tcp", a)
	s.forget("udp", a)
	e, err := listen(a)
	if err != nil {
		return nil, err
	}
	for network, conn := range map[string]syscall.Conn{"tcp": e.tcp, "udp": e.udp} {
		if err := s.opts.Sockets.Keep(network, a.String(), conn); err != nil {
			s.log.Warn("serve: a restart will lose the questions that wait in this socket", "error", err)
		}
	}
	return e, nil
}

// forget lets go of a socket whose address is not served any more.
func (s *Server) forget(network string, a netip.AddrPort) {
	if s.opts.Sockets == nil {
		return
	}
	if err := s.opts.Sockets.Drop(network, a.String()); err != nil {
		s.log.Warn("serve: a socket is kept that is not used", "error", err)
	}
}
