package control

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/store"
)

// TokenEdit changes a token; what is nil stays as it is. (WHM takes what is left out of an update for "everything".)
type TokenEdit struct {
	ID        string
	Name      *string
	Expires   *time.Time // zero: never
	Addresses *[]netip.Prefix
	Scope     *acl.Scope // of a token that has one; it cannot be taken away
	// Privileges of an API token; they are at most those of who edits it.
	Privileges *acl.Privileges
}

// ShowToken returns one token, without its hash.
func (c *Control) ShowToken(ctx context.Context, p acl.Principal, id string) (auth.Token, error) {
	if err := c.allowOwned(p, acl.ManageTokens, "", p.Account()); err != nil {
		return auth.Token{}, err
	}
	t, err := ownToken(c.Store, p, id)
	t.Hash = auth.Hash{}
	return t, err
}

// EditToken changes a token that works, or has expired. Its secret stays.
func (c *Control) EditToken(ctx context.Context, p acl.Principal, e TokenEdit) (out auth.Token, err error) {
	if err := c.allowOwned(p, acl.ManageTokens, "", p.Account()); err != nil {
		return out, err
	}
	err = c.commitRecords(ctx, e.ID, func(tx *store.Tx) error {
		t, err := ownToken(tx, p, e.ID)
		if err != nil {
			return err
		}
		if err := mayChangeToken(p, t); err != nil {
			return err
		}
		if out, err = e.apply(t, c.time()); err != nil {
			return err
		}
		if e.Privileges != nil {
			if out.Privileges, err = tokenPrivileges(p, TokenRequest{Kind: t.Kind, Privileges: *e.Privileges}); err != nil {
				return err
			}
		}
		rows, err := c.allTokens()
		if err == nil {
			err = newTokenName(rows, out)
		}
		if err != nil {
			return err
		}
		tx.AppendEvent(c.event(p, "token-edited", fmt.Sprintf("token %s (%s) edited", out.ID, out.Name)))
		return saveToken(tx, out)
	})
	out.Hash = auth.Hash{}
	if err == nil {
		c.MembersChanged() // sessions opened from elsewhere end
	}
	return out, err
}

func (e TokenEdit) apply(t auth.Token, now time.Time) (auth.Token, error) {
	var wrong []error
	if t.Revoked {
		return t, fail(CodeConflict, t.ID, "the token is revoked").hint("make a new one")
	}
	if e.Name != nil && *e.Name != t.Name {
		wrong = append(wrong, checkTokenName(*e.Name))
		t.Name = *e.Name
	}
	if e.Expires != nil && !e.Expires.Equal(t.Expires) {
		wrong = append(wrong, checkTokenExpiry(*e.Expires, now))
		t.Expires = *e.Expires
	}
	if e.Addresses != nil {
		wrong = append(wrong, checkTokenAddresses(*e.Addresses))
		t.Addresses = *e.Addresses
	}
	if e.Scope != nil && *e.Scope != t.Scope {
		if t.Scope.IsZero() != e.Scope.IsZero() {
			wrong = append(wrong, fail(CodeInvalid, "scope", "a token for single records stays one, and others do not become one").hint("make a new token"))
		}
		t.Scope = *e.Scope
	}
	return t, errors.Join(wrong...)
}

// RevokedTokens is what RevokeTokens did, or would do.
type RevokedTokens struct {
	Programs int // API tokens
	Servers  int // tokens of servers of the cluster: their links end
}

// RevokeTokens revokes all of the caller's API tokens, and with servers those of servers too. The one that asks stays,
// and that of this machine's command line, which is in DATA/root.token. With dry it only counts, both kinds.
func (c *Control) RevokeTokens(ctx context.Context, p acl.Principal, servers, dry bool) (out RevokedTokens, err error) {
	if err := c.allowOwned(p, acl.ManageTokens, "", p.Account()); err != nil {
		return out, err
	}
	rows, err := c.allTokens()
	if err != nil {
		return out, err
	}
	var ids []string
	for id, t := range rows {
		switch {
		case t.Revoked || t.User != p.Account() || id == p.TokenID || t.Name == firstTokenName:
		case t.Kind != auth.KindMember:
			out.Programs++
			ids = append(ids, id)
		case servers || dry:
			out.Servers++
			ids = append(ids, id)
		}
	}
	if dry || len(ids) == 0 {
		return out, nil
	}
	err = c.commitRecords(ctx, "tokens", func(tx *store.Tx) error {
		for _, id := range ids {
			if err := c.revoke(tx, p, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		c.MembersChanged()
	}
	return out, err
}
