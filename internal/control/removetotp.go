package control

import (
	"context"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
)

// RemoveTOTP asks for no code any more when a user signs in. One's own takes a code of the authenticator, or a recovery code:
// that is the proof, so a token may bring it too, which is the only way over REST for somebody with an authenticator. Of
// another user it is for who may set the password, and takes none.
func (c *Control) RemoveTOTP(ctx context.Context, p acl.Principal, user, code string) error {
	if code == "" {
		return c.takeTOTP(ctx, p, user)
	}
	if err := c.allowUser(p, acl.ReadUser, user); err != nil {
		return err
	}
	if user != p.User {
		return fail(CodeInvalid, "code", "a code is for the own authenticator; that of another user is removed without one")
	}
	if err := c.Throttled(addrOf(p), user); err != nil {
		return err
	}
	row, _, err := load[signInRow](c.Store, kindSignIn, user)
	if err != nil {
		return err
	}
	if row.TOTP == nil {
		return noTOTP(user)
	}
	if err := c.useSignInCode(ctx, Credentials{User: user, Code: code, From: addrOf(p)}); err != nil {
		return fail(CodeInvalid, "code", "the code is wrong, or was used already").because(err)
	}
	return c.commitTOTP(ctx, p, user)
}

// takeTOTP removes it without a code.
func (c *Control) takeTOTP(ctx context.Context, p acl.Principal, user string) error {
	if err := c.allowUser(p, acl.SetPassword, user); err != nil {
		return err
	}
	if err := mayDropCode(p, user); err != nil {
		return err
	}
	row, _, err := load[signInRow](c.Store, kindSignIn, user)
	if err != nil {
		return err
	}
	if row.TOTP == nil {
		return noTOTP(user)
	}
	return c.commitTOTP(ctx, p, user)
}

// mayDropCode: a session or a token that somebody found lying about takes nobody's own authenticator away. Root's is taken
// away on the machine.
func mayDropCode(p acl.Principal, user string) error {
	if user == p.User && p.TokenName == tokenOfBrowser || user == p.User && !p.Root {
		return fail(CodeInvalid, "code", "the own authenticator is removed with a code of it, or a recovery code")
	}
	return nil
}

func noTOTP(user string) error {
	return fail(CodeConflict, user, "%s signs in without a code already", user)
}

func (c *Control) commitTOTP(ctx context.Context, p acl.Principal, user string) error {
	return c.commitRecords(ctx, user, func(tx *store.Tx) error {
		tx.AppendEvent(c.userEvent(p, user, "code-removed", user+" signs in without a code from now on"))
		return dropTOTP(tx, user)
	})
}
