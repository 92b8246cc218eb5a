package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// Reasons for refusing a token. A door answers all of them alike; the log tells them apart.
var (
	ErrUnknown = errors.New("token not known")
	ErrWrong   = errors.New("token not accepted")
	ErrRevoked = errors.New("token revoked")
	ErrExpired = errors.New("token expired")
	ErrAddress = errors.New("token not valid from this address")
	ErrNobody  = errors.New("no such user any more")
	ErrSuspend = errors.New("user suspended")
)

// Book is where the tokens and the users are: control implements it over the store. Token returns ErrUnknown for an id
// without a row, Account ErrNobody for a user without one. It may be called concurrently.
type Book interface {
	Token(ctx context.Context, id string) (Token, error)
	Account(ctx context.Context, user string) (Account, error)
}

// Account is what is asked of a user at each use of a token, a session or a password.
type Account struct {
	Privileges acl.Privileges
	Suspended  bool
}

// Principal is whoever acts for the account.
func (a Account) Principal(user string) (acl.Principal, error) {
	if a.Suspended {
		return acl.Principal{}, ErrSuspend
	}
	return acl.For(user, a.Privileges), nil
}

// Verifier checks what is presented at the doors. It is safe for concurrent use.
type Verifier struct {
	Book Book
	Now  func() time.Time
}

// Verify returns the principal of a presented token.
func (v Verifier) Verify(ctx context.Context, text string, from netip.Addr) (acl.Principal, error) {
	id, err := IDOf(text)
	if err != nil {
		return acl.Principal{}, err
	}
	t, err := v.Book.Token(ctx, id)
	if err != nil {
		return acl.Principal{}, fmt.Errorf("token %s: %w", id, err)
	}
	got := HashOf(text)
	if subtle.ConstantTimeCompare(got[:], t.Hash[:]) != 1 {
		return acl.Principal{}, fmt.Errorf("token %s: %w", id, ErrWrong)
	}
	return v.principal(ctx, t, from)
}

// HashFor returns the hash of the token with that id, the key of a member's proof, and whom it stands for once the
// proof is right. The caller must not act for the principal before.
func (v Verifier) HashFor(ctx context.Context, id string, from netip.Addr) (Hash, acl.Principal, error) {
	t, err := v.Book.Token(ctx, id)
	if err != nil {
		return Hash{}, acl.Principal{}, fmt.Errorf("token %s: %w", id, err)
	}
	p, err := v.principal(ctx, t, from)
	return t.Hash, p, err
}

func (v Verifier) principal(ctx context.Context, t Token, from netip.Addr) (acl.Principal, error) {
	switch {
	case t.Revoked:
		return acl.Principal{}, fmt.Errorf("token %s: %w", t.ID, ErrRevoked)
	case !t.Expires.IsZero() && !v.Now().Before(t.Expires):
		return acl.Principal{}, fmt.Errorf("token %s: %w", t.ID, ErrExpired)
	case len(t.Addresses) > 0 && !contains(t.Addresses, from):
		return acl.Principal{}, fmt.Errorf("token %s from %s: %w", t.ID, from, ErrAddress)
	}
	account, err := v.Book.Account(ctx, t.User)
	if err != nil {
		return acl.Principal{}, fmt.Errorf("token %s: %w", t.ID, err)
	}
	p, err := account.Principal(t.User)
	if err != nil {
		return acl.Principal{}, fmt.Errorf("token %s of %s: %w", t.ID, t.User, err)
	}
	p = p.Narrowed(t.Privileges, t.Scope)
	p.TokenID, p.TokenName, p.From = t.ID, t.Name, from.String()
	if t.Kind == KindMember {
		p.Kind, p.Grant, p.Root, p.Privileges = acl.KindMember, t.Grant, false, nil
	}
	return p, nil
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	a = a.Unmap()
	for _, n := range list {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
