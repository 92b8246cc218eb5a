package control

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/cluster"
	"github.com/zonefleet/zonefleet/internal/store"
)

// kindInvite rows: id → Invite.
const kindInvite = "invite"

// Invite is a one-time code as this node keeps it: the secret is not in it.
type Invite struct {
	ID       string
	Name     string // what it is for
	User     string // who made it, and for whose table
	Hash     auth.Hash
	Role     cluster.Role // of the link that the new server will have to this one
	Relay    bool         // it may change any zone here, otherwise its own
	Replaces string       // name of the member whose place the new server may take
	Created  time.Time
	Expires  time.Time
	Used     time.Time
	UsedBy   string // "name key"
	TokenID  string // that came out of it
	Revoked  bool
}

// InviteRequest asks for a code.
type InviteRequest struct {
	Name      string
	Role      cluster.Role
	Leaf      bool
	Replaces  string        // a member, by host or name
	Expires   time.Duration // inviteTime if 0
	Addresses []string      // host:port by which the new server reaches this one; default: the advertised
}

// NewInvite is a code with its text, which is not kept and cannot be shown again.
type NewInvite struct {
	Invite
	Text string
}

// Bounds of invites.
const (
	inviteTime    = 24 * time.Hour
	maxInviteTime = 30 * 24 * time.Hour
	maxInvites    = 1000
	keepInvites   = 30 * 24 * time.Hour // after their end, to be listed
)

// CreateInvite makes a one-time code with which a new server joins.
func (c *Control) CreateInvite(ctx context.Context, p acl.Principal, r InviteRequest) (NewInvite, error) {
	if err := allowed(p, acl.ManageMembers); err != nil {
		return NewInvite{}, err
	}
	if err := c.allowOwned(p, acl.ManageTokens, "", p.Account()); err != nil {
		return NewInvite{}, err
	}
	code, invite, err := c.newInvite(p, r)
	if err != nil {
		return NewInvite{}, err
	}
	err = c.commitRecords(ctx, "invite", func(tx *store.Tx) error {
		if err := c.makeRoom(tx); err != nil {
			return err
		}
		tx.AppendEvent(c.event(p, "invite-created", fmt.Sprintf("join code %s (%s) made, until %s", invite.ID, orUnnamed(invite.Name), invite.Expires.Format(time.RFC3339))))
		return save(tx, kindInvite, invite.ID, invite)
	})
	return NewInvite{invite, code.Text()}, err
}

func orUnnamed(name string) string { return cmp.Or(name, "unnamed") }

func (c *Control) newInvite(p acl.Principal, r InviteRequest) (auth.Code, Invite, error) {
	i := Invite{Name: r.Name, User: p.Account(), Role: r.Role, Relay: !r.Leaf, Created: c.time()}
	if i.Role == "" {
		i.Role = cluster.Synchronize
	}
	if _, err := cluster.ParseRole(string(i.Role)); err != nil {
		return auth.Code{}, i, fail(CodeInvalid, "role", "%v", err)
	}
	if r.Expires == 0 {
		r.Expires = inviteTime
	}
	switch {
	case r.Expires < time.Minute || r.Expires > maxInviteTime:
		return auth.Code{}, i, fail(CodeInvalid, "expires", "a join code works for a minute at least and %d days at most", maxInviteTime/(24*time.Hour))
	case len(r.Name) > maxTokenName || !printable(r.Name):
		return auth.Code{}, i, fail(CodeInvalid, "name", "a name is at most %d printable characters", maxTokenName)
	}
	if r.Replaces != "" {
		old, err := c.knownServer(p, r.Replaces)
		if err != nil {
			return auth.Code{}, i, err
		}
		i.Replaces = old.name
	}
	code := auth.NewCode()
	code.Expires = c.time().Add(r.Expires).Truncate(time.Second)
	code.Addresses = r.Addresses
	if len(code.Addresses) == 0 {
		host, port := c.advertised()
		code.Addresses = []string{hostPort(host, port)}
	}
	key, err := hex.DecodeString(strings.TrimPrefix(c.Self.Fingerprint, "SHA256:"))
	if err != nil || len(key) != len(code.Fingerprint) {
		return auth.Code{}, i, fmt.Errorf("own fingerprint %q", c.Self.Fingerprint)
	}
	copy(code.Fingerprint[:], key)
	if _, err := auth.ParseCode(code.Text()); err != nil {
		return auth.Code{}, i, fail(CodeInvalid, "addresses", "at most 8 of HOST:PORT, by which the new server reaches this one")
	}
	i.ID, i.Hash, i.Expires = code.ID, auth.HashOf(code.TokenText()), code.Expires
	return code, i, nil
}

// makeRoom forgets codes that ended long ago, and refuses more than anybody needs.
func (c *Control) makeRoom(tx *store.Tx) error {
	rows, err := loadAll[Invite](c.Store, kindInvite)
	if err != nil {
		return err
	}
	for id, i := range rows {
		if c.time().After(i.Expires.Add(keepInvites)) {
			tx.DeleteRecord(kindInvite, id)
			delete(rows, id)
		}
	}
	if len(rows) >= maxInvites {
		return fail(CodeTooLarge, "invite", "there are %d join codes", maxInvites).hint("wait until old ones are forgotten, %d days after their end", keepInvites/(24*time.Hour))
	}
	return nil
}

// ListInvites returns all codes that are remembered, newest first, without hashes.
func (c *Control) ListInvites(ctx context.Context, p acl.Principal) ([]Invite, error) {
	if err := allowed(p, acl.ManageMembers); err != nil {
		return nil, err
	}
	rows, err := loadAll[Invite](c.Store, kindInvite)
	if err != nil {
		return nil, err
	}
	list := make([]Invite, 0, len(rows))
	for _, i := range rows {
		i.Hash = auth.Hash{}
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b Invite) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// RevokeInvite makes a code worthless. What a used one brought stays: that is a member and a token.
func (c *Control) RevokeInvite(ctx context.Context, p acl.Principal, id string) error {
	if err := allowed(p, acl.ManageMembers); err != nil {
		return err
	}
	return c.commitRecords(ctx, id, func(tx *store.Tx) error {
		i, found, err := load[Invite](tx, kindInvite, id)
		switch {
		case err != nil:
			return err
		case !found:
			return fail(CodeNotFound, id, "there is no such join code").hint("zonefleet member invites")
		case i.UsedBy != "":
			return fail(CodeConflict, id, "%s has joined with it already", nameOf(i.UsedBy)).hint("zonefleet member remove %s; token revoke %s", nameOf(i.UsedBy), i.TokenID)
		}
		i.Revoked = true
		tx.AppendEvent(c.event(p, "invite-revoked", fmt.Sprintf("join code %s (%s) revoked", id, orUnnamed(i.Name))))
		return save(tx, kindInvite, id, i)
	})
}

// Invite finds a code by its id, whatever became of it: who proves it is told that.
func (c *Control) Invite(ctx context.Context, id string) (Invite, error) {
	i, found, err := load[Invite](c.Store, kindInvite, id)
	if err == nil && !found {
		err = auth.ErrUnknown
	}
	return i, err
}

// usable says why the holder of that key cannot join with a code. The key that used it may come again: the answer may have been
// lost on its way.
func (i Invite) usable(now time.Time, key string) error {
	switch {
	case i.Revoked:
		return fail(CodeUnauthenticated, "join code", "it was revoked")
	case !now.Before(i.Expires):
		return fail(CodeUnauthenticated, "join code", "it expired at %s", i.Expires.Format(time.RFC3339)).hint("make a new one: zonefleet member invite")
	case i.UsedBy != "" && keyOf(i.UsedBy) != key:
		return fail(CodeUnauthenticated, "join code", "it was used by %s at %s", nameOf(i.UsedBy), i.Used.Format(time.RFC3339)).hint("a code works once: zonefleet member invite")
	}
	return nil
}
