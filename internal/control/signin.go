package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// kindSignIn holds how a user signs in, apart from what others are shown of the user: name → signInRow.
const kindSignIn = "sign-in"

type signInRow struct {
	Password string      // argon2id, PHC string format; empty: none is set
	Set      zone.Millis // when it was set
	TOTP     []byte      // sealed; nil: no code is asked for
	LastStep int64       // of the last code that was used
	Recovery []auth.Hash // codes that are left
}

// Credentials is what somebody presents to sign in.
type Credentials struct {
	User, Password string
	Code           string // of the authenticator, or a recovery code
	From           netip.Addr
}

// What SignIn and Authenticate answer on purpose, as the cause of an Error.
var (
	ErrRefused    = errors.New("refused")
	ErrCodeNeeded = errors.New("a code is needed")
	ErrThrottled  = errors.New("throttled")
)

func refusedSignIn() *Error {
	return fail(CodeUnauthenticated, "", "the user name, the password or the code is wrong").because(ErrRefused)
}

// Throttled is the refusal of a door that is asked too often; nil where it is not.
func (c *Control) Throttled(from netip.Addr, user string) error {
	wait := c.Throttle.Wait(from, user, c.time())
	if wait <= 0 {
		return nil
	}
	e := fail(CodeThrottled, "", "too many failed sign-ins").hint("wait %s", wait.Round(time.Second)+time.Second)
	e.After = wait
	return e.because(ErrThrottled)
}

// Authenticate finds out who presents the credentials, without a session, as HTTP Basic does. Users with an
// authenticator cannot: a code works once.
func (c *Control) Authenticate(ctx context.Context, cr Credentials) (acl.Principal, error) {
	row, err := c.checkPassword(ctx, cr)
	if err != nil {
		return acl.Principal{}, err
	}
	if row.TOTP != nil { // the sign-in page says as much after the right password
		return acl.Principal{}, fail(CodeUnauthenticated, "", "this user signs in with a code, and not here").hint("use a token").because(ErrCodeNeeded)
	}
	p, err := c.principalOf(ctx, cr.User)
	p.From = cr.From.String()
	return p, err
}

// SignIn opens a session for somebody with a password, and a code where the user has an authenticator. Whatever is wrong,
// the answer is the same; only after the right password it says that a code is needed.
func (c *Control) SignIn(ctx context.Context, cr Credentials) (Ticket, error) {
	row, err := c.checkPassword(ctx, cr)
	if err != nil {
		return Ticket{}, err
	}
	switch {
	case row.TOTP != nil && cr.Code == "":
		return Ticket{}, fail(CodeUnauthenticated, "", "a code is needed too").because(ErrCodeNeeded)
	case row.TOTP != nil:
		if err := c.useSignInCode(ctx, cr); err != nil {
			return Ticket{}, err
		}
	}
	return c.open(ctx, cr.User, cr.From, "password")
}

// checkPassword takes the same time whoever asks, and counts failures.
func (c *Control) checkPassword(ctx context.Context, cr Credentials) (signInRow, error) {
	if err := c.Throttled(cr.From, cr.User); err != nil {
		return signInRow{}, err
	}
	row, _, err := load[signInRow](c.Store, kindSignIn, cr.User)
	if err != nil {
		return signInRow{}, err
	}
	ok, err := c.hasher.Verify(ctx, row.Password, cr.Password)
	if err != nil {
		return signInRow{}, unavailable(ctx, "", err)
	}
	// Tries that came together have failed meanwhile: who may not try any more is not told how this one went.
	if err := c.Throttled(cr.From, cr.User); err != nil {
		return signInRow{}, err
	}
	if ok {
		_, err = c.principalOf(ctx, cr.User)
	}
	if !ok || err != nil {
		c.failed(cr)
		return signInRow{}, refusedSignIn()
	}
	return row, nil
}

func (c *Control) failed(cr Credentials) {
	c.Throttle.Fail(cr.From, cr.User, c.time())
	c.Logger.Warn("sign-in failed", "user", cr.User[:min(len(cr.User), maxAccount)], "from", cr.From.String())
}

// useSignInCode takes a code of the authenticator or a recovery code; each works once.
func (c *Control) useSignInCode(ctx context.Context, cr Credentials) error {
	c.codes.Lock() // one after the other, so that each sees how many have failed
	defer c.codes.Unlock()
	if err := c.Throttled(cr.From, cr.User); err != nil {
		return err
	}
	err := c.commitRecords(ctx, cr.User, func(tx *store.Tx) error {
		row, _, err := load[signInRow](tx, kindSignIn, cr.User)
		if err != nil {
			return err
		}
		if row, err = c.spendCode(row, cr.User, cr.Code); err != nil {
			return err
		}
		return save(tx, kindSignIn, cr.User, row)
	})
	if errors.Is(err, ErrRefused) {
		c.failed(cr)
	}
	return err
}

func (c *Control) spendCode(row signInRow, user, code string) (signInRow, error) {
	secret, err := c.Store.Unseal(row.TOTP, totpContext(user))
	if err != nil {
		return row, err
	}
	if step, ok := auth.TOTP(secret).Check(code, c.time(), row.LastStep); ok {
		row.LastStep = step
		return row, nil
	}
	if i := slices.Index(row.Recovery, auth.RecoveryHash(code)); i >= 0 {
		row.Recovery = slices.Delete(row.Recovery, i, i+1)
		return row, nil
	}
	return row, refusedSignIn()
}

func totpContext(user string) string { return kindSignIn + "\x00" + user }

// principalOf is who a user is now.
func (c *Control) principalOf(ctx context.Context, user string) (acl.Principal, error) {
	a, err := c.Account(ctx, user)
	if err != nil {
		return acl.Principal{}, err
	}
	return a.Principal(user)
}

// HasPasswords reports whether anybody can sign in with a password yet.
func (c *Control) HasPasswords() bool {
	ids, err := c.Store.RecordIDs(kindSignIn, "")
	return err == nil && len(ids) > 0
}

// newSecret makes the secret of a session or a link; only its hash is kept.
func newSecret() (text string, id string) {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	text = base64.RawURLEncoding.EncodeToString(b[:])
	return text, secretID(text)
}

func secretID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
