package node

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/web"
)

// accounts is who signs in to the pages: the users of control.
type accounts struct{ node *Node }

var _ web.Accounts = accounts{}

// HasPasswords implements web.Accounts.
func (a accounts) HasPasswords(context.Context) bool { return a.node.control.HasPasswords() }

// SignIn implements web.Accounts.
func (a accounts) SignIn(ctx context.Context, c web.Credentials) (web.Ticket, error) {
	t, err := a.node.control.SignIn(ctx, control.Credentials{User: c.User, Password: c.Password, Code: c.Code, From: c.From})
	return ticketOf(t), forPages(err)
}

// Redeem implements web.Accounts.
func (a accounts) Redeem(ctx context.Context, secret string, from netip.Addr) (web.Ticket, error) {
	t, err := a.node.control.Redeem(ctx, secret, from)
	return ticketOf(t), forPages(err)
}

func ticketOf(t control.Ticket) web.Ticket {
	return web.Ticket{Secret: t.Secret, Until: t.Until, NoPassword: t.NoPassword}
}

// Session implements web.Accounts.
func (a accounts) Session(ctx context.Context, secret string) (web.Session, error) {
	s, p, err := a.node.control.Session(ctx, secret)
	if err != nil {
		return web.Session{}, forPages(err)
	}
	return web.Session{ID: s.ID, Principal: p, Until: time.UnixMilli(int64(s.Until))}, nil
}

// StillOpen implements web.Accounts.
func (a accounts) StillOpen(ctx context.Context, secret string) bool {
	return a.node.control.StillOpen(ctx, secret)
}

// SignOut implements web.Accounts.
func (a accounts) SignOut(ctx context.Context, secret string) error {
	return a.node.control.SignOut(ctx, secret)
}

// linkTimeout bounds how long a link waits for the disk.
const linkTimeout = 5 * time.Second

// NewLink implements web.Accounts: a link for root. Where none can be kept, the log says why.
func (a accounts) NewLink() string {
	ctx, cancel := context.WithTimeout(context.Background(), linkTimeout)
	defer cancel()
	secret, err := a.node.control.MakeLink(ctx, acl.Node(), acl.Root)
	if err != nil {
		a.node.log.Error("no sign-in link was made", "err", err)
		return "none"
	}
	return secret
}

// forPages gives what control refuses on purpose the names that pages know.
func forPages(err error) error {
	switch {
	case errors.Is(err, control.ErrThrottled):
		return web.ErrThrottled
	case errors.Is(err, control.ErrCodeNeeded):
		return web.ErrCodeNeeded
	case errors.Is(err, control.ErrRefused):
		return web.ErrRefused
	case control.CodeOf(err) == control.CodeUnauthenticated:
		return web.ErrNotSignedIn
	}
	return err
}
