package control

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	"github.com/zonefleet/zonefleet/internal/cluster"
)

// resolve finds the addresses of a member's host, so that they are checked and dialled, not the name again.
func (c *Control) resolve(ctx context.Context, m Member) (Endpoint, error) {
	e := Endpoint{Host: m.Host, Port: m.Port, Allow: c.dialable(m.User)}
	if a, err := netip.ParseAddr(m.Host); err == nil {
		e.Addresses = []netip.Addr{a.Unmap()}
		return e, nil
	}
	if c.Lookup == nil {
		return e, nil
	}
	list, err := c.Lookup.LookupNetIP(ctx, "ip", m.Host)
	if err != nil || len(list) == 0 {
		return e, fail(CodeInvalid, m.Host, "the host name does not resolve").
			hint("check the name, or give the address").because(err)
	}
	for _, a := range list {
		e.Addresses = append(e.Addresses, a.Unmap())
	}
	return e, nil
}

// self is this node as the checks of new members compare it.
func (c *Control) self() cluster.Self {
	host, port := c.advertised()
	s := cluster.Self{Name: c.Self.Name, Fingerprint: c.Self.Fingerprint, Addresses: []string{hostPort(host, port)}}
	for _, a := range c.Self.Addresses {
		s.Addresses = append(s.Addresses, netip.AddrPortFrom(a.Unmap(), uint16(port)).String())
	}
	return s
}

// advertised is the address by which members reach this node.
func (c *Control) advertised() (host string, port int) {
	host, text, err := net.SplitHostPort(c.Self.Advertise)
	if err != nil {
		if c.Self.Advertise == "" {
			return c.Self.Name, c.Self.Port
		}
		return cluster.NormalizeHost(c.Self.Advertise), c.Self.Port
	}
	if port, err = strconv.Atoi(text); err != nil {
		port = c.Self.Port
	}
	return cluster.NormalizeHost(host), port
}

// ports are the addresses of an endpoint with its port.
func ports(e Endpoint) []string {
	list := make([]string, 0, len(e.Addresses))
	for _, a := range e.Addresses {
		list = append(list, netip.AddrPortFrom(a, uint16(e.Port)).String())
	}
	return list
}
