package node

import (
	"context"
	"math/rand/v2"
	"net"
	"time"

	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/serve"
	"github.com/zonefleet/zonefleet/internal/store"
)

// World is what a server meets outside of itself. The zero value is the real one; the simulation puts a virtual network,
// clock and disk in its place.
type World struct {
	// Listen makes the listener of the HTTPS port; nil: net.Listen.
	Listen func(network, address string) (net.Listener, error)
	// Dial connects to members; nil: a net.Dialer does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the wall clock, by which changes are timed; nil: time.Now. Waiting goes by the real one.
	Now func() time.Time
	// Jitter is a number in [0, 1) that spreads attempts; nil: a random one.
	Jitter func() float64
	// Answer runs the nameserver's sockets; nil: (*serve.Server).Run.
	Answer func(context.Context, *serve.Server) error
	// Batch is how many zones go to a member at once; 0: as many as package deliver says.
	Batch int
	// MembersOnly leaves the HTTPS port with the members' door alone.
	MembersOnly bool
	// Uncompared leaves comparing out, as with members of v0.1: what delivery alone brings.
	Uncompared bool
	// Store says where the database lies; the node sets Logger and Synced itself.
	Store store.Options
}

func (w World) orReal() World {
	if w.Listen == nil {
		w.Listen = net.Listen
	}
	if w.Dial == nil {
		w.Dial = new(net.Dialer).DialContext
	}
	if w.Now == nil {
		w.Now = time.Now
	}
	if w.Jitter == nil {
		w.Jitter = rand.Float64
	}
	if w.Answer == nil {
		w.Answer = func(ctx context.Context, s *serve.Server) error { return s.Run(ctx) }
	}
	return w
}

// Control is the way in, for who runs a server inside of another program.
func (n *Node) Control() *control.Control { return n.control }

// Store is what the server holds, for reading.
func (n *Node) Store() *store.Store { return n.store }

// Table is what the nameserver answers from.
func (n *Node) Table() *serve.Table { return n.table }
