package test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/web"
)

// What alice has that nobody else may see. None of these words is in a request of the walk.
var canaries = []string{"canaryvalue", "canaryzone", "canarycontact", "canarytoken", "canaryreason"}

// visitor is somebody who asks for everything.
type visitor struct {
	name   string
	site   *server
	client http.Client
	dress  func(*http.Request)
}

func newVisitor(t *testing.T, site *server, name string, dress func(*http.Request)) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	// Streams do not end by themselves; what matters is what comes first.
	return &visitor{name: name, site: site, dress: dress, client: http.Client{
		Timeout: 10 * time.Second, Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}}
}

// asks returns the status and everything that came: headers and body.
func (v *visitor) asks(t *testing.T, method, path string, body []byte) (status int, all string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://"+v.site.https+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	v.dress(r)
	answer, err := v.client.Do(r)
	if err != nil {
		t.Fatalf("%s, %s %s: %v", v.name, method, path, err)
	}
	defer answer.Body.Close()
	var text []byte
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		text = make([]byte, 64<<10)
		n, _ := answer.Body.Read(text)
		text = text[:n]
	} else if text, err = io.ReadAll(answer.Body); err != nil {
		t.Fatalf("%s, %s %s: %v", v.name, method, path, err)
	}
	return answer.StatusCode, fmt.Sprint(answer.Header) + string(text)
}

var placeInPath = regexp.MustCompile(`\{[a-z]+\}`)

// readable is every address that can be read: of the API by its own document, of the pages by their table, with a zone and
// a change of alice, a user, a member.
func readable(t *testing.T, zone string, places map[string]string) (paths []string) {
	t.Helper()
	document := apiDocument(t)
	fill := func(pattern string) string {
		return placeInPath.ReplaceAllStringFunc(strings.ReplaceAll(pattern, "{zone}", zone), func(p string) string {
			if at, ok := places[p]; ok {
				return at
			}
			return "1"
		})
	}
	for _, path := range slices.Sorted(maps.Keys(document)) {
		if _, ok := document[path]["get"]; ok {
			paths = append(paths, "/api/v1"+fill(path))
		}
	}
	for _, r := range web.Routes() {
		if r.Method == http.MethodGet && !strings.HasPrefix(r.Pattern, "/signin/") {
			paths = append(paths, fill(strings.ReplaceAll(r.Pattern, "{$}", "")))
		}
	}
	for _, query := range []string{
		"/zones/" + zone + "?at=1", "/ask?name=www." + zone + "&type=TXT", "/events?zone=" + zone, "/changes?zone=" + zone, "/trash?q=" + zone,
		"/cluster/drift?zone=" + zone, "/conflicts?zone=" + zone, "/wait?zone=" + zone + "&timeout=1ms", "/zones?owner=" + places["{user}"], "/users?owner=" + places["{user}"], "/export?owner=" + places["{user}"],
	} {
		paths = append(paths, "/api/v1"+query)
	}
	return append(paths, "/zones?owner="+places["{user}"], "/changes?zone="+zone, "/log?zone="+zone, "/templates?user="+places["{user}"])
}

// Nobody, another reseller, that one's token and alice's own narrow token ask for everything that can be read, with the
// names of alice's things, and nothing of hers comes; and what is hers cannot be told from what does not exist.
func TestNobodySeesWhatIsAnothers(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	const all = "clustering,create-dns,kill-dns,park-dns,edit-dns,edit-mx,manage-dns-records,ns-config,manage-api-tokens,status,stats"
	for _, user := range []string{"alice", "bob"} {
		s.run("user", "add", user, "--privileges", all, "--contact", user+"-canarycontact@example.net")
	}
	s.run("user", "edit", "bob", "--contact", "bob@example.net")
	for _, z := range []string{"hers.example", "canaryzone.example", "gone-canaryzone.example"} {
		s.importAs("alice", z, "192.0.2.1")
	}
	s.importAs("bob", "his.example", "192.0.2.2")
	s.run("record", "set", "hers.example", "www", "300", "TXT", "canaryvalue", "--reason", "canaryreason")
	s.run("record", "set", "hers.example", "_acme-challenge", "300", "TXT", "hers to see")
	s.run("zone", "delete", "gone-canaryzone.example")
	password := map[string]string{"alice": "a long pass phrase of alice", "bob": "a long pass phrase of bob"}
	for user := range password {
		s.password(user, password[user])
	}
	basic := func(user string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password[user]) }
	}
	token := func(user, name string, more map[string]any) func(*http.Request) {
		more["name"] = name
		body, err := json.Marshal(more)
		if err != nil {
			t.Fatal(err)
		}
		status, text := newVisitor(t, s, user, basic(user)).asks(t, http.MethodPost, "/api/v1/tokens", body)
		found := regexp.MustCompile(`zf_[0-9a-z]+_[0-9A-Za-z_-]{20,}`).FindString(text)
		if status/100 != 2 || found == "" {
			t.Fatalf("no token for %s: %d %s", user, status, text)
		}
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+found) }
	}
	token("alice", "canarytoken", map[string]any{})
	narrow := token("alice", "acme", map[string]any{"names": []string{"_acme-challenge.hers.example"}, "types": []string{"TXT"}})
	his := token("bob", "bobs", map[string]any{})
	nothing := func(*http.Request) {}
	session := newVisitor(t, s, "bob's browser", nothing)
	link := strings.TrimSpace(s.run("user", "link", "bob"))
	session.asks(t, http.MethodGet, link[strings.Index(link, "/signin/"):], nil)
	if status, text := session.asks(t, http.MethodGet, "/zones", nil); status != http.StatusOK || !strings.Contains(text, "his.example") {
		t.Fatalf("bob is not signed in: %d %s", status, text)
	}
	places := map[string]string{"{user}": "alice", "{name}": "alice", "{host}": "alice"}
	asked, twin := readable(t, "hers.example", places), readable(t, "none.example", map[string]string{"{user}": "nobody", "{name}": "nobody", "{host}": "nobody"})
	for _, v := range []*visitor{
		newVisitor(t, s, "nobody", nothing), newVisitor(t, s, "bob", basic("bob")), newVisitor(t, s, "bob's token", his),
		newVisitor(t, s, "alice's narrow token", narrow), session,
	} {
		v.walks(t, asked, twin)
	}
	if _, text := newVisitor(t, s, "alice", basic("alice")).asks(t, http.MethodGet, "/api/v1/zones/hers.example", nil); !strings.Contains(text, "canaryvalue") {
		t.Fatalf("alice does not see her own: %s", text)
	}
}

// walks asks for each address, and for its twin with names that do not exist.
func (v *visitor) walks(t *testing.T, paths, twins []string) {
	t.Helper()
	answered := 0
	for i, path := range paths {
		status, text := v.asks(t, http.MethodGet, path, nil)
		for _, c := range canaries {
			if strings.Contains(text, c) {
				t.Errorf("%s, %s: %d, with %s of alice", v.name, path, status, c)
			}
		}
		if status == http.StatusOK {
			answered++
		}
		if path == twins[i] || strings.HasSuffix(v.name, "narrow token") {
			continue
		}
		if other, _ := v.asks(t, http.MethodGet, twins[i], nil); other != status {
			t.Errorf("%s, %s: %d, and %d for %s, which does not exist", v.name, path, status, other, twins[i])
		}
	}
	t.Logf("%s: %d addresses, %d answered", v.name, len(paths), answered)
}

// Without signing in every door is shut, whatever is asked for and however, but for the few that are named; and another reseller
// who tries all that writes, with the names of alice's things, changes none of them.
func TestNobodyChangesWhatIsAnothers(t *testing.T) {
	s := startServer(t, "a.zonefleet.test")
	s.run("user", "add", "alice", "--privileges", "create-dns,edit-dns,kill-dns")
	s.run("user", "add", "bob", "--privileges", "clustering,create-dns,kill-dns,park-dns,edit-dns,edit-mx,manage-dns-records,ns-config,manage-api-tokens")
	s.importAs("alice", "hers.example", "192.0.2.1")
	s.password("bob", "a long pass phrase of bob")
	s.password("alice", "a long pass phrase of alice")
	before := s.run("zone", "export", "hers.example") + s.run("user", "show", "alice") + s.run("zone", "history", "hers.example")

	nobody := newVisitor(t, s, "nobody", func(*http.Request) {})
	bob := newVisitor(t, s, "bob", func(r *http.Request) { r.SetBasicAuth("bob", "a long pass phrase of bob") })
	browser := newVisitor(t, s, "bob's browser", func(*http.Request) {})
	link := strings.TrimSpace(s.run("user", "link", "bob"))
	browser.asks(t, http.MethodGet, link[strings.Index(link, "/signin/"):], nil)
	open := map[string]bool{"GET /api/v1/version": true, "POST /signin": true, "GET /signin": true}
	for _, at := range everything(t) {
		method, path, _ := strings.Cut(at, " ")
		status, text := nobody.asks(t, method, path, []byte("{}"))
		shut := status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusSeeOther && strings.Contains(text, "/signin")
		if !shut && !open[at] && !strings.HasPrefix(path, "/assets/") {
			t.Errorf("nobody, %s: %d", at, status)
		}
		if method != http.MethodGet && path != "/signout" {
			bob.asks(t, method, path, []byte("{}"))
			browser.asks(t, method, path, []byte("{}"))
		}
	}
	if after := s.run("zone", "export", "hers.example") + s.run("user", "show", "alice") + s.run("zone", "history", "hers.example"); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if status, _ := newVisitor(t, s, "alice", func(r *http.Request) { r.SetBasicAuth("alice", "a long pass phrase of alice") }).asks(t, http.MethodGet, "/api/v1/zones/hers.example", nil); status != http.StatusOK {
		t.Errorf("alice cannot sign in any more: %d", status)
	}
}

// everything is each method at each address, of the API and the pages, with alice's names.
func everything(t *testing.T) (list []string) {
	t.Helper()
	document := apiDocument(t)
	for _, path := range slices.Sorted(maps.Keys(document)) {
		for _, method := range slices.Sorted(maps.Keys(document[path])) {
			if method == strings.ToLower(method) && method != "parameters" {
				list = append(list, strings.ToUpper(method)+" /api/v1"+hers(path))
			}
		}
	}
	for _, r := range web.Routes() {
		list = append(list, r.Method+" "+hers(strings.ReplaceAll(r.Pattern, "{$}", "")))
	}
	return list
}

func hers(pattern string) string {
	pattern = strings.NewReplacer("{zone}", "hers.example", "{user}", "alice", "{name}", "alice").Replace(pattern)
	return placeInPath.ReplaceAllString(pattern, "1")
}

// apiDocument is the methods of each path of the API, by its own document.
func apiDocument(t *testing.T) map[string]map[string]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "api", "openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document.Paths
}

// password sets one as root does on the machine.
func (s *server) password(user, password string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"password": password})
	if err != nil {
		s.t.Fatal(err)
	}
	root, err := os.ReadFile(filepath.Join(s.dir, "root.token"))
	if err != nil {
		s.t.Fatal(err)
	}
	v := newVisitor(s.t, s, "root", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(root))) })
	if status, text := v.asks(s.t, http.MethodPut, "/api/v1/users/"+user+"/password", body); status/100 != 2 {
		s.t.Fatalf("password of %s: %d %s", user, status, text)
	}
}
