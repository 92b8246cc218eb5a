package web

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS []byte

// Cluster is what the page shows; *control.Control has it.
type Cluster interface {
	Status(ctx context.Context, p acl.Principal) (control.Status, error)
	Changes(ctx context.Context, p acl.Principal, before store.Position, limit int) ([]control.Change, error)
}

// Server answers browsers.
type Server struct {
	cluster  Cluster
	sessions *sessions
	page     *template.Template
	log      *slog.Logger
	mux      *http.ServeMux
}

// New makes a server; now is the clock of sessions.
func New(c Cluster, now func() time.Time, log *slog.Logger) *Server {
	s := &Server{cluster: c, sessions: newSessions(now), log: log, mux: http.NewServeMux()}
	s.page = template.Must(template.New("page").Parse(pageHTML))
	s.mux.HandleFunc("GET /{$}", s.home)
	s.mux.HandleFunc("GET /style.css", s.style)
	s.mux.HandleFunc("GET /signin/{secret}", s.signIn)
	s.mux.HandleFunc("POST /signout", s.signOut)
	return s
}

// Paths is what the server answers, for whoever shares the port.
func Paths() []string { return []string{"/style.css", "/signin/", "/signout"} }

// NewLink makes the path of a sign-in link, which works once and for an hour; the one before it no longer works.
func (s *Server) NewLink() string { return "/signin/" + s.sessions.newLink() }

// ServeHTTP implements http.Handler. Nothing is framed, sniffed, cached, scripted or fetched from elsewhere.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	http.NewCrossOriginProtection().Handler(s.mux).ServeHTTP(w, r)
}

func (s *Server) style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(pageCSS) // the browser is gone when this fails
}

// signIn shows a page that goes on by itself: a redirect would come without the new cookie, because SameSite=Strict
// holds it back on a navigation that began elsewhere.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	cookie, ok := s.sessions.exchange(r.PathValue("secret"))
	if !ok {
		s.show(w, http.StatusForbidden, view{Used: true})
		return
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Refresh", "0; url=/")
	s.show(w, http.StatusOK, view{Entering: true})
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	s.sessions.end(r)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	if !s.sessions.signedIn(r) {
		s.show(w, http.StatusUnauthorized, view{})
		return
	}
	v, err := s.look(r.Context())
	if err != nil {
		s.log.Error("status page failed", "err", err)
		s.show(w, http.StatusInternalServerError, view{Failed: true})
		return
	}
	w.Header().Set("Refresh", "5") // live enough without a script
	s.show(w, http.StatusOK, v)
}

func (s *Server) show(w http.ResponseWriter, status int, v view) {
	var b bytes.Buffer
	if err := s.page.Execute(&b, v); err != nil {
		s.log.Error("page was not made", "err", err)
		status = http.StatusInternalServerError
		b.Reset()
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	b.WriteTo(w) // the browser is gone when this fails
}
