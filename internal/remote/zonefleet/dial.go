package zonefleet

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/wire"
)

func splitAddress(s string) (host, port string, err error) {
	// Also an IPv6 address without brackets; a zone may hold any octets (RFC 4007 section 11), these would end it.
	if a, err := netip.ParseAddr(s); err == nil && !strings.ContainsAny(s, "[]") {
		return a.String(), strconv.Itoa(DefaultPort), nil
	}
	host, port, err = net.SplitHostPort(s)
	if err != nil {
		host, port, err = net.SplitHostPort(net.JoinHostPort(s, strconv.Itoa(DefaultPort)))
	}
	n, portErr := strconv.ParseUint(port, 10, 16)
	_, hostErr := netip.ParseAddr(host)
	isName := host != "" && !strings.Contains(host, ":")
	if err != nil || portErr != nil || n == 0 || !isName && hostErr != nil {
		return "", "", fmt.Errorf("%w: %q", ErrAddress, s)
	}
	return host, port, nil
}

// dial connects to the first address of the host that answers, and checks the key that is shown there.
func (c *Client) dial(ctx context.Context) (*conn, error) {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", c.host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResolve, err)
	}
	port, err := strconv.ParseUint(c.port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%w: port %q", ErrAddress, c.port)
	}
	failed := ErrResolve
	for _, a := range addresses {
		to := netip.AddrPortFrom(a.Unmap(), uint16(port))
		var cn *conn
		if cn, err = c.dialAddress(ctx, to); err == nil {
			return cn, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %w", ErrConnect, err)
		}
		// Another address may do better only while no server has spoken.
		if failed = err; !errors.Is(err, ErrConnect) && !errors.Is(err, ErrNotAllowed) {
			break
		}
	}
	return nil, failed
}

func (c *Client) dialAddress(ctx context.Context, to netip.AddrPort) (*conn, error) {
	if c.opt.Allow != nil {
		if err := c.opt.Allow(to.Addr()); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotAllowed, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dial := c.opt.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	raw, err := dial(ctx, "tcp", to.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConnect, err)
	}
	cn, err := c.secure(ctx, raw)
	if err != nil {
		raw.Close()
		return nil, err
	}
	cn.address = to
	return cn, nil
}

// secure makes the TLS session from which both sides' proofs come.
func (c *Client) secure(ctx context.Context, raw net.Conn) (*conn, error) {
	cn := &conn{client: c}
	session := tls.Client(raw, c.opt.Identity.PeerTLS(c.host, func(fingerprint string) error {
		cn.fingerprint = fingerprint
		if c.pin != "" && c.pin != fingerprint {
			return &KeyChangedError{Old: c.pin, New: fingerprint}
		}
		return nil
	}))
	if err := session.HandshakeContext(ctx); err != nil {
		return nil, handshakeError(err)
	}
	state := session.ConnectionState()
	if state.NegotiatedProtocol != "h2" {
		return nil, fmt.Errorf("%w: it speaks no HTTP/2", ErrNotZoneFleet)
	}
	exporter, err := state.ExportKeyingMaterial(wire.ExporterLabel, nil, wire.ExporterLen)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotZoneFleet, err)
	}
	cn.authorization = fmt.Sprintf("%s %s %s", wire.AuthScheme, c.tokenID, hex.EncodeToString(wire.Prove(c.hash, wire.SideClient, exporter)))
	cn.expected = wire.Prove(c.hash, wire.SideServer, exporter)
	cn.session = wire.SessionOf(c.hash, exporter)
	if cn.http, err = speakHTTP(ctx, session); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotZoneFleet, err)
	}
	return cn, nil
}

// speakHTTP starts HTTP/2 on a session that is there already.
func speakHTTP(ctx context.Context, session *tls.Conn) (*http.ClientConn, error) {
	var protocols http.Protocols
	protocols.SetHTTP2(true)
	t := &http.Transport{
		DialTLSContext:     func(context.Context, string, string) (net.Conn, error) { return session, nil },
		Protocols:          &protocols,
		DisableCompression: true, // zone changes are compressed once, in frames
		IdleConnTimeout:    idleTimeout,
		HTTP2:              &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter},
	}
	return t.NewClientConn(ctx, "https", session.RemoteAddr().String())
}

// handshakeError tells a server that is none of ours from one that went away or changed its key.
func handshakeError(err error) error {
	var changed *KeyChangedError
	var network net.Error
	switch {
	case errors.As(err, &changed):
		return err
	case errors.Is(err, context.Canceled), errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("%w: %w", ErrConnect, err)
	}
	return fmt.Errorf("%w: %w", ErrNotZoneFleet, err)
}
