package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// members answers control's questions about other servers.
type members struct{ node *Node }

func (m members) with(e control.Endpoint, f func(*zonefleet.Client) error) error {
	c, err := m.node.clientOf(e, nil)
	if err != nil {
		return said(err)
	}
	defer c.Close()
	return said(f(c))
}

// said gives errors of the client the sentinel that control knows.
func said(err error) error {
	var version *wire.VersionError
	var changed *zonefleet.KeyChangedError
	var network *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, zonefleet.ErrToken):
		return fmt.Errorf("%w: %w", control.ErrTokenRefused, err)
	case errors.Is(err, zonefleet.ErrForbidden):
		return fmt.Errorf("%w: %w", control.ErrNotAllowed, err)
	case errors.Is(err, zonefleet.ErrOff):
		return fmt.Errorf("%w: %w", control.ErrClusteringOff, err)
	case errors.As(err, &version):
		return fmt.Errorf("%w: %w", control.ErrIncompatible, err)
	case errors.As(err, &changed):
		return fmt.Errorf("%w: %w", control.ErrPinChanged, changed)
	case errors.Is(err, zonefleet.ErrNotZoneFleet):
		return fmt.Errorf("%w: %w", control.ErrNotZoneFleet, err)
	case errors.As(err, &network): // the rest says what was tried, which the caller knows
		return fmt.Errorf("%w: %w", control.ErrUnreachable, network)
	case zonefleet.IsFailure(err):
		return fmt.Errorf("%w: %w", control.ErrUnreachable, err)
	}
	return err
}

// Exists asks one member. An import asks for each of its zones, so the connection of an open link is used, and
// a member that is known to be down is not dialled again; the other questions are asked by people, rarely, over
// connections of their own.
func (m members) Exists(ctx context.Context, e control.Endpoint, z zone.Name) (there bool, err error) {
	if o, ok := m.node.links.openTo(e); ok {
		there, err = o.asker.exists(ctx, o.client, z)
		return there, said(err)
	}
	if why := m.node.links.down(e); why != "" {
		return false, fmt.Errorf("%w: %s", control.ErrUnreachable, why)
	}
	err = m.with(e, func(c *zonefleet.Client) error {
		names, err := c.Exists(ctx, []zone.Name{z})
		there = len(names) > 0
		return err
	})
	return there, err
}

// Probe makes first contact.
func (m members) Probe(ctx context.Context, e control.Endpoint) (facts control.Facts, err error) {
	err = m.with(e, func(c *zonefleet.Client) error {
		found, err := c.Probe(ctx)
		facts = factsOf(found)
		return err
	})
	return facts, err
}

// Visit makes first contact and keeps the connection while f asks more.
func (m members) Visit(ctx context.Context, e control.Endpoint, f func(control.Visited) error) error {
	return m.with(e, func(c *zonefleet.Client) error {
		found, err := c.Probe(ctx)
		if err != nil {
			return err
		}
		return f(visited{c, factsOf(found)})
	})
}

// visited is a server that has proved the token, over one connection.
type visited struct {
	client *zonefleet.Client
	facts  control.Facts
}

func (v visited) Facts() control.Facts { return v.facts }

func (v visited) Compare(ctx context.Context, q digest.Question) ([]digest.Part, error) {
	return v.client.Compare(ctx, q)
}

func (v visited) Stand(ctx context.Context, names []zone.Name) ([]control.Standing, error) {
	return standings(v.client.Stand(ctx, names))
}

// Trust asks a member to add this node.
func (m members) Trust(ctx context.Context, e control.Endpoint, r control.TrustRequest) (answer control.TrustAnswer, err error) {
	err = m.with(e, func(c *zonefleet.Client) error {
		_, err := c.Trust(ctx, wire.TrustRequest{Name: r.Name, Host: r.Host, Port: r.Port, Token: r.Token, Fingerprint: r.Fingerprint})
		return err
	})
	return answer, err
}

// Forget asks a member to undo the trust, or to remove every link to this node.
func (m members) Forget(ctx context.Context, e control.Endpoint, leave bool) error {
	return m.with(e, func(c *zonefleet.Client) error {
		if leave {
			_, err := c.Leave(ctx, wire.LeaveRequest{Name: m.node.Config.Name})
			return err
		}
		return c.Untrust(ctx, wire.UntrustRequest{Name: m.node.Config.Name})
	})
}

// nameservers is where the servers of the cluster answer DNS, as they say themselves.
func (n *Node) nameservers(ctx context.Context) []control.NameserverAt {
	rows := n.links.rows()
	list := make([]control.NameserverAt, 1+len(rows))
	list[0] = control.NameserverAt{Name: n.Config.Name, Addrs: n.dns.Addrs()}
	var asked sync.WaitGroup
	for i, row := range rows {
		asked.Go(func() { list[1+i] = control.NameserverAt{Name: nameOf(row), Addrs: n.dnsOf(ctx, row)} })
	}
	asked.Wait()
	return list
}

// whereTime bounds how long a member is asked where it answers DNS.
const whereTime = 2 * time.Second

// dnsOf asks a member where it answers. Of one that does not say, it is what it said the last time.
func (n *Node) dnsOf(ctx context.Context, row control.Member) []netip.AddrPort {
	ctx, cancel := context.WithTimeout(ctx, whereTime)
	defer cancel()
	known := []string{row.Address}
	if e, err := n.control.Endpoint(ctx, row); err == nil {
		if facts, err := (members{n}).Probe(ctx, e); err == nil {
			known = facts.Addresses
		}
	}
	var addrs []netip.AddrPort
	for _, text := range known {
		if a, err := netip.ParseAddrPort(text); err == nil {
			addrs = append(addrs, a)
		}
	}
	return addrs
}
