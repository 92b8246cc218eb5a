package rest

import (
	"context"
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
	token, presented := bearer(r)
	switch {
	case r.URL.Path == Prefix+"/openapi.json":
	case !presented && isMonitoring(r.URL.Path) && from.IsLoopback():
	case !presented:
		s.refuse(w, http.StatusUnauthorized, "give a token: Authorization: Bearer zf_…", "")
		return
	default:
		now := s.Now()
		if wait := s.failed.wait(from, now); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
			s.refuse(w, http.StatusTooManyRequests, "too many failed sign-ins from this address", "wait "+wait.String())
			return
		}
		p, err := s.Tokens.Verify(r.Context(), token, from)
		if err != nil {
			if r.Context().Err() == nil {
				s.failed.add(from, now)
			}
			s.Logger.Warn("sign-in failed", "from", from.String(), "error", err) // the error names the token's id only
			s.refuse(w, http.StatusUnauthorized, "the token is not accepted", "it may be of another server, revoked or expired")
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), principalKey{}, p))
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) refuse(w http.ResponseWriter, status int, detail, hint string) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	code := control.CodeUnauthenticated
	if status == http.StatusTooManyRequests {
		code = codeThrottled
	}
	writeProblem(w, newProblem(status, code, detail, hint))
}

// bearer takes the token of RFC 6750 section 2.1. A token in the URL would end up in logs, so none is looked for there.
func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") {
		return "", r.Header.Get("Authorization") != ""
	}
	return strings.TrimSpace(token), true
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
