package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// What Accounts answers on purpose. Whatever else it returns is a failure of the server.
var (
	ErrNotSignedIn = errors.New("nobody is signed in")
	ErrRefused     = errors.New("the user name, the password or the code is wrong")
	ErrCodeNeeded  = errors.New("a code is needed too")
	ErrThrottled   = errors.New("too many failed sign-ins; wait a minute")
)

// Accounts is who may sign in and who is signed in: the one port through which people come to the pages. Secrets go in
// and out as text; what is kept of them is the implementation's. Every method may be called concurrently.
type Accounts interface {
	// HasPasswords reports whether anybody can sign in with a password yet; until then the page tells of the link.
	HasPasswords(ctx context.Context) bool
	// SignIn checks a name and password, and a code where the account asks for one. It answers ErrRefused, whichever of
	// them was wrong or missing from the table, ErrCodeNeeded or ErrThrottled.
	SignIn(ctx context.Context, c Credentials) (Ticket, error)
	// Redeem turns the secret of a sign-in link into a session, once; ErrRefused for any other.
	Redeem(ctx context.Context, secret string, from netip.Addr) (Ticket, error)
	// Session is whose session has that secret; ErrNotSignedIn when there is none, or it has ended. Whoever asks is a person
	// who does something, so a session that ends when it is idle lasts longer by it.
	Session(ctx context.Context, secret string) (Session, error)
	// StillOpen reports whether the session has not ended. A page that is kept fresh asks it, and makes no session longer.
	StillOpen(ctx context.Context, secret string) bool
	// SignOut ends that session; a secret that is none is no error.
	SignOut(ctx context.Context, secret string) error
	// NewLink makes the secret of a sign-in link for root; the one before it no longer works.
	NewLink() string
}

// Credentials is what a person types in.
type Credentials struct {
	User, Password, Code string
	From                 netip.Addr
}

// Ticket is a new session: its secret, which the browser keeps, and when it ends at the latest.
type Ticket struct {
	Secret string
	Until  time.Time
	// NoPassword says that the user has none yet: a page asks for one.
	NoPassword bool
}

// Session is somebody who is signed in.
type Session struct {
	ID        string // names the session without giving it away
	Principal acl.Principal
	Until     time.Time
}

const cookieName = "__Host-zonefleet"

// cookieNameOf is the cookie of the server that the request is for. Browsers keep cookies by host and not by port (RFC 6265
// section 8.5): who signs in at a second server of one machine, as in the demo, would be signed out of the first.
func cookieNameOf(r *http.Request) string {
	_, port, err := net.SplitHostPort(r.Host)
	if _, number := strconv.ParseUint(port, 10, 16); err != nil || number != nil {
		return cookieName
	}
	return cookieName + "-" + port
}

func cookieOf(r *http.Request, t Ticket, now time.Time) *http.Cookie {
	return &http.Cookie{
		Name: cookieNameOf(r), Value: t.Secret, Path: "/", MaxAge: int(t.Until.Sub(now).Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// secretOf is the secret that the request carries, empty if none.
func secretOf(r *http.Request) string {
	c, err := r.Cookie(cookieNameOf(r))
	if err != nil {
		return ""
	}
	return c.Value
}
