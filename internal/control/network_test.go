package control_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// network answers the questions of control.Members by calling the other server's Control, with its real tokens.
type network struct {
	world *world
	mu    sync.Mutex
	at    map[string]*server // by host:port
	down  map[*server]bool
	skew  zone.Millis

	says    []string // capabilities of each server, beside comparing
	profile map[*server]cluster.Profile
	dns     map[*server][]string       // where it answers
	edges   map[*server][]cluster.Edge // what others have stated to it
}

func newNetwork() *network {
	return &network{world: newWorld(), at: map[string]*server{}, down: map[*server]bool{}, profile: map[*server]cluster.Profile{}, edges: map[*server][]cluster.Edge{}, dns: map[*server][]string{}}
}

// server starts a node that is reached at its name.
func (n *network) server(t *testing.T, name string) *server {
	t.Helper()
	s := &server{world: n.world, dir: t.TempDir()}
	s.start(t, name, func(d *control.Deps) {
		d.Members, d.Lookup = &caller{n, s}, n
		d.Profile = func() cluster.Profile { return n.profile[s] }
		d.Edges = func() []cluster.Edge { return n.edges[s] }
	})
	t.Cleanup(func() { s.stop() })
	n.at[name+":2087"] = s
	return s
}

// LookupNetIP knows the names of this network.
func (n *network) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.at[host+":2087"] == nil {
		return nil, fmt.Errorf("no such host %s", host)
	}
	return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
}

// caller is the network as one server uses it.
type caller struct {
	net  *network
	from *server
}

// reach finds the server and proves the token there.
func (c *caller) reach(ctx context.Context, e control.Endpoint) (*server, acl.Principal, error) {
	c.net.mu.Lock()
	to := c.net.at[e.String()]
	down := to == nil || c.net.down[to]
	c.net.mu.Unlock()
	if down || e.Allow != nil && e.Allow(netip.MustParseAddr("192.0.2.1")) != nil {
		return nil, acl.Principal{}, fmt.Errorf("dial %s: %w", e, control.ErrUnreachable)
	}
	if e.Fingerprint != "" && e.Fingerprint != to.Self.Fingerprint {
		return nil, acl.Principal{}, control.ErrPinChanged
	}
	v := auth.Verifier{Book: to, Now: func() time.Time { return time.UnixMilli(int64(c.net.world.clock())) }}
	p, err := v.Verify(ctx, e.Token, netip.MustParseAddr("192.0.2.7"))
	if err != nil {
		return nil, p, fmt.Errorf("%w: %w", control.ErrTokenRefused, err)
	}
	if p.Kind == acl.KindMember {
		if err := to.Pin(ctx, p.TokenID, c.from.Self.Name, c.from.Self.Fingerprint); err != nil {
			return nil, p, err
		}
	}
	return to, p, nil
}

func (c *caller) Exists(ctx context.Context, e control.Endpoint, z zone.Name) (bool, error) {
	to, p, err := c.reach(ctx, e)
	if err != nil {
		return false, err
	}
	there, err := to.Exists(ctx, p, []zone.Name{z})
	return len(there) > 0, err
}

func (c *caller) Probe(ctx context.Context, e control.Endpoint) (control.Facts, error) {
	to, p, err := c.reach(ctx, e)
	if err != nil {
		return control.Facts{}, err
	}
	if p.Kind != acl.KindMember {
		return control.Facts{}, control.ErrNotAllowed
	}
	return control.Facts{
		Name: to.Self.Name, Fingerprint: to.Self.Fingerprint, Instance: to.Store.Instance(),
		Nodes: []zone.NodeID{to.Store.NodeID()}, Version: to.Self.Version, Clock: to.world.clock() + c.net.skew, Grant: p.Grant,
		Profile: string(c.net.profile[to]), Capabilities: append([]string{"compare=yes"}, c.net.says...), Clustering: to.Clustering(), Addresses: c.net.dns[to],
	}, nil
}

func (c *caller) Visit(ctx context.Context, e control.Endpoint, f func(control.Visited) error) error {
	to, p, err := c.reach(ctx, e)
	if err != nil {
		return err
	}
	facts, err := c.Probe(ctx, e)
	if err != nil {
		return err
	}
	return f(visited{to, p, facts})
}

// visited asks the other server's Control.
type visited struct {
	to    *server
	p     acl.Principal
	facts control.Facts
}

func (v visited) Facts() control.Facts { return v.facts }

func (v visited) Compare(ctx context.Context, q digest.Question) ([]digest.Part, error) {
	return v.to.CompareFor(ctx, v.p, q)
}

func (v visited) Stand(ctx context.Context, names []zone.Name) ([]control.Standing, error) {
	return v.to.StandFor(ctx, v.p, names)
}

func (c *caller) Trust(ctx context.Context, e control.Endpoint, r control.TrustRequest) (control.TrustAnswer, error) {
	to, p, err := c.reach(ctx, e)
	if err != nil {
		return control.TrustAnswer{}, err
	}
	return to.Trust(ctx, p, r)
}

func (c *caller) Forget(ctx context.Context, e control.Endpoint, leave bool) error {
	to, p, err := c.reach(ctx, e)
	if err != nil {
		return err
	}
	return to.Forget(ctx, p, c.from.Self.Fingerprint, leave)
}

// memberToken makes a relay token at the server.
func (s *server) memberToken(t tb) string {
	t.Helper()
	token, err := s.CreateToken(ctx(), root, control.TokenRequest{Name: "member", Kind: auth.KindMember, Relay: true})
	if err != nil {
		t.Fatal(err)
	}
	return token.Text
}

func (c *caller) to(e control.Endpoint) (*server, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	to := c.net.at[e.String()]
	if to == nil || c.net.down[to] {
		return nil, control.ErrUnreachable
	}
	return to, nil
}

// Join makes both tokens of a fixed text: there is no session here.
func (c *caller) Join(ctx context.Context, e control.Endpoint, r control.JoinCall) (control.JoinOffer, error) {
	to, err := c.to(e)
	if err != nil {
		return control.JoinOffer{}, err
	}
	if to.Self.Fingerprint != e.Fingerprint {
		return control.JoinOffer{}, control.ErrPinChanged
	}
	text := func(id string) string { return "zf_" + id + "_" + strings.Repeat("A", 43) }
	who := control.Caller{Key: c.from.Self.Fingerprint, Token: text, Back: text}
	if e.Token != "" {
		_, rest, _ := strings.Cut(e.Token, "_")
		who.Invite, _, _ = strings.Cut(rest, "_")
		if i, err := to.Invite(ctx, who.Invite); err != nil || i.Hash != auth.HashOf(e.Token) {
			return control.JoinOffer{}, control.ErrTokenRefused
		}
	}
	offer, err := to.AcceptJoin(ctx, who, r)
	if err != nil {
		return offer, fmt.Errorf("%w: %w", control.ErrTokenRefused, err)
	}
	offer.Token, offer.Back = text(offer.TokenID), text(r.BackID)
	return offer, nil
}

func (c *caller) ShownKey(_ context.Context, e control.Endpoint) (string, error) {
	to, err := c.to(e)
	if err != nil {
		return "", err
	}
	return to.Self.Fingerprint, nil
}
