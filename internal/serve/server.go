package serve

import (
	"context"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Options says what a Server listens on and how it answers. The zero value answers on port 53 of every address of the host.
type Options struct {
	Addrs         []netip.AddrPort // empty: every address of the host, port 53, following changes; port 0: any free one
	AllowTransfer []netip.Prefix   // who may fetch whole zones; empty: nobody
	// MayTransfer, which may be nil, is asked for each transfer by a client that AllowTransfer does not name.
	MayTransfer func(netip.Addr) bool
	// Loading, which may be nil, says that zones are still being put into the table for the first time: every question is
	// answered SERVFAIL then, so that resolvers ask another server.
	Loading func() bool
	// Hold, which may be nil, is closed when questions may be read: until then they wait in the kernel.
	Hold <-chan struct{}
	// Sockets, which may be nil, are those of an earlier and for a later process.
	Sockets        Sockets
	NSID           string        // name of this server, for RFC 5001 and id.server in class CHAOS; empty: not told
	Version        string        // for version.bind and version.server in class CHAOS; empty: refused
	MaxConnections int           // TCP connections at once; 0: 1024
	MaxPerClient   int           // of them from one client (IPv4 address, IPv6 /64); 0: 64
	IdleTimeout    time.Duration // of a TCP connection; 0: 10 s
	Workers        int           // goroutines per UDP socket; 0: one per processor, at most 4
	Logger         *slog.Logger  // nil: silent
}

// Server answers DNS questions from a Table.
type Server struct {
	table    *Table
	settings settings
	opts     Options
	log      *slog.Logger
	ready    chan struct{}
	ending   chan struct{} // closed by end
	endOnce  sync.Once
	drain    atomic.Int64 // a time.Duration

	counts  [countShards]counters
	shard   atomic.Uint32
	streams *streams

	responders sync.Pool // for TCP: *responder with the largest buffer

	mu    sync.Mutex
	addrs []netip.AddrPort // that are served now
}

// countShards bounds the counters; more workers than that share them.
const countShards = 32

// Bounds of what the server says about itself: an NSID must leave room for the answer in 512 octets, a character-string
// has 255.
const (
	maxNSID    = 128
	maxVersion = 255
)

// NewServer returns a server that does nothing until Run.
func NewServer(t *Table, o Options) *Server {
	if o.MaxConnections <= 0 {
		o.MaxConnections = 1024
	}
	if o.MaxPerClient <= 0 {
		o.MaxPerClient = 64
	}
	if o.IdleTimeout <= 0 {
		o.IdleTimeout = 10 * time.Second
	}
	if o.Workers <= 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), 4) // a host may have hundreds of addresses
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{table: t, opts: o, log: o.Logger, ready: make(chan struct{}), ending: make(chan struct{})}
	s.settings = settings{nsid: cutTo(o.NSID, maxNSID), version: cutTo(o.Version, maxVersion), allow: o.AllowTransfer, also: o.MayTransfer, loading: o.Loading}
	s.streams = newStreams(o.MaxConnections, o.MaxPerClient)
	return s
}

func cutTo(s string, n int) []byte { return []byte(s[:min(len(s), n)]) }

// Run answers until ctx ends and returns nil then; every goroutine has ended when it returns. It returns an error when it
// cannot listen. A Server runs once.
func (s *Server) Run(ctx context.Context) error {
	if len(s.opts.Addrs) == 0 {
		return s.followHost(ctx)
	}
	g := newGroup(s)
	defer g.close()
	for _, a := range s.opts.Addrs {
		if err := g.open(a); err != nil {
			return err
		}
	}
	close(s.ready)
	<-ctx.Done()
	return nil
}

// Ready is closed when every socket is bound; never, if Run returns an error.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Addrs returns what is listened on, with the real ports; each is served by UDP and TCP.
func (s *Server) Addrs() []netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]netip.AddrPort(nil), s.addrs...)
}

// Stats returns the counts since the start.
func (s *Server) Stats() Stats {
	var out Stats
	for i := range s.counts {
		s.counts[i].addTo(&out)
	}
	out.Connections, out.ConnectionsCut = s.streams.stats()
	return out
}

// nextCounters deals the counters out to workers.
func (s *Server) nextCounters() *counters {
	return &s.counts[(s.shard.Add(1)-1)%countShards]
}
