package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// udpBuffer is asked of the kernel for each UDP socket: a burst waits in it. The kernel gives what its own bound allows.
const udpBuffer = 4 << 20

// freePortTries bounds the search for a port that is free for both UDP and TCP.
const freePortTries = 20

// listen binds an address for UDP and TCP, on the same port. The socket has the address itself and never the wildcard: so
// an answer leaves from the address to which the question came, and another resolver on the host keeps its own.
func listen(a netip.AddrPort) (*endpoint, error) {
	var err error
	for range freePortTries {
		var e *endpoint
		if e, err = listenOnce(a); err == nil {
			return e, nil
		}
		if a.Port() != 0 || !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return nil, err
}

func listenOnce(a netip.AddrPort) (*endpoint, error) {
	addr := netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	if !addr.IsValid() || addr.Addr().IsUnspecified() {
		return nil, fmt.Errorf("listen on %s: not one address (hint: without --dns every address of the host is served)", a)
	}
	version := "6"
	if addr.Addr().Is4() {
		version = "4"
	}
	lc := net.ListenConfig{Control: ignorePathMTU}
	l, err := lc.Listen(context.Background(), "tcp"+version, addr.String())
	if err != nil {
		return nil, listenError("tcp", addr, err)
	}
	tcp := l.(*net.TCPListener)
	bound := tcp.Addr().(*net.TCPAddr).AddrPort()
	addr = netip.AddrPortFrom(addr.Addr(), bound.Port())
	p, err := lc.ListenPacket(context.Background(), "udp"+version, addr.String())
	if err != nil {
		tcp.Close()
		return nil, listenError("udp", addr, err)
	}
	udp := p.(*net.UDPConn)
	_ = udp.SetReadBuffer(udpBuffer) // a smaller buffer only drops more of a burst
	_ = udp.SetWriteBuffer(udpBuffer)
	return &endpoint{asked: a, addr: addr, udp: udp, tcp: tcp}, nil
}

// listenError adds the cure to the two refusals that an operator meets.
func listenError(network string, a netip.AddrPort, err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err // the rest repeats what is said here
	}
	switch {
	case errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM):
		return fmt.Errorf("listen on %s (%s): no right to port %d: %w (hint: give it with `setcap 'cap_net_bind_service=+ep' FILE` "+
			"for the program file or AmbientCapabilities=CAP_NET_BIND_SERVICE in its systemd unit, or choose another port with --dns ADDR:PORT)",
			a, network, a.Port(), err)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen on %s (%s): another program has the port: %w (hint: `ss -lnp -A %s 'sport = :%d'` as root shows which)",
			a, network, err, network, a.Port())
	}
	return fmt.Errorf("listen on %s (%s): %w", a, network, err)
}
