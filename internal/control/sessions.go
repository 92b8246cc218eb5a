package control

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/store"
	"github.com/zonefleet/zonefleet/internal/zone"
)

// Sessions lie in the store by the hash of their secret, so that they survive a restart and a look into the store gives no
// way in.
const (
	kindSession = "session" // hash of the secret → sessionRow
	kindLink    = "link"    // hash of the secret → linkRow
)

// Bounds of sessions and links.
const (
	sessionLife = 12 * time.Hour // a working day
	sessionIdle = 2 * time.Hour
	// sessionNoted is how often it is noted that a session is in use: a synced commit each.
	sessionNoted = 5 * time.Minute
	maxSessions  = 32 // of one user; the oldest ends when one more begins
	// linkLife is short: a link lies in a terminal, a log or a mail.
	linkLife = time.Hour
)

// tokenOfBrowser is the TokenName of who has a session.
const tokenOfBrowser = "browser"

type sessionRow struct {
	User   string
	Opened zone.Millis
	Seen   zone.Millis
	From   string
	Means  string // "password", "link"
}

type linkRow struct {
	User  string
	Until zone.Millis
}

// Ticket is a new session: its secret, which the browser keeps, and when it ends at the latest.
type Ticket struct {
	Secret string
	Until  time.Time
	// NoPassword says that the user has none: a page asks for one.
	NoPassword bool
}

// Session is one that is open.
type Session struct {
	ID    string // names it without giving it away
	User  string
	From  string
	Means string // "password" or "link"
	Opened,
	Seen zone.Millis
	Until zone.Millis // at the latest
}

func (s sessionRow) until() zone.Millis {
	return min(s.Opened+zone.Millis(sessionLife.Milliseconds()), s.Seen+zone.Millis(sessionIdle.Milliseconds()))
}

func (s sessionRow) session(id string) Session {
	return Session{ID: shortID(id), User: s.User, From: s.From, Means: s.Means, Opened: s.Opened, Seen: s.Seen, Until: s.until()}
}

// shortID is enough of a hash to name a session among those of a user.
func shortID(id string) string { return id[:min(len(id), 12)] }

// open begins a session.
func (c *Control) open(ctx context.Context, user string, from netip.Addr, means string) (Ticket, error) {
	text, id := newSecret()
	now := c.Now()
	row := sessionRow{User: user, Opened: now, Seen: now, From: from.String(), Means: means}
	t := Ticket{Secret: text, Until: c.time().Add(sessionLife)}
	err := c.commitRecords(ctx, user, func(tx *store.Tx) error {
		kept, _, err := load[signInRow](tx, kindSignIn, user)
		if err != nil {
			return err
		}
		t.NoPassword = kept.Password == ""
		if err := c.roomForSession(tx, user); err != nil {
			return err
		}
		p := acl.Principal{User: user, Kind: acl.KindAPI, From: row.From}
		tx.AppendEvent(c.userEvent(p, user, "signed-in", fmt.Sprintf("%s signed in by %s from %s", user, means, row.From)))
		return save(tx, kindSession, id, row)
	})
	return t, err
}

// roomForSession forgets sessions that have ended, and ends the oldest of a user who has too many.
func (c *Control) roomForSession(tx *store.Tx, user string) error {
	rows, err := loadAll[sessionRow](c.Store, kindSession)
	if err != nil {
		return err
	}
	var own []string
	for id, s := range rows {
		switch {
		case s.until() <= c.Now():
			tx.DeleteRecord(kindSession, id)
		case s.User == user:
			own = append(own, id)
		}
	}
	slices.SortFunc(own, func(a, b string) int { return cmp.Compare(rows[a].Opened, rows[b].Opened) })
	for len(own) >= maxSessions {
		tx.DeleteRecord(kindSession, own[0])
		own = own[1:]
	}
	return nil
}

// Session is whose session has that secret, and who that is now. Whoever asks does something, so the session is not idle.
func (c *Control) Session(ctx context.Context, secret string) (Session, acl.Principal, error) {
	s, p, err := c.openSession(ctx, secret)
	if err != nil {
		return Session{}, acl.Principal{}, err
	}
	id := secretID(secret)
	if c.Now()-s.Seen > zone.Millis(sessionNoted.Milliseconds()) {
		err = c.commitRecords(ctx, s.User, func(tx *store.Tx) error {
			s, found, err := load[sessionRow](tx, kindSession, id)
			if err != nil || !found {
				return err
			}
			s.Seen = c.Now()
			return save(tx, kindSession, id, s)
		})
		if CodeOf(err) == CodeStorageFull {
			err = nil // a full disk signs nobody out before the time
		}
	}
	return s, p, err
}

// StillOpen reports whether a session has not ended; it makes none longer.
func (c *Control) StillOpen(ctx context.Context, secret string) bool {
	_, _, err := c.openSession(ctx, secret)
	return err == nil
}

func (c *Control) openSession(ctx context.Context, secret string) (Session, acl.Principal, error) {
	id := secretID(secret)
	row, found, err := load[sessionRow](c.Store, kindSession, id)
	if err != nil {
		return Session{}, acl.Principal{}, err
	}
	nobody := fail(CodeUnauthenticated, "", "nobody is signed in")
	if !found || row.until() <= c.Now() {
		return Session{}, acl.Principal{}, nobody
	}
	p, err := c.principalOf(ctx, row.User)
	if err != nil {
		return Session{}, acl.Principal{}, nobody.because(err)
	}
	p.TokenName, p.From = tokenOfBrowser, row.From
	return row.session(id), p, nil
}

// SignOut ends the session of that secret.
func (c *Control) SignOut(ctx context.Context, secret string) error {
	return c.commitRecords(ctx, "session", func(tx *store.Tx) error {
		tx.DeleteRecord(kindSession, secretID(secret))
		return nil
	})
}

// Sessions lists the open sessions of a user, the newest first.
func (c *Control) Sessions(_ context.Context, p acl.Principal, user string) ([]Session, error) {
	if err := c.allowSessions(p, user); err != nil {
		return nil, err
	}
	rows, err := loadAll[sessionRow](c.Store, kindSession)
	if err != nil {
		return nil, err
	}
	var list []Session
	for id, s := range rows {
		if s.User == user && s.until() > c.Now() {
			list = append(list, s.session(id))
		}
	}
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(cmp.Compare(b.Opened, a.Opened), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// EndSessions ends one session of a user, or all with an empty id. It returns how many.
func (c *Control) EndSessions(ctx context.Context, p acl.Principal, user, session string) (ended int, err error) {
	if err := c.allowSessions(p, user); err != nil {
		return 0, err
	}
	err = c.commitRecords(ctx, user, func(tx *store.Tx) error {
		ended, err = c.endSessions(tx, user, func(id string) bool { return session == "" || shortID(id) == session })
		if err == nil && ended == 0 && session != "" {
			return fail(CodeNotFound, session, "%s has no such session", user)
		}
		if ended > 0 {
			tx.AppendEvent(c.userEvent(p, user, "sessions-ended", fmt.Sprintf("%d sessions of %s ended", ended, user)))
		}
		return err
	})
	return ended, err
}

func (c *Control) endSessions(tx *store.Tx, user string, chosen func(id string) bool) (n int, err error) {
	rows, err := loadAll[sessionRow](c.Store, kindSession)
	for id, s := range rows {
		if s.User == user && chosen(id) {
			tx.DeleteRecord(kindSession, id)
			n++
		}
	}
	return n, err
}

// allowSessions: one's own, signed in; those of own accounts with the right to set their passwords.
func (c *Control) allowSessions(p acl.Principal, user string) error {
	if p.User == user && !p.Root {
		return c.allowUser(p, acl.OwnSignIn, user)
	}
	return c.allowUser(p, acl.SetPassword, user)
}

// MakeLink makes the secret of a link that signs in as a user, once and for an hour; a new one ends the one before.
func (c *Control) MakeLink(ctx context.Context, p acl.Principal, user string) (secret string, err error) {
	if err := c.allowUser(p, acl.OpenSession, user); err != nil {
		return "", err
	}
	text, id := newSecret()
	row := linkRow{User: user, Until: c.Now() + zone.Millis(linkLife.Milliseconds())}
	return text, c.commitRecords(ctx, user, func(tx *store.Tx) error {
		if err := c.endLinks(tx, user); err != nil {
			return err
		}
		if p.Kind != acl.KindNode {
			tx.AppendEvent(c.userEvent(p, user, "link-made", "a sign-in link for "+user+" was made"))
		}
		return save(tx, kindLink, id, row)
	})
}

// endLinks ends the links of a user, and forgets those of all that are too old.
func (c *Control) endLinks(tx *store.Tx, user string) error {
	rows, err := loadAll[linkRow](c.Store, kindLink)
	for id, l := range rows {
		if l.User == user || l.Until <= c.Now() {
			tx.DeleteRecord(kindLink, id)
		}
	}
	return err
}

// Redeem turns the secret of a link into a session, once.
func (c *Control) Redeem(ctx context.Context, secret string, from netip.Addr) (Ticket, error) {
	id, user := secretID(secret), ""
	err := c.commitRecords(ctx, "link", func(tx *store.Tx) error {
		row, found, err := load[linkRow](tx, kindLink, id)
		if err != nil {
			return err
		}
		tx.DeleteRecord(kindLink, id)
		if found && row.Until > c.Now() {
			user = row.User
		}
		return nil
	})
	if err != nil {
		return Ticket{}, err
	}
	if _, err := c.principalOf(ctx, user); user == "" || err != nil {
		return Ticket{}, refusedSignIn()
	}
	return c.open(ctx, user, from, "link")
}
