package zonefleet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/zonefleet/zonefleet/internal/identity"
	"github.com/zonefleet/zonefleet/internal/wire"
)

// DefaultPort is that of a server's HTTPS port.
const DefaultPort = 2087

// Limits of a client.
const (
	dialTimeout     = 10 * time.Second // per address
	greetingTimeout = 15 * time.Second
	questionTimeout = 2 * time.Minute
	idleTimeout     = 90 * time.Second // a connection without link or question is closed
	pingAfter       = 20 * time.Second
)

// Options of a Client.
type Options struct {
	Address  string // HOST or HOST:PORT
	Token    string // zf_ID_SECRET
	Pin      string // fingerprint of the server's key; "" at first contact only
	Identity *identity.Identity
	Versions wire.Versions // zero: those of this software
	Link     wire.Options  // heartbeat, budget, debug log
	// Allow is asked before an address is dialled; nil allows all. Then the very address that was allowed is dialled.
	Allow func(netip.Addr) error
	// Dial replaces the dialling of a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client talks to one server with one token. It is safe for concurrent use; Close it.
type Client struct {
	opt     Options
	host    string
	port    string
	tokenID string
	hash    wire.TokenHash

	turn chan struct{} // holds one element while conn and pin are free
	conn *conn
	pin  string
}

// New makes a client; nothing is dialled before the first use.
func New(o Options) (*Client, error) {
	host, port, err := splitAddress(o.Address)
	if err != nil {
		return nil, err
	}
	id, hash, err := wire.SplitToken(o.Token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if o.Pin != "" && !identity.IsFingerprint(o.Pin) {
		return nil, fmt.Errorf("pinned key %q of %s is no fingerprint", o.Pin, o.Address)
	}
	c := &Client{opt: o, host: host, port: port, tokenID: id, hash: hash, pin: o.Pin, turn: make(chan struct{}, 1)}
	c.turn <- struct{}{}
	return c, nil
}

// Found is what first contact tells about a server.
type Found struct {
	wire.Introduction
	Fingerprint string         // of the key that was shown and proved: to be pinned
	Address     netip.AddrPort // that was dialled
	Skew        time.Duration  // how far its clock is ahead of ours
}

// Probe introduces both servers to each other: each has proved to the other that it knows the token when it returns.
func (c *Client) Probe(ctx context.Context) (Found, error) {
	var i wire.Introduction
	cn, err := c.connection(ctx)
	if err == nil {
		i, err = cn.introduce(ctx)
	}
	if err != nil {
		return Found{}, fmt.Errorf("probe %s: %w", c.opt.Address, err)
	}
	if i.Facts.Fingerprint != cn.fingerprint {
		return Found{}, fmt.Errorf("probe %s: %w: it names a key other than the one it shows", c.opt.Address, ErrNotProved)
	}
	return Found{Introduction: i, Fingerprint: cn.fingerprint, Address: cn.address, Skew: i.Skew(time.Now())}, nil
}

// connection returns the one connection, dialling and proving it if there is none that can take a request.
func (c *Client) connection(ctx context.Context) (*conn, error) {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { c.turn <- struct{}{} }()
	if c.conn != nil && c.conn.http.Available() > 0 {
		return c.conn, nil
	}
	if c.conn != nil {
		c.conn.http.Close()
		c.conn = nil
	}
	cn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := cn.introduce(ctx); err != nil { // nothing else is sent before both have proved themselves
		cn.http.Close()
		return nil, err
	}
	c.conn, c.pin = cn, cn.fingerprint
	return cn, nil
}

// Close ends the connection and all that runs on it.
func (c *Client) Close() error {
	<-c.turn
	defer func() { c.turn <- struct{}{} }()
	if c.conn == nil {
		return nil
	}
	err := c.conn.http.Close()
	c.conn = nil
	return err
}
