package rest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

type principalKey struct{}

// principal is whoever signed in for this request; nobody, who may nothing, if nobody did.
func principal(ctx context.Context) acl.Principal {
	p, _ := ctx.Value(principalKey{}).(acl.Principal)
	return p
}

// signIn finds out who asks, before a byte of the body is read.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	from := remoteAddr(r)
	presented := r.Header.Get("Authorization") != ""
	switch {
	case r.URL.Path == Prefix+"/openapi.json":
	case !presented && isMonitoring(r.URL.Path) && from.IsLoopback():
	case !presented:
		s.refuse(w, &control.Error{Code: control.CodeUnauthenticated, Message: "give a token: Authorization: Bearer zf_…"})
		return
	default:
		p, err := s.whoIs(r, from)
		if err != nil {
			s.refuse(w, err)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), principalKey{}, p))
	}
	s.mux.ServeHTTP(w, r)
}

// whoIs takes a token (RFC 6750) or a user with a password (RFC 7617).
func (s *Server) whoIs(r *http.Request, from netip.Addr) (acl.Principal, error) {
	if user, password, ok := r.BasicAuth(); ok && s.Passwords != nil {
		p, err := s.Passwords.Authenticate(r.Context(), control.Credentials{User: user, Password: password, From: from})
		p.TokenName = "password"
		return p, err
	}
	if err := s.Control.Throttled(from, ""); err != nil {
		return acl.Principal{}, err
	}
	p, err := s.Tokens.Verify(r.Context(), bearer(r), from)
	if err == nil {
		return p, nil
	}
	if r.Context().Err() == nil {
		s.Control.Throttle.Fail(from, "", s.Now())
	}
	s.Logger.Warn("sign-in failed", "from", from.String(), "error", err) // the error names the token's id only
	return p, &control.Error{Code: control.CodeUnauthenticated, Message: "the token is not accepted", Hint: "it may be of another server, revoked or expired"}
}

// refuse answers before the request reaches a call.
func (s *Server) refuse(w http.ResponseWriter, err error) {
	p := s.problem(err)
	var e *control.Error
	if errors.As(err, &e) && e.After > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(e.After.Seconds())+1))
	}
	if p.Status == http.StatusUnauthorized {
		// Basic is not named: a browser that is asked for it keeps the password, and sends it whoever's page asks.
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeProblem(w, p)
}

// bearer takes the token of RFC 6750 section 2.1. A token in the URL would end up in logs, so none is looked for there.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func isMonitoring(path string) bool {
	return path == "/healthz" || path == "/readyz" || path == "/metrics"
}

// remoteAddr is the other end of the connection. Headers of proxies are not looked at: anybody can write them.
func remoteAddr(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
