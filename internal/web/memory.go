package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"sync"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
)

// Bounds of sessions. A link lies in a terminal or a log, so it is short-lived; sessions last a working day.
const (
	linkLife    = time.Hour
	sessionLife = 12 * time.Hour
	maxSessions = 256 // the oldest ends when one more begins
)

type secretHash [sha256.Size]byte

// Memory is Accounts without a table of people: root alone, by a sign-in link alone, in sessions that end with the
// process. It holds hashes of secrets only: a look into memory or a log gives no way in.
type Memory struct {
	now func() time.Time

	mu    sync.Mutex
	links map[secretHash]time.Time // until when a sign-in link works
	open  map[secretHash]time.Time // until when a session lasts
}

// NewMemory makes one; now is the clock of links and sessions.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, links: map[secretHash]time.Time{}, open: map[secretHash]time.Time{}}
}

func newSecret() (text string, h secretHash) {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	text = base64.RawURLEncoding.EncodeToString(b[:])
	return text, sha256.Sum256([]byte(text))
}

// NewLink implements Accounts.
func (m *Memory) NewLink() string {
	text, h := newSecret()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.links = map[secretHash]time.Time{h: m.now().Add(linkLife)}
	return text
}

// HasPasswords implements Accounts: nobody has one.
func (m *Memory) HasPasswords(context.Context) bool { return false }

// SignIn implements Accounts: there is nobody with a password.
func (m *Memory) SignIn(context.Context, Credentials) (Ticket, error) { return Ticket{}, ErrRefused }

// Redeem implements Accounts.
func (m *Memory) Redeem(_ context.Context, secret string, _ netip.Addr) (Ticket, error) {
	h := sha256.Sum256([]byte(secret))
	m.mu.Lock()
	defer m.mu.Unlock()
	until, ok := m.links[h]
	delete(m.links, h)
	if !ok || m.now().After(until) {
		return Ticket{}, ErrRefused
	}
	m.makeRoom()
	text, session := newSecret()
	m.open[session] = m.now().Add(sessionLife)
	return Ticket{Secret: text, Until: m.open[session]}, nil
}

func (m *Memory) makeRoom() {
	var oldest secretHash
	var first time.Time
	for h, until := range m.open {
		if m.now().After(until) {
			delete(m.open, h)
			continue
		}
		if first.IsZero() || until.Before(first) {
			oldest, first = h, until
		}
	}
	if len(m.open) >= maxSessions {
		delete(m.open, oldest)
	}
}

// Session implements Accounts.
func (m *Memory) Session(_ context.Context, secret string) (Session, error) {
	h := sha256.Sum256([]byte(secret))
	m.mu.Lock()
	defer m.mu.Unlock()
	until, ok := m.open[h]
	if !ok || !m.now().Before(until) {
		return Session{}, ErrNotSignedIn
	}
	p := acl.Local()
	p.TokenName = "browser"
	return Session{ID: base64.RawURLEncoding.EncodeToString(h[:8]), Principal: p, Until: until}, nil
}

// StillOpen implements Accounts.
func (m *Memory) StillOpen(ctx context.Context, secret string) bool {
	_, err := m.Session(ctx, secret)
	return err == nil
}

// SignOut implements Accounts.
func (m *Memory) SignOut(_ context.Context, secret string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.open, sha256.Sum256([]byte(secret)))
	return nil
}
