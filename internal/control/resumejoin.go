package control

import (
	"context"
	"errors"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// joinTry is a join with the code of a server that is a member already.
type joinTry struct {
	request JoinRequest
	code    auth.Code
	at      Endpoint
	call    JoinCall
	row     Member
	offer   JoinOffer // zero with refused
	refused error     // the code is worth nothing any more; the row may have all that it takes
}

// resume finishes a join that ended in the middle, wherever that was: the link is there, the way back may be missing, and so
// may a token that works. Where nothing is missing, nothing is done.
func (c *Control) resume(ctx context.Context, p acl.Principal, t joinTry) (out JoinResult, err error) {
	m := t.row
	if !m.ReverseTrust || t.refused == nil && t.offer.Role != m.Role {
		return JoinResult{}, fail(CodeExists, m.at(), "%s is a member already, as %s", m.Label(), m.Role).
			hint("zonefleet member role changes that").because(cluster.ErrAlreadyMember)
	}
	out = JoinResult{
		Server: m.Label(), Address: m.at(), Fingerprint: m.Fingerprint, Role: m.Role, Relay: t.offer.Relay, Zones: t.offer.Zones, Resumed: true,
		Others:       othersFor(m, t.offer.Peers),
		MemberResult: MemberResult{Member: m, Does: does(m)},
	}
	if out.Own, err = c.liveZones(); err != nil || t.request.DryRun {
		return out, err
	}
	e, err := c.tokenOf(ctx, p, t)
	if err != nil {
		return JoinResult{}, err
	}
	if m.Reverse {
		return out, nil
	}
	if err := c.reverseTrust(ctx, p, &m, e.Token); err != nil {
		out.Notices = append(out.Notices, noWayBack(m, err))
	}
	out.Member = m
	c.MembersChanged()
	return out, nil
}

// tokenOf finds that the row's token works, or gets a new one with the code.
func (c *Control) tokenOf(ctx context.Context, p acl.Principal, t joinTry) (Endpoint, error) {
	e, err := c.Endpoint(ctx, t.row)
	if err == nil {
		probing, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		_, err = c.Members.Probe(probing, e)
	}
	switch {
	case err == nil:
		return e, nil
	case t.refused != nil:
		return e, t.refused
	case !errors.Is(err, ErrTokenRefused):
		return e, probeError(t.row.at(), err)
	}
	offer, err := c.useCode(ctx, p, t.at, t.code, t.call)
	if err != nil {
		return e, err
	}
	e.Token = offer.Token
	return e, c.commitRecords(ctx, t.row.Label(), func(tx *store.Tx) error {
		c.saveSecret(tx, t.row, offer.Token)
		return nil
	})
}

// tookOffer says that a code of the server with that key has been used here.
func (c *Control) tookOffer(p acl.Principal, key string) (bool, error) {
	tokens, err := loadAll[auth.Token](c.Store, kindToken)
	for _, t := range tokens {
		if t.Joined && !t.Revoked && t.User == p.Account() && keyOf(t.Grant.Holder) == key {
			return true, nil
		}
	}
	return false, err
}
