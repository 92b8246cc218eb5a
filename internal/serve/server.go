package serve

import (
	"context"
	"log/slog"
	"net/netip"
	"time"
)

// Options says what a Server listens on and how it answers. The zero value answers on port 53 of every address of the host.
type Options struct {
	Addrs          []netip.AddrPort // empty: every address of the host, port 53, following changes; port 0: any free one
	AllowTransfer  []netip.Prefix   // who may fetch whole zones; empty: nobody
	NSID           string           // name of this server, for RFC 5001 and id.server in class CHAOS; empty: not told
	Version        string           // for version.bind and version.server in class CHAOS; empty: refused
	MaxConnections int              // TCP connections at once; 0: 1024
	MaxPerClient   int              // of them from one client (IPv4 address, IPv6 /64); 0: 64
	IdleTimeout    time.Duration    // of a TCP connection; 0: 10 s
	Workers        int              // goroutines per UDP socket; 0: one per processor
	Logger         *slog.Logger     // nil: silent
}

// Server answers DNS questions from a Table.
type Server struct {
	table *Table
	opts  Options
	ready chan struct{}
}

// NewServer returns a server that does nothing until Run.
func NewServer(t *Table, o Options) *Server {
	return &Server{table: t, opts: o, ready: make(chan struct{})}
}

// Run answers until ctx ends and returns nil then; every goroutine has ended when it returns. It returns an error when it
// cannot listen. A Server runs once.
func (s *Server) Run(ctx context.Context) error {
	close(s.ready)
	<-ctx.Done()
	return nil
}

// Ready is closed when every socket is bound.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Addrs returns what is listened on, with the real ports; each is served by UDP and TCP.
func (s *Server) Addrs() []netip.AddrPort { return nil }
