package node

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// allowListener closes connections from addresses that may not connect, before an octet of them is read.
type allowListener struct {
	net.Listener
	node *Node
}

// Accept returns the next connection that is allowed.
func (l allowListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || within(l.node.live.Load().AllowHTTPS, c.RemoteAddr().String()) {
			return c, err
		}
		c.Close()
	}
}

// allows says whether the configuration lets the address of a request do that: the lists may have changed since its
// connection was accepted, and members have a door of their own.
func (n *Node) allows(r *http.Request) bool {
	c := n.live.Load()
	return within(c.AllowHTTPS, r.RemoteAddr) &&
		(strings.HasPrefix(r.URL.Path, wire.PathPrefix) || within(c.AllowAPI, r.RemoteAddr))
}

// doorLists are the lists as they are in effect.
func (n *Node) doorLists() control.Doors {
	c := n.live.Load()
	return control.Doors{HTTPS: c.AllowHTTPS, API: c.AllowAPI}
}

// within says whether a list of prefixes has an address:port. An empty list has all, and this host is in every list: who
// shuts himself out can still take it back here.
func within(list []netip.Prefix, addrPort string) bool {
	if len(list) == 0 {
		return true
	}
	a, err := netip.ParseAddrPort(addrPort)
	addr := a.Addr().Unmap().WithZone("")
	return err == nil && (addr.IsLoopback() || slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(addr) }))
}
