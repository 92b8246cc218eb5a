package rest

import (
	"net/http"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// health has the calls of monitoring: without a token on loopback, with one elsewhere (see signIn).
func (s *Server) health() {
	s.mux.HandleFunc("GET /healthz", s.monitoring(func(w http.ResponseWriter, _ *http.Request) {
		writeText(w, http.StatusOK, "ok")
	}))
	s.mux.HandleFunc("GET /readyz", s.monitoring(s.ready))
	s.mux.HandleFunc("GET /metrics", s.monitoring(s.metrics))
}

func (s *Server) monitoring(f http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// On loopback nobody may have signed in; whoever did is asked for the right, as elsewhere.
		if p := principal(r.Context()); p.Kind != "" {
			if err := may(p, acl.ReadStatus); err != nil {
				writeProblem(w, s.problem(err))
				return
			}
		}
		f(w, r)
	}
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.Ready != nil {
		if err := s.Ready(); err != nil {
			writeText(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
	}
	writeText(w, http.StatusOK, "ready")
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	if s.Metrics == nil {
		writeProblem(w, newProblem(http.StatusNotFound, control.CodeNotFound, "this server counts nothing", ""))
		return
	}
	s.Metrics.ServeHTTP(w, r)
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client may be gone
}
