package preflight

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"github.com/zonefleet/zonefleet/internal/config"
)

// ports tries to listen where the server would. running is the process of this data folder's server, 0 if there is none:
// what it holds is free for its next start.
func (f *findings) ports(c config.Config, running int) {
	for _, a := range c.DNS {
		f.port("dns", "tcp", a.String(), running)
		f.port("dns", "udp", a.String(), running)
	}
	if len(c.DNS) == 0 {
		f.everyAddress(running)
	}
	f.port("listen", "tcp", c.Listen, running)
}

func (f *findings) port(key, network, address string, running int) {
	err := tryListen(network, address)
	switch {
	case err == nil:
	case errors.Is(err, syscall.EADDRINUSE) && running != 0 && holds(running, network, address):
		f.warn(key, "%s (%s) is held by this server, which is running as process %d", address, network, running)
	case errors.Is(err, syscall.EADDRINUSE) && holder(network, address) != "":
		f.fail(key, "another program has %s (%s): %s", address, network, holder(network, address))
	case errors.Is(err, syscall.EADDRINUSE):
		f.fail(key, "another program has %s (%s); `ss -lnp` as root shows which", address, network)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		f.fail(key, "%s is not an address of this host; `ip address` shows those", address)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		f.fail(key, "this user may not listen on %s (%s): a port below 1024 needs root or CAP_NET_BIND_SERVICE", address, network)
	default:
		f.fail(key, "%v", err)
	}
}

// everyAddress is the default: the server takes what it can get, and starts if that is anything.
func (f *findings) everyAddress(running int) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		f.fail("dns", "list the addresses of this host: %v", err)
		return
	}
	var worst findings
	good := false
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().IsLinkLocalUnicast() {
			continue
		}
		var one findings
		at := netip.AddrPortFrom(p.Addr(), 53).String()
		one.port("dns", "tcp", at, running)
		one.port("dns", "udp", at, running)
		failed := false
		for _, w := range one {
			if w.Error {
				failed, w.Error, w.Unserved = true, false, p.Addr()
			}
			worst.add(w)
		}
		good = good || !failed
	}
	if !good && len(worst) > 0 {
		worst[0].Error = true
	}
	for _, w := range worst {
		f.add(w)
	}
}

func tryListen(network, address string) error {
	if _, port, err := net.SplitHostPort(address); err == nil && port == strconv.Itoa(0) {
		return nil // any free one
	}
	if network == "udp" {
		c, err := net.ListenPacket(network, address)
		if err != nil {
			return err
		}
		return c.Close()
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	return l.Close()
}
