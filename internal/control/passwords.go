package control

import (
	"context"
	"fmt"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/store"
)

// SetPassword sets the password of a user, without asking for the old one: for root, and for who owns the account and has
// the right. The user's sessions and links end.
func (c *Control) SetPassword(ctx context.Context, p acl.Principal, user, password string) error {
	if err := c.allowUser(p, acl.SetPassword, user); err != nil {
		return err
	}
	return c.putPassword(ctx, p, user, password, "")
}

// ChangePassword sets one's own password in the session of that secret. The old one is asked for unless there is none, or
// the session was opened by a link: then nobody knows it. Other sessions end.
func (c *Control) ChangePassword(ctx context.Context, secret, old, password string) error {
	s, p, err := c.Session(ctx, secret)
	if err != nil {
		return err
	}
	row, _, err := load[signInRow](c.Store, kindSignIn, s.User)
	if err != nil {
		return err
	}
	if row.Password != "" && s.Means != "link" {
		if err := c.Throttled(addrOf(p), s.User); err != nil {
			return err
		}
		ok, err := c.hasher.Verify(ctx, row.Password, old)
		if err != nil {
			return unavailable(ctx, "", err)
		}
		if !ok {
			c.failed(Credentials{User: s.User, From: addrOf(p)})
			return fail(CodeInvalid, "old", "the old password is not that")
		}
	}
	return c.putPassword(ctx, p, s.User, password, secretID(secret))
}

func (c *Control) putPassword(ctx context.Context, p acl.Principal, user, password, keep string) error {
	if err := auth.CheckPassword(user, password); err != nil {
		return fail(CodeInvalid, "password", "%v", err)
	}
	text, err := c.hasher.Hash(ctx, password)
	if err != nil {
		return unavailable(ctx, user, err)
	}
	err = c.commitRecords(ctx, user, func(tx *store.Tx) error {
		row, _, err := load[signInRow](tx, kindSignIn, user)
		if err != nil {
			return err
		}
		row.Password, row.Set = text, c.Now()
		if _, err := c.endSessions(tx, user, func(id string) bool { return id != keep }); err != nil {
			return err
		}
		if err := c.endLinks(tx, user); err != nil {
			return err
		}
		tx.AppendEvent(c.userEvent(p, user, "password-set", "the password of "+user+" was set"))
		return save(tx, kindSignIn, user, row)
	})
	if err == nil {
		c.Throttle.Forgive(user)
	}
	return err
}

// UnlockUser forgets the failed sign-ins of a user, so that the next try is looked at again. With dropCode the
// authenticator is taken away too: for somebody who has lost it and the recovery codes.
func (c *Control) UnlockUser(ctx context.Context, p acl.Principal, user string, dropCode bool) error {
	if err := c.allowUser(p, acl.SetPassword, user); err != nil {
		return err
	}
	if dropCode {
		if err := mayDropCode(p, user); err != nil {
			return err
		}
	}
	err := c.commitRecords(ctx, user, func(tx *store.Tx) error {
		text := user + " unlocked"
		if dropCode {
			if err := dropTOTP(tx, user); err != nil {
				return err
			}
			text += ", without a code from now on"
		}
		tx.AppendEvent(c.userEvent(p, user, "user-unlocked", text))
		return nil
	})
	if err == nil {
		c.Throttle.Forgive(user)
	}
	return err
}

// TOTPOffer is a secret that is shown once, to be confirmed by a code that comes of it.
type TOTPOffer struct{ Secret, URI string }

// OfferTOTP makes a secret for one's own authenticator. Nothing is kept before it is confirmed.
func (c *Control) OfferTOTP(_ context.Context, p acl.Principal) (TOTPOffer, error) {
	if err := c.allowUser(p, acl.OwnSignIn, p.User); err != nil {
		return TOTPOffer{}, err
	}
	return c.offer(auth.NewTOTP(), p.User), nil
}

func (c *Control) offer(t auth.TOTP, user string) TOTPOffer {
	return TOTPOffer{Secret: t.Text(), URI: t.URI(c.Self.Name, user)}
}

// ConfirmTOTP asks for a code at each sign-in from now on, and returns ten recovery codes, which are not shown again.
func (c *Control) ConfirmTOTP(ctx context.Context, p acl.Principal, secret, code string) (recovery []string, err error) {
	if err := c.allowUser(p, acl.OwnSignIn, p.User); err != nil {
		return nil, err
	}
	t, err := auth.ParseTOTP(secret)
	if err != nil {
		return nil, fail(CodeInvalid, "secret", "%v", err)
	}
	step, ok := t.Check(code, c.time(), 0)
	if !ok {
		return nil, fail(CodeInvalid, "code", "the code is not the one of this moment").hint("is the clock of this device right?")
	}
	recovery, hashes := auth.NewRecovery()
	return recovery, c.commitRecords(ctx, p.User, func(tx *store.Tx) error {
		row, _, err := load[signInRow](tx, kindSignIn, p.User)
		if err != nil {
			return err
		}
		if row.Password == "" {
			return fail(CodeConflict, "password", "a code is asked for beside a password, and none is set")
		}
		if row.TOTP != nil {
			return fail(CodeConflict, "code", "an authenticator is set up already").hint("remove that one first, with a code of it")
		}
		row.TOTP, row.LastStep, row.Recovery = c.Store.Seal(t, totpContext(p.User)), step, hashes
		tx.AppendEvent(c.userEvent(p, p.User, "code-set", p.User+" signs in with a code from now on"))
		return save(tx, kindSignIn, p.User, row)
	})
}

func dropTOTP(tx *store.Tx, user string) error {
	row, found, err := load[signInRow](tx, kindSignIn, user)
	if err != nil || !found {
		return err
	}
	row.TOTP, row.Recovery, row.LastStep = nil, nil, 0
	return save(tx, kindSignIn, user, row)
}

// SignInState is how somebody signs in, without any secret.
type SignInState struct {
	Password bool
	Code     bool
	Recovery int // codes that are left
}

// ShowSignIn says how a user signs in.
func (c *Control) ShowSignIn(_ context.Context, p acl.Principal, user string) (SignInState, error) {
	if err := c.allowUser(p, acl.ReadUser, user); err != nil {
		return SignInState{}, err
	}
	row, _, err := load[signInRow](c.Store, kindSignIn, user)
	if err != nil {
		return SignInState{}, fmt.Errorf("read how %s signs in: %w", user, err)
	}
	return SignInState{Password: row.Password != "", Code: row.TOTP != nil, Recovery: len(row.Recovery)}, nil
}
