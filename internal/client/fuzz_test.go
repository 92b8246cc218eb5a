package client

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/identity"
)

// FuzzKnownServers reads the file of pinned keys whatever is in it. What is pinned is found again and no other server's
// line is lost.
func FuzzKnownServers(f *testing.F) {
	const key = "SHA256:257a422519b49375344c2786ca6285173609e9b8881334d81cb4e6b313c0c5dd"
	f.Add("ns1.example.net:2087 "+key+"\n", "ns1.example.net:2087", key)
	f.Add("ns1:1 25:7A\n\n# x\nns2:1 "+key+" more\n", "ns2:1", key)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text, server, fingerprint string) {
		if len(strings.Fields(server)) != 1 || strings.TrimSpace(server) != server || !identity.IsFingerprint(fingerprint) {
			return // what a server is called and what its key is come from code
		}
		k := knownServers{path: filepath.Join(dir, "known_servers")}
		if err := os.WriteFile(k.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if found, err := k.lookup(server); err == nil && found != "" && !identity.IsFingerprint(found) {
			t.Fatalf("%q names the key %q", text, found)
		}
		const other = "another.example.net:1"
		before, beforeErr := k.lookup(other)
		if err := k.pin(server, fingerprint); err != nil {
			return
		}
		if found, err := k.lookup(server); err != nil || found != fingerprint {
			t.Fatalf("pinned in %q, found %q, %v", text, found, err)
		}
		if after, err := k.lookup(other); server != other && beforeErr == nil && (err != nil || after != before) {
			t.Fatalf("%q: another server's key was %q and is %q, %v", text, before, after, err)
		}
	})
}

// FuzzProblem reads an error of whatever answers.
func FuzzProblem(f *testing.F) {
	f.Add(404, "application/problem+json", `{"type":"x","title":"Not Found","status":404,"code":"not-found"}`)
	f.Add(502, "text/html; charset=utf-8", "<html>")
	f.Add(500, "application/problem+json", `{"status":"x"}`)
	f.Add(500, "application/problem+json", "{}")
	f.Fuzz(func(t *testing.T, status int, media, body string) {
		c := Client{host: "ns1.example.net"}
		res := &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {media}}, Body: io.NopCloser(strings.NewReader(body))}
		var p *api.Problem
		if err := c.problem(res); !errors.As(err, &p) || p.Status != status || err.Error() == "" {
			t.Fatalf("%d %q %q is %v", status, media, body, err)
		}
	})
}
