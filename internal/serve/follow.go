package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const (
	dnsPort = 53
	// followEvery is how often the host's addresses are looked at: how long a new address stays silent.
	followEvery = 3 * time.Second
)

var errNoAddress = errors.New("none of the host's addresses can be served")

// followHost serves every address of the host and keeps up with them. An address that cannot be bound is warned about once
// and tried again; it is an error only if at the start none can be.
func (s *Server) followHost(ctx context.Context) error {
	g := newGroup(s)
	defer g.close()
	warned := map[netip.AddrPort]bool{}
	if err := s.matchHost(g, warned, hostAddrs); err != nil {
		return err
	}
	close(s.ready)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for lost := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			err := s.matchHost(g, warned, hostAddrs)
			if err != nil && !lost {
				s.log.Error("serve: not reachable", "error", err)
			}
			lost = err != nil
		}
	}
}

// matchHost opens the addresses that have come and shuts those that have gone. The error says why none is open.
func (s *Server) matchHost(g *group, warned map[netip.AddrPort]bool, list func() ([]netip.AddrPort, error)) error {
	want, err := list()
	if err != nil {
		return err // what is open stays open
	}
	for _, e := range slices.Clone(g.ends) {
		if !slices.Contains(want, e.asked) {
			g.shut(e.asked)
			s.log.Info("serve: address has gone", "address", e.asked)
		}
	}
	var refused []error
	for _, a := range want {
		if g.has(a) {
			continue
		}
		err := g.open(a)
		if err == nil {
			delete(warned, a)
			s.log.Info("serve: listening", "address", a)
			continue
		}
		// A new IPv6 address cannot be bound until the host has seen that it is unique (RFC 4862 section 5.4).
		if !warned[a] && !errors.Is(err, syscall.EADDRNOTAVAIL) {
			warned[a] = true
			refused = append(refused, err)
		}
	}
	switch {
	case len(g.ends) == 0 && len(refused) > 0:
		return fmt.Errorf("none of the host's %d addresses can be served, the first: %w", len(want), refused[0])
	case len(g.ends) == 0:
		return errNoAddress
	}
	for _, err := range refused {
		s.log.Warn("serve: address is not served", "error", err)
	}
	return nil
}

// hostAddrs returns every address of every interface that is up, with the DNS port.
func hostAddrs() ([]netip.AddrPort, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list the host's interfaces: %w", err)
	}
	var out []netip.AddrPort
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it has gone since
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil {
				continue
			}
			addr := p.Addr()
			if addr.Is6() && addr.IsLinkLocalUnicast() {
				addr = addr.WithZone(i.Name)
			}
			out = append(out, netip.AddrPortFrom(addr, dnsPort))
		}
	}
	return out, nil
}
