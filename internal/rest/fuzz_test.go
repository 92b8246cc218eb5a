package rest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

// requests are first inputs: each path with each method, and bodies that come far.
func requests() []string {
	out := []string{
		"POST /api/v1/zones\nContent-Type: application/json\n\n" + `{"name":"example.com","nameservers":["ns1.example.net"]}`,
		"POST /api/v1/zones/example.com/records\nContent-Type: application/json\n\n" + setWWW,
		"PATCH /api/v1/zones/example.com/records\nContent-Type: application/json\nIf-Match: \"x\"\n\n" + setWWW,
		"PUT /api/v1/zones/example.com/file\nContent-Type: text/dns\n\n" + aZoneFile,
		"POST /api/v1/import?wait=1\nContent-Type: application/x-ndjson\n\n" + `{"name":"example.com","text":"@ 300 SOA a. b. 1 2 3 4 5\n@ NS a."}` + "\n{",
		"POST /api/v1/members\nContent-Type: application/json\n\n" + `{"host":"192.0.2.1:2087","role":"synchronize","api_token":"zf_a_b","username":"root"}`,
		"POST /api/v1/tokens\nContent-Type: application/json\n\n" + `{"name":"web1","kind":"leaf","may_claim":1,"addresses":["192.0.2.0/24"]}`,
		"PUT /api/v1/settings\nContent-Type: application/json\n\n" + `{"nameservers":["ns1.example.net"],"allow_transfer":["::/0"]}`,
		"POST /api/v1/changes/1/undo?dry_run=true\n\n",
		"GET /api/v1/zones?search=a&after=b&limit=2\nAccept: application/json\nRange: bytes=0-1\n\n",
		"GET /api/v1/wait?zone=example.com&change=1&servers=1&timeout=10ms\n\n",
		"GET /metrics\nAuthorization: Basic cm9vdDpyb290\n\n",
	}
	for _, path := range []string{"cluster", "cluster/threshold", "conflicts/x/choose", "events", "check", "export", "zones/example.com/diff", "zones/a%2fb/history"} {
		for _, method := range []string{"GET", "PUT", "POST", "DELETE"} {
			out = append(out, method+" /api/v1/"+path+"\n\n{}")
		}
	}
	return out
}

// FuzzRequest: any request, as root and as nobody. The door answers in order: no internal error, documents that parse,
// errors that are problems, and nothing but the few public pages without a token.
func FuzzRequest(f *testing.F) {
	for _, r := range requests() {
		f.Add(r, true)
		f.Add(r, false)
	}
	_, door, token := newDoor(f)
	f.Fuzz(func(t *testing.T, text string, root bool) {
		req := parseRequest(text)
		if req == nil || strings.HasSuffix(req.URL.Path, "/backup") { // that writes a copy of the database for each input
			return
		}
		if root {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		req.RemoteAddr = "192.0.2.1:999"
		w := httptest.NewRecorder()
		began := time.Now()
		door.ServeHTTP(w, req.WithContext(ctx))
		if took := time.Since(began); took > 30*time.Second {
			t.Fatalf("answered after %s", took)
		}
		checkAnswer(t, w.Result(), root, req)
	})
}

// parseRequest reads a request as the server would: the input's lines become its head, what follows an empty line its body.
func parseRequest(text string) *http.Request {
	head, body, _ := strings.Cut(text, "\n\n")
	line, headers, _ := strings.Cut(head, "\n")
	raw := line + " HTTP/1.1\r\nHost: web1.example.net\r\n" + strings.ReplaceAll(headers, "\n", "\r\n") + "\r\n\r\n"
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil || req.URL.Path == "" || req.URL.Path[0] != '/' {
		return nil
	}
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return req
}

func checkAnswer(t *testing.T, res *http.Response, root bool, req *http.Request) {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusInternalServerError {
		t.Fatalf("%s %s is an internal error: %s", req.Method, req.URL, b)
	}
	public := map[string]bool{"/healthz": true, "/readyz": true, Prefix + "/openapi.json": true}
	if !root && res.StatusCode < 300 && !public[req.URL.Path] {
		t.Fatalf("%s %s is answered without a token: %d %s", req.Method, req.URL, res.StatusCode, b)
	}
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if req.Method != http.MethodHead && strings.HasSuffix(media, "json") && media != "application/x-ndjson" && len(b) > 0 && !json.Valid(b) {
		t.Fatalf("%s %s is answered with broken JSON: %s", req.Method, req.URL, b)
	}
	var p api.Problem
	if res.StatusCode >= 400 && bytes.HasPrefix(b, []byte("{")) && (json.Unmarshal(b, &p) != nil || p.Status != res.StatusCode || p.Code == "") {
		t.Fatalf("%s %s: %d is no problem: %s", req.Method, req.URL, res.StatusCode, b)
	}
}
