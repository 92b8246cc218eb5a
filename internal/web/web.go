package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Control is what the pages ask for; *control.Control has it. Each page declares its part beside its handler.
type Control interface {
	overview
	switches
	members
	newServers
	invites
	knownServers
	nameservers
	ways
	synchronizing
	trustedAddresses
	managers
	zones
	trash
	changeSets
	tokens
	oneZone
	zoneMaking
	templates
	logs
	settingsControl
	history
	held
	conflicts
	questions
	drifts
	users
	ownSignIn
}

// Deps is what a Server works with.
type Deps struct {
	Control  Control
	Accounts Accounts
	Now      func() time.Time
	Logger   *slog.Logger
}

// Server answers browsers.
type Server struct {
	Deps
	mux     *http.ServeMux
	guard   *http.CrossOriginProtection
	assets  func() *assets
	flashes flashes
	streams streams
	sealer  sealer
	acting  acting
	drafts  drafts
}

// New makes a server. Nothing is read or compressed before the first request.
func New(d Deps) *Server {
	s := &Server{Deps: d, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection(), assets: sync.OnceValue(loadAssets), sealer: newSealer()}
	s.streams.ending, s.streams.end = context.WithCancel(context.Background())
	for _, r := range Routes() {
		s.mux.Handle(r.Method+" "+r.Pattern, s.handler(r))
	}
	s.mux.Handle("/", s.handler(Route{Who: Anybody, page: nothingHere}))
	return s
}

// Close ends what stays open, so that a server that stops does not wait for browsers.
func (s *Server) Close() { s.streams.end() }

// NewLink makes the path of a sign-in link, which works once and for an hour; the one before it no longer works.
func (s *Server) NewLink() string { return LinkPath(s.Accounts.NewLink()) }

// LinkPath is where the secret of a sign-in link is used.
func LinkPath(secret string) string { return "/signin/" + secret }

// policy is the Content-Security-Policy of every answer: nothing is framed, scripted inline or fetched from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// ServeHTTP implements http.Handler. A request that another site's page made is refused before anything is looked at.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if err := s.guard.Check(r); err != nil {
		s.refuse(w, r, http.StatusForbidden, "This request came from another site, so nothing was done.")
		return
	}
	s.mux.ServeHTTP(w, r)
}
