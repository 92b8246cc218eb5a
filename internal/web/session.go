package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
)

// Bounds of sessions. A link lies in a terminal or a log, so it is short-lived; sessions last a working day.
const (
	linkLife    = time.Hour
	sessionLife = 12 * time.Hour
	maxSessions = 256 // the oldest ends when one more begins
	cookieName  = "__Host-zonefleet"
)

type secretHash [sha256.Size]byte

// sessions holds hashes of secrets only: a look into memory or a log gives no way in.
type sessions struct {
	now func() time.Time

	mu    sync.Mutex
	links map[secretHash]time.Time // until when a sign-in link works
	open  map[secretHash]time.Time // until when a session lasts
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, links: map[secretHash]time.Time{}, open: map[secretHash]time.Time{}}
}

func newSecret() (text string, h secretHash) {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	text = base64.RawURLEncoding.EncodeToString(b[:])
	return text, sha256.Sum256([]byte(text))
}

// newLink makes the secret of a sign-in link. An older link that nobody used no longer works.
func (s *sessions) newLink() string {
	text, h := newSecret()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links = map[secretHash]time.Time{h: s.now().Add(linkLife)}
	return text
}

// exchange turns the secret of a link into a session, once.
func (s *sessions) exchange(secret string) (*http.Cookie, bool) {
	h := sha256.Sum256([]byte(secret))
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.links[h]
	delete(s.links, h)
	if !ok || s.now().After(until) {
		return nil, false
	}
	s.makeRoom()
	text, session := newSecret()
	s.open[session] = s.now().Add(sessionLife)
	return &http.Cookie{
		Name: cookieName, Value: text, Path: "/", MaxAge: int(sessionLife.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}, true
}

func (s *sessions) makeRoom() {
	var oldest secretHash
	var first time.Time
	for h, until := range s.open {
		if s.now().After(until) {
			delete(s.open, h)
			continue
		}
		if first.IsZero() || until.Before(first) {
			oldest, first = h, until
		}
	}
	if len(s.open) >= maxSessions {
		delete(s.open, oldest)
	}
}

// signedIn reports whether the request belongs to a session.
func (s *sessions) signedIn(r *http.Request) bool {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	h := sha256.Sum256([]byte(c.Value))
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.open[h]
	return ok && s.now().Before(until)
}

// end signs the request's session out.
func (s *sessions) end(r *http.Request) {
	if c, err := r.Cookie(cookieName); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, sha256.Sum256([]byte(c.Value)))
	}
}
