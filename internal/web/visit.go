package web

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
)

// maxForm bounds the body of a form: a zone file of a few thousand records fits.
const maxForm = 2 << 20

// Visit is one request while it is answered.
type Visit struct {
	*http.Request
	w       http.ResponseWriter
	server  *Server
	session Session        // the zero one on routes for anybody
	as      *acl.Principal // whose cluster the page is about, if not the own user's
}

// Principal is who asks: for the pages of the cluster, whose cluster was chosen.
func (v *Visit) Principal() acl.Principal {
	if v.as != nil {
		return *v.as
	}
	return v.session.Principal
}

// isPart reports whether htmx asks for the element of that id alone.
func (v *Visit) isPart(id string) bool {
	_, target, _ := strings.Cut(v.Header.Get("HX-Target"), "#")
	return v.Header.Get("HX-Request") != "" && target == id
}

// handler wraps a page: finds out who asks, bounds the body, and turns an error into a page of its own.
func (s *Server) handler(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		v := &Visit{Request: r, w: w, server: s}
		session, err := s.sessionOf(r)
		if err != nil && !errors.Is(err, ErrNotSignedIn) {
			v.fail(err)
			return
		}
		v.session = session
		if route.Who == SignedIn && err != nil {
			v.mustSignIn()
			return
		}
		v.act(route.Pattern)
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(r.ParseForm(), &tooLarge) {
			v.fail(&control.Error{Code: control.CodeTooLarge, Message: "the form is too large"})
			return
		}
		if err := route.page(v); err != nil {
			v.fail(err)
		}
	})
}

func (s *Server) sessionOf(r *http.Request) (Session, error) {
	secret := secretOf(r)
	if secret == "" {
		return Session{}, ErrNotSignedIn
	}
	session, err := s.Accounts.Session(r.Context(), secret)
	session.Principal.From = addressOf(r).String()
	return session, err
}

func addressOf(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	a, _ := netip.ParseAddr(host)
	return a.Unmap().WithZone("")
}

// show answers with a whole page. It is rendered before a byte is sent, so that a failure is a page too.
func (v *Visit) show(status int, p page, content templ.Component) error {
	frame, err := v.frame(p)
	if err != nil {
		return err
	}
	return v.write(status, layout(frame, content))
}

// part answers with a piece of a page, for htmx.
func (v *Visit) part(content templ.Component) error { return v.write(http.StatusOK, content) }

func (v *Visit) write(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(v.Context(), &b); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request")
	writeCompressed(v.w, v.Request, status, b.Bytes())
	return nil
}

// done ends a form that was carried out: the notice is shown on the page that follows, which can be reloaded.
func (v *Visit) done(to string, n notice) error {
	v.server.flashes.put(v.session.ID, n)
	return v.redirect(to)
}

func (v *Visit) redirect(to string) error {
	http.Redirect(v.w, v.Request, to, http.StatusSeeOther)
	return nil
}

// fail answers with the page of an error. Of what is no control.Error nothing is told but that it is in the log.
func (v *Visit) fail(err error) {
	if v.Context().Err() != nil {
		return // the browser is gone
	}
	var e *control.Error
	if !errors.As(err, &e) {
		v.server.Logger.Error("page failed", "path", v.Pattern, "err", err)
		v.server.refusal(v, http.StatusInternalServerError, problem{Text: "The server could not make this page. Its log says why."})
		return
	}
	if e.Err != nil {
		v.server.Logger.Debug("page refused", "path", v.Pattern, "err", errors.Join(e, e.Err))
	}
	v.server.refusal(v, statusOf(e.Code), problem{Text: sentence(e.Error()), Hint: e.Hint, Details: e.Details})
}

func statusOf(code control.Code) int {
	switch code {
	case control.CodeUnauthenticated:
		return http.StatusUnauthorized
	case control.CodeDenied:
		return http.StatusForbidden
	case control.CodeNotFound:
		return http.StatusNotFound
	case control.CodeExists, control.CodeStale, control.CodeConflict, control.CodeClusteringOff:
		return http.StatusConflict
	case control.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case control.CodeUnavailable, control.CodeStorageFull:
		return http.StatusServiceUnavailable
	case control.CodeInternal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// sentence makes a message of control, lower case and without a stop, one that stands alone. A name that it begins with
// stays as it is.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	first, _, _ := strings.Cut(text, " ")
	if strings.ContainsAny(strings.TrimRight(first, ".:,;"), ".:/") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// local is a path of this server, or "/": where to go on after signing in is taken from no other site.
func local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}
