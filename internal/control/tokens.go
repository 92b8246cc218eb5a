package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// TokenRequest asks for a new token.
type TokenRequest struct {
	Name      string
	Kind      auth.Kind // default auth.KindAPI
	Relay     bool      // member tokens: may pass on changes of any zone
	Claims    int       // member tokens: how many zones at home here that no account owns may pass to the holder
	Expires   time.Time // zero: never
	Addresses []netip.Prefix
	Scope     acl.Scope // API tokens: the records that it is for; zero: all that its account may
	// Privileges of an API token; nil: all that its account has, also those that it gets later.
	Privileges acl.Privileges
}

// NewToken is a token with its text, which is not kept and cannot be shown again.
type NewToken struct {
	auth.Token
	Text string
}

// The bounds of a token.
const (
	maxTokenName      = 50  // as in WHM
	maxTokenAddresses = 100 // as in WHM
	maxTokens         = 500 // of an account; each is looked at when one is made
)

// CreateToken makes a token of this node.
func (c *Control) CreateToken(ctx context.Context, p acl.Principal, r TokenRequest) (NewToken, error) {
	if err := c.allowOwned(p, acl.ManageTokens, "", p.Account()); err != nil {
		return NewToken{}, err
	}
	if !p.Root && (r.Relay || r.Claims != 0) {
		return NewToken{}, fail(CodeDenied, "kind", "only root gives a member relay or may-claim")
	}
	if r.Kind == "" {
		r.Kind = auth.KindAPI
	}
	privileges, err := tokenPrivileges(p, r)
	if err := errors.Join(r.check(c.time()), err); err != nil {
		return NewToken{}, err
	}
	grant := cluster.Grant{}
	if r.Kind == auth.KindMember {
		grant = cluster.Grant{Kind: cluster.Leaf, User: p.Account(), MayClaim: r.Claims > 0, Claims: r.Claims}
		if r.Relay {
			grant.Kind = cluster.Relay
		}
	}
	t := c.newToken(p, r.Name, r.Kind, grant)
	t.Expires, t.Addresses, t.Scope, t.Privileges = r.Expires, r.Addresses, r.Scope, privileges
	return t, c.commitRecords(ctx, r.Name, func(tx *store.Tx) error {
		rows, err := c.allTokens()
		if err == nil {
			err = errors.Join(newTokenName(rows, t.Token), roomForToken(tx, rows, t.User))
		}
		if err != nil {
			return err
		}
		tx.AppendEvent(c.event(p, "token-created", fmt.Sprintf("token %s (%s) created", t.ID, r.Name)))
		return saveToken(tx, t.Token)
	})
}

func (r TokenRequest) check(now time.Time) error {
	switch {
	case r.Kind != auth.KindAPI && r.Kind != auth.KindMember:
		return fail(CodeInvalid, "kind", "kind %q is not known (api, member)", r.Kind)
	case r.Kind == auth.KindAPI && (r.Relay || r.Claims != 0):
		return fail(CodeInvalid, "kind", "relay and may-claim are for member tokens")
	case r.Kind == auth.KindMember && !r.Scope.IsZero():
		return fail(CodeInvalid, "scope", "a member's token is for zones, not for single records")
	case r.Claims < 0:
		return fail(CodeInvalid, "may-claim", "a number of zones is not negative")
	}
	return errors.Join(checkTokenName(r.Name), checkTokenExpiry(r.Expires, now), checkTokenAddresses(r.Addresses))
}

// checkTokenName wants WHM's names, and the dot beside them: a server's token is named after the server.
func checkTokenName(name string) error {
	switch {
	case name == "":
		return fail(CodeInvalid, "name", "a token needs a name").hint("name it after what will use it, such as web1")
	case len(name) > maxTokenName || strings.Trim(name, tokenNameChars) != "":
		return fail(CodeInvalid, "name", "a token's name is at most %d letters, digits, dots, - and _", maxTokenName)
	}
	return nil
}

const tokenNameChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

func checkTokenExpiry(at, now time.Time) error {
	if !at.IsZero() && !at.After(now) {
		return fail(CodeInvalid, "expires", "%s is over", at.UTC().Format(time.RFC3339))
	}
	return nil
}

func checkTokenAddresses(list []netip.Prefix) error {
	if len(list) > maxTokenAddresses {
		return fail(CodeTooLarge, "addresses", "a token works from at most %d addresses and ranges", maxTokenAddresses)
	}
	return nil
}

// newToken makes a token that is not saved yet.
func (c *Control) newToken(p acl.Principal, name string, k auth.Kind, g cluster.Grant) NewToken {
	id, text, hash := auth.Generate()
	return NewToken{
		Text: text,
		Token: auth.Token{
			ID: id, Name: name, Kind: k, User: p.Account(), Hash: hash, Grant: g, Created: c.time(),
		},
	}
}

// ListTokens returns the caller's tokens, to root those of all accounts, revoked ones too, newest first. Hashes are left out.
func (c *Control) ListTokens(ctx context.Context, p acl.Principal) ([]auth.Token, error) {
	if err := c.allowOwned(p, acl.ManageTokens, "", p.Account()); err != nil {
		return nil, err
	}
	rows, err := c.allTokens()
	if err != nil {
		return nil, err
	}
	list := make([]auth.Token, 0, len(rows))
	for _, t := range rows {
		if !p.Root && t.User != p.Account() {
			continue
		}
		t.Hash = auth.Hash{}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b auth.Token) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// RevokeToken makes a token worthless at once. It stays listed.
func (c *Control) RevokeToken(ctx context.Context, p acl.Principal, id string) error {
	if err := c.allowOwned(p, acl.ManageTokens, "", p.Account()); err != nil {
		return err
	}
	err := c.commitRecords(ctx, id, func(tx *store.Tx) error { return c.revoke(tx, p, id) })
	if err == nil {
		c.MembersChanged() // sessions opened with the token end
	}
	return err
}

func (c *Control) revoke(tx *store.Tx, p acl.Principal, id string) error {
	t, err := ownToken(tx, p, id)
	if err != nil || t.Revoked {
		return err
	}
	t.Revoked = true
	tx.AppendEvent(c.event(p, "token-revoked", fmt.Sprintf("token %s (%s) revoked", id, t.Name)))
	return saveToken(tx, t)
}

// Token finds a token by its id; Control is auth's Book.
func (c *Control) Token(ctx context.Context, id string) (auth.Token, error) {
	t, found, err := loadToken(c.Store, id)
	if err == nil && !found {
		err = auth.ErrUnknown
	}
	return t, err
}

// firstTokenName is that of the token in DATA/root.token; nobody can give it to another one.
const firstTokenName = "first start"

// FirstToken makes the root token of a node that has no API token that works and keeps it in DATA/root.token. made says
// whether it did. The file is written first: a crash in between leaves a file that the next start replaces.
func (c *Control) FirstToken(ctx context.Context, dir string) (made bool, err error) {
	rows, err := loadAll[auth.Token](c.Store, kindToken)
	if err != nil {
		return false, err
	}
	for _, t := range rows {
		if t.Kind == auth.KindAPI && t.User == acl.Root && !t.Revoked {
			return false, nil
		}
	}
	p := acl.Node()
	t := c.newToken(p, firstTokenName, auth.KindAPI, cluster.Grant{})
	if err := auth.WriteRootFile(dir, t.Text); err != nil {
		return false, err
	}
	return true, c.commitRecords(ctx, "root token", func(tx *store.Tx) error {
		tx.AppendEvent(c.event(p, "token-created", fmt.Sprintf("root token %s created at the first start", t.ID)))
		return save(tx, kindToken, t.ID, t.Token)
	})
}

// claimsLeft is how many zones may still pass to the holder of a token.
func claimsLeft(tx *store.Tx, tokenID string) (int, error) {
	t, _, err := load[auth.Token](tx, kindToken, tokenID)
	return t.Grant.Claims, err
}

// spendClaim counts a zone that passes to the holder of a token.
func spendClaim(tx *store.Tx, tokenID string) error {
	t, _, err := load[auth.Token](tx, kindToken, tokenID)
	if err != nil {
		return err
	}
	t.Grant.Claims--
	return save(tx, kindToken, tokenID, t)
}

// Pin binds a member token to the key of the node that uses it first; another key is refused from then on. The name is
// what that node calls itself now; an empty one leaves the name.
func (c *Control) Pin(ctx context.Context, tokenID, name, key string) error {
	t, found, err := load[auth.Token](c.Store, kindToken, tokenID)
	if err != nil || found && !t.Revoked && pinned(t.Grant.Holder, name, key) == t.Grant.Holder {
		return err
	}
	return c.commitRecords(ctx, tokenID, func(tx *store.Tx) error {
		t, found, err := load[auth.Token](tx, kindToken, tokenID)
		switch {
		case err != nil:
			return err
		case !found || t.Revoked:
			return fail(CodeUnauthenticated, tokenID, "the token is not accepted")
		case t.Grant.Holder != "" && keyOf(t.Grant.Holder) != key:
			if why := c.Replaced(key); why != "" {
				return fail(CodeDenied, "", "%s", why)
			}
			return fail(CodeDenied, tokenID, "the token belongs to %s, whose key is another", nameOf(t.Grant.Holder)).
				hint("make a token for each server")
		}
		t.Grant.Holder = pinned(t.Grant.Holder, name, key)
		return save(tx, kindToken, tokenID, t)
	})
}

// pinned is the holder that a token has once that key has used it.
func pinned(holder, name, key string) string {
	if name == "" {
		name = nameOf(holder)
	}
	return name + " " + key
}
