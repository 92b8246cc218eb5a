package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/control"
	"github.com/zonefleet/zonefleet/internal/store"
)

type cluster struct{ err error }

func (c cluster) Status(context.Context, acl.Principal) (control.Status, error) {
	return control.Status{Self: control.Identity{Name: "ns1.example"}, Zones: 42, Sentence: "in step <b>"}, c.err
}

func (c cluster) Changes(context.Context, acl.Principal, store.Position, int) ([]control.Change, error) {
	return nil, nil
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func server(c cluster) (*Server, *clock) {
	k := &clock{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	return New(c, k.now, slog.New(slog.DiscardHandler)), k
}

func get(s *Server, path string, cookies ...*http.Cookie) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheLinkWorksOnce(t *testing.T) {
	s, _ := server(cluster{})
	link := s.NewLink()
	first := get(s, link)
	if first.StatusCode != http.StatusOK || len(first.Cookies()) != 1 {
		t.Fatalf("first use: %s %v", first.Status, first.Cookies())
	}
	c := first.Cookies()[0]
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie is %+v", c)
	}
	if second := get(s, link); second.StatusCode != http.StatusForbidden || len(second.Cookies()) != 0 {
		t.Errorf("second use: %s", second.Status)
	}
	page := get(s, "/", c)
	if body := text(t, page); page.StatusCode != http.StatusOK || !strings.Contains(body, "42") || strings.Contains(body, "in step <b>") {
		t.Errorf("the page: %s %s", page.Status, body)
	}
}

func TestWithoutASessionNothingIsShown(t *testing.T) {
	s, k := server(cluster{})
	if r := get(s, "/"); r.StatusCode != http.StatusUnauthorized || strings.Contains(text(t, r), "ns1.example") {
		t.Errorf("without a cookie: %s", r.Status)
	}
	if r := get(s, "/", &http.Cookie{Name: cookieName, Value: "guess"}); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("with a guess: %s", r.Status)
	}
	link := s.NewLink()
	k.at = k.at.Add(linkLife + time.Second)
	if r := get(s, link); r.StatusCode != http.StatusForbidden {
		t.Errorf("an old link: %s", r.Status)
	}
	c := get(s, s.NewLink()).Cookies()[0]
	k.at = k.at.Add(sessionLife + time.Second)
	if r := get(s, "/", c); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("an old session: %s", r.Status)
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	s, _ := server(cluster{})
	c := get(s, s.NewLink()).Cookies()[0]
	r := httptest.NewRequest(http.MethodPost, "/signout", nil)
	r.AddCookie(c)
	s.ServeHTTP(httptest.NewRecorder(), r)
	if r := get(s, "/", c); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("after signing out: %s", r.Status)
	}
}

func TestAFailureTellsNothing(t *testing.T) {
	s, _ := server(cluster{err: errors.New("secret detail")})
	c := get(s, s.NewLink()).Cookies()[0]
	if r := get(s, "/", c); r.StatusCode != http.StatusInternalServerError || strings.Contains(text(t, r), "secret detail") {
		t.Errorf("a failure: %s", r.Status)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	s, k := server(cluster{})
	first := get(s, s.NewLink()).Cookies()[0]
	for range maxSessions {
		k.at = k.at.Add(time.Second)
		get(s, s.NewLink())
	}
	if r := get(s, "/", first); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the oldest session is still open: %s", r.Status)
	}
	if n := len(s.sessions.open); n != maxSessions {
		t.Errorf("%d sessions are open", n)
	}
}

func TestNothingIsFetchedFromElsewhere(t *testing.T) {
	s, _ := server(cluster{})
	r := get(s, "/")
	if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
	for _, word := range []string{"http://", "https://", "<script", "style="} {
		if strings.Contains(pageHTML, word) || strings.Contains(string(pageCSS), word) {
			t.Errorf("the page contains %q", word)
		}
	}
}
