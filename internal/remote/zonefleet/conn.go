package zonefleet

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// conn is one connection to the server and what proves both sides on it.
type conn struct {
	client        *Client
	http          *http.ClientConn
	address       netip.AddrPort
	fingerprint   string
	authorization string // our proof
	expected      []byte // the server's
	session       wire.Session
}

// introduce asks who the server is and what the token may do. Its request has no body: it is safe to send it to a
// server that has not proved itself.
func (c *conn) introduce(ctx context.Context) (i wire.Introduction, err error) {
	ctx, cancel := context.WithTimeout(ctx, greetingTimeout)
	defer cancel()
	res, err := c.send(ctx, http.MethodGet, wire.PathHello, nil)
	if err != nil {
		return i, err
	}
	defer res.Body.Close()
	err = readJSON(res.Body, &i)
	return i, err
}

// send sends a request and returns an answer that is proved and no refusal.
func (c *conn) send(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://"+c.address.String()+path, body)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", path, err)
	}
	req.Host = net.JoinHostPort(c.client.host, c.client.port)
	req.Header.Set("Authorization", c.authorization)
	req.Header.Set(wire.HeaderProtocol, c.client.opt.Versions.String())
	res, err := c.http.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConnect, err)
	}
	if err := c.check(res); err != nil {
		res.Body.Close()
		return nil, err
	}
	return res, nil
}

// check refuses answers that are not from the server that knows the token. The only thing believed without its proof is
// a refusal.
func (c *conn) check(res *http.Response) error {
	theirs, err := wire.ParseVersions(res.Header.Get(wire.HeaderProtocol))
	if err != nil {
		return fmt.Errorf("%w: it answers %q", ErrNotZoneFleet, res.Status)
	}
	if _, err := c.client.opt.Versions.Common(theirs); err != nil {
		return err
	}
	proof, err := hex.DecodeString(res.Header.Get(wire.HeaderProof))
	proved := err == nil && hmac.Equal(proof, c.expected)
	if res.StatusCode == http.StatusOK {
		if !proved {
			return ErrNotProved
		}
		return nil
	}
	var p wire.Problem
	if err := readJSON(res.Body, &p); err != nil || p.Code == "" {
		if res.StatusCode == http.StatusNotFound { // the door has no such path
			return ErrNotKnown
		}
		return fmt.Errorf("%w: it answers %q", ErrNotZoneFleet, res.Status)
	}
	if !proved && p.Code != wire.CodeToken && p.Code != wire.CodeBusy && p.Code != wire.CodeBadInput {
		return fmt.Errorf("%w: it refuses with %q", ErrNotProved, p.Code)
	}
	return refusal(&p)
}

func readJSON(r io.Reader, v any) error {
	text, err := io.ReadAll(io.LimitReader(r, wire.MaxGreeting+1))
	if err != nil {
		return fmt.Errorf("%w: read answer: %w", ErrConnect, err)
	}
	if len(text) > wire.MaxGreeting {
		return fmt.Errorf("%w: answer exceeds %d octets", wire.ErrProtocol, wire.MaxGreeting)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%w: read answer: %w", wire.ErrProtocol, err)
	}
	return nil
}
