package node

import (
	"context"
	"errors"

	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/digest"
	"github.com/zonefleet/zonefleet/internal/peer"
	"github.com/zonefleet/zonefleet/internal/remote/zonefleet"
	"github.com/zonefleet/zonefleet/internal/wire"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// joinSecret is the hash that the proof of a server without a token is checked with: of a one-time code, whatever became of it,
// or the public one of those that call by their keys alone. ok is false for everything else.
func (b inbound) joinSecret(ctx context.Context, id string) (h wire.TokenHash, ok bool, err error) {
	switch {
	case id == wire.KeyOnly:
		_, h, err = wire.SplitToken(wire.KeyOnlyToken)
		return h, true, err
	case auth.IsCodeID(id):
		i, err := b.node.control.Invite(ctx, id)
		return wire.TokenHash(i.Hash), true, err
	}
	return h, false, nil
}

// admitJoining lets a server in that may join, and do nothing else.
func (b inbound) admitJoining(ctx context.Context, c peer.Caller) (peer.Answers, error) {
	j := joining(b)
	if err := b.node.control.MayJoin(ctx, j.who(c)); err != nil {
		if control.CodeOf(err) == control.CodeInternal && !isTokenError(err) {
			return nil, err
		}
		return nil, &wire.Problem{Code: wire.CodeToken, Message: err.Error()}
	}
	return j, nil
}

func isJoining(tokenID string) bool { return tokenID == wire.KeyOnly || auth.IsCodeID(tokenID) }

// joining is what this node answers to a server that has no token yet: who it is, and a place. It has every method of its
// own, so that a new question is refused until somebody says otherwise.
type joining struct{ node *Node }

func (j joining) who(c peer.Caller) control.Caller {
	who := control.Caller{
		Key:   c.Fingerprint,
		Token: func(id string) string { return c.Session.Token(id, wire.TokenForward) },
		Back:  func(id string) string { return c.Session.Token(id, wire.TokenBack) },
	}
	if c.TokenID != wire.KeyOnly {
		who.Invite = c.TokenID
	}
	return who
}

// Introduce says who this is, and nothing of the cluster.
func (j joining) Introduce(context.Context) (wire.Introduction, error) {
	f := j.node.facts()
	f.Links, f.NodeIDs, f.Addresses = nil, nil, nil
	return wire.Introduction{Facts: f, Clustering: j.node.control.Clustering()}, nil
}

// Join gives the place.
func (j joining) Join(ctx context.Context, r wire.JoinRequest, c peer.Caller) (wire.JoinAnswer, error) {
	offer, err := j.node.control.AcceptJoin(ctx, j.who(c), control.JoinCall{Name: r.Name, Host: r.Host, Port: r.Port, DryRun: r.DryRun, BackID: r.BackID})
	if err != nil {
		return wire.JoinAnswer{}, problem(err)
	}
	a := wire.JoinAnswer{
		Name: offer.Name, TokenID: offer.TokenID, Role: string(offer.Role), Kind: string(cluster.Leaf), Zones: offer.Zones,
		Replaces: offer.Replaces, Version: offer.Version,
	}
	if offer.Relay {
		a.Kind = string(cluster.Relay)
	}
	for _, p := range offer.Peers {
		a.Servers = append(a.Servers, wire.JoinPeer{Name: p.Name, Fingerprint: p.Key, Relay: p.Relay})
	}
	return a, nil
}

func noPlace() error {
	return &wire.Problem{Code: wire.CodeForbidden, Message: "a server that has not joined may do nothing but join"}
}

func (joining) Exists(context.Context, []zone.Name) ([]zone.Name, error) { return nil, noPlace() }

func (joining) Compare(context.Context, digest.Question) ([]digest.Part, error) {
	return nil, noPlace()
}

func (joining) Stand(context.Context, []zone.Name) ([]wire.Standing, error) { return nil, noPlace() }

func (joining) Fetch(context.Context, zone.Name) (wire.Item, error) { return wire.Item{}, noPlace() }

func (joining) Untrust(context.Context, wire.UntrustRequest) error { return noPlace() }

func (joining) Trust(context.Context, wire.TrustRequest, peer.Caller) (wire.TrustAnswer, error) {
	return wire.TrustAnswer{}, noPlace()
}

func (joining) Leave(context.Context, wire.LeaveRequest) (wire.LeaveAnswer, error) {
	return wire.LeaveAnswer{}, noPlace()
}

func (joining) Open(context.Context, wire.Hello) (peer.Reception, error) {
	return peer.Reception{}, noPlace()
}

// Join is for servers that have no place yet.
func (a answers) Join(context.Context, wire.JoinRequest, peer.Caller) (wire.JoinAnswer, error) {
	return wire.JoinAnswer{}, &wire.Problem{Code: wire.CodeForbidden, Message: "this token has its place already; joining takes a join code"}
}

// Join asks a server for a place.
func (m members) Join(ctx context.Context, e control.Endpoint, r control.JoinCall) (offer control.JoinOffer, err error) {
	if e.Token == "" {
		e.Token = wire.KeyOnlyToken
	}
	err = m.with(e, func(c *zonefleet.Client) error {
		j, err := c.Join(ctx, wire.JoinRequest{Name: r.Name, Host: r.Host, Port: r.Port, DryRun: r.DryRun, BackID: r.BackID})
		if err != nil {
			return err
		}
		offer = control.JoinOffer{
			Name: j.Name, Version: j.Version, Role: cluster.Role(j.Role), Relay: j.Kind == string(cluster.Relay), Zones: j.Zones,
			Replaces: j.Replaces, TokenID: j.TokenID, Token: j.Token, Back: j.Back,
		}
		for _, p := range j.Servers[:min(len(j.Servers), wire.MaxJoinPeers)] {
			offer.Peers = append(offer.Peers, control.Peer{Name: p.Name, Key: p.Fingerprint, Relay: p.Relay})
		}
		return nil
	})
	return offer, err
}

// ShownKey dials and looks; what it sends is a proof that is worth nothing elsewhere.
func (m members) ShownKey(ctx context.Context, e control.Endpoint) (string, error) {
	c, err := m.node.clientOf(e, nil)
	if err != nil {
		return "", said(err)
	}
	defer c.Close()
	_, err = c.Probe(ctx)
	var changed *zonefleet.KeyChangedError
	switch {
	case errors.As(err, &changed):
		return changed.New, nil
	case err == nil, errors.Is(err, zonefleet.ErrToken), errors.Is(err, zonefleet.ErrForbidden):
		return e.Fingerprint, nil // it spoke, with the pinned key
	}
	return "", said(err)
}

// maybeRenew gets a new token for a link to a server that has taken another's place and refuses the old one.
func (l *link) maybeRenew(ctx context.Context, cause error) {
	if !l.row.Renew || !errors.Is(cause, zonefleet.ErrToken) {
		return
	}
	if err := l.node.control.Renew(ctx, l.row.Target); err != nil {
		l.node.log.Info("a server in another's place gave no token", "member", nameOf(l.row), "err", err)
	}
}

// keyShown notes which key a member shows.
func (l *link) keyShown(cause error) {
	var changed *zonefleet.KeyChangedError
	shown := ""
	if errors.As(cause, &changed) {
		shown = changed.New
	} else if cause != nil && !errors.Is(cause, zonefleet.ErrToken) {
		return // it may be down: nothing is known of its key
	}
	if err := l.node.control.KeySeen(context.Background(), l.row.Target, shown); err != nil {
		l.node.log.Error("the key that a member shows was not noted", "member", nameOf(l.row), "err", err)
	}
}
