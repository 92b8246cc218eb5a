package zonefleet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Exists returns those of the names of which the server has any state; at most wire.MaxNames are asked.
func (c *Client) Exists(ctx context.Context, names []zone.Name) ([]zone.Name, error) {
	return ask(ctx, c, wire.PathExists, namesBody(names), wire.ReadNames)
}

// Compare asks about digests of what this server may read there.
func (c *Client) Compare(ctx context.Context, q digest.Question) ([]digest.Part, error) {
	return ask(ctx, c, wire.PathCompare, func(w io.Writer) error { return wire.WriteBranches(w, q) }, func(ctx context.Context, r io.Reader) ([]digest.Part, error) {
		return wire.ReadParts(ctx, r, c.opt.Link.Budget)
	})
}

// Stand returns how the server stands with those of the names that it has and that may be read.
func (c *Client) Stand(ctx context.Context, names []zone.Name) ([]wire.Standing, error) {
	return ask(ctx, c, wire.PathStand, namesBody(names), wire.ReadStandings)
}

// Fetch returns the whole state of a zone.
func (c *Client) Fetch(ctx context.Context, z zone.Name) (wire.Item, error) {
	it, err := ask(ctx, c, wire.PathFetch, namesBody([]zone.Name{z}), func(ctx context.Context, r io.Reader) (wire.Item, error) {
		return wire.ReadState(ctx, r, c.opt.Link.Budget)
	})
	if err == nil && it.Delta.Zone != z {
		err = fmt.Errorf("fetch from %s: %w: another zone came", c.opt.Address, wire.ErrProtocol)
	}
	return it, err
}

// Trust asks the server to add this one as a standalone member.
func (c *Client) Trust(ctx context.Context, r wire.TrustRequest) (wire.TrustAnswer, error) {
	return ask(ctx, c, wire.PathTrust, jsonBody(r), fromJSON[wire.TrustAnswer])
}

// Untrust undoes Trust.
func (c *Client) Untrust(ctx context.Context, r wire.UntrustRequest) error {
	_, err := ask(ctx, c, wire.PathUntrust, jsonBody(r), fromJSON[struct{}])
	return err
}

// Leave tells the server that this one leaves the cluster: it removes it from its member table.
func (c *Client) Leave(ctx context.Context, r wire.LeaveRequest) (wire.LeaveAnswer, error) {
	return ask(ctx, c, wire.PathLeave, jsonBody(r), fromJSON[wire.LeaveAnswer])
}

// ask sends one question and reads its answer.
func ask[T any](ctx context.Context, c *Client, path string, body func(io.Writer) error, read func(context.Context, io.Reader) (T, error)) (v T, err error) {
	what := strings.TrimPrefix(path, wire.PathPrefix)
	var question bytes.Buffer
	start := time.Now()
	defer func() { c.trace(what, question.Len(), time.Since(start), err) }()
	if err = body(&question); err != nil {
		return v, fmt.Errorf("ask %s: %w", what, err)
	}
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	cn, err := c.connection(ctx)
	if err != nil {
		return v, fmt.Errorf("ask %s: %s: %w", c.opt.Address, what, err)
	}
	res, err := cn.send(ctx, http.MethodPost, path, bytes.NewReader(question.Bytes()))
	if err != nil {
		return v, fmt.Errorf("ask %s: %s: %w", c.opt.Address, what, err)
	}
	defer res.Body.Close()
	if v, err = read(ctx, res.Body); err != nil {
		return v, fmt.Errorf("ask %s: %s: %w", c.opt.Address, what, err)
	}
	return v, nil
}

func (c *Client) trace(what string, size int, took time.Duration, err error) {
	if c.opt.Link.Trace == nil {
		return
	}
	result := "answered"
	if err != nil {
		result = err.Error()
	}
	c.opt.Link.Trace(wire.Transaction{Sent: true, What: what, Bytes: size, Took: took, Result: result})
}

func namesBody(names []zone.Name) func(io.Writer) error {
	return func(w io.Writer) error { return wire.WriteNames(w, names) }
}

func jsonBody(v any) func(io.Writer) error {
	return func(w io.Writer) error { return json.NewEncoder(w).Encode(v) }
}

func fromJSON[T any](_ context.Context, r io.Reader) (v T, err error) {
	err = readJSON(r, &v)
	return v, err
}
