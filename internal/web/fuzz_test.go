package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzSignIn asks the pages with any path, cookie and header. Nobody who lacks the link's secret gets in, and the link
// that was made still works afterwards.
func FuzzSignIn(f *testing.F) {
	f.Add("GET", "/signin/", "", "")
	f.Add("POST", "/signout", cookieName+"=x", "https://evil.example")
	f.Add("GET", "/signin/..%2f..%2f", cookieName+"=", "null")
	f.Add("GET", "/", cookieName+"=a; "+cookieName+"=b", "")
	f.Fuzz(func(t *testing.T, method, path, cookie, origin string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
			return
		}
		s, _ := server(oneMember())
		link := s.NewLink()
		r := &http.Request{Method: method, URL: u, Header: http.Header{"Cookie": {cookie}, "Origin": {origin}}, Body: http.NoBody, Host: "ns1.example"}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		res := w.Result()
		if len(res.Cookies()) > 0 || strings.Contains(text(t, res), "ns1.example") {
			t.Fatalf("%s %s lets somebody in: %v", method, path, res.Header)
		}
		if res.Header.Get("Content-Security-Policy") == "" {
			t.Fatalf("%s %s is answered without a policy", method, path)
		}
		if res := get(s, link); res.StatusCode != http.StatusOK || len(res.Cookies()) != 1 {
			t.Fatalf("after %s %s the link is answered %d", method, path, res.StatusCode)
		}
	})
}
