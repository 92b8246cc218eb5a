package zonefleet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/zonefleet/zonefleet/internal/wire"
)

// Joined is the answer to Join with what both ends made of the session.
type Joined struct {
	wire.JoinAnswer
	Token string // for this side to use
	Back  string // for the server to use; its id is the request's
}

// Join asks the server for a place in its cluster. The client's token is a one-time code's, or wire.KeyOnlyToken. No secret
// travels: both ends make the tokens of the session's own.
func (c *Client) Join(ctx context.Context, r wire.JoinRequest) (Joined, error) {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	cn, err := c.connection(ctx)
	if err != nil {
		return Joined{}, fmt.Errorf("join %s: %w", c.opt.Address, err)
	}
	body, err := json.Marshal(r)
	if err != nil {
		return Joined{}, fmt.Errorf("join %s: %w", c.opt.Address, err)
	}
	res, err := cn.send(ctx, http.MethodPost, wire.PathJoin, bytes.NewReader(body))
	if err != nil {
		return Joined{}, fmt.Errorf("join %s: %w", c.opt.Address, err)
	}
	defer res.Body.Close()
	var j Joined
	if err := readJSON(res.Body, &j.JoinAnswer); err != nil {
		return Joined{}, fmt.Errorf("join %s: %w", c.opt.Address, err)
	}
	j.Token, j.Back = cn.session.Token(j.TokenID, wire.TokenForward), cn.session.Token(r.BackID, wire.TokenBack)
	return j, nil
}
