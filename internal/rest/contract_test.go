package rest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/acl"
	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/auth"
	"github.com/zonefleet/zonefleet/internal/backup"
	"github.com/zonefleet/zonefleet/internal/client"
	"github.com/zonefleet/zonefleet/internal/control"
)

const aZoneFile = `$TTL 3600
@ IN SOA ns1.example.net. hostmaster.example.com. 2026010100 7200 3600 1209600 300
@ IN NS ns1.example.net.
@ IN NS ns2.example.net.
www IN A 192.0.2.1
`

func read[T any](t *testing.T, res *http.Response, status int) T {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != status {
		t.Fatalf("status %d, want %d: %s", res.StatusCode, status, b)
	}
	var doc T
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return doc
}

// problemOf reads a problem and checks what every problem has.
func problemOf(t *testing.T, res *http.Response, status int, code string) api.Problem {
	t.Helper()
	if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	p := read[api.Problem](t, res, status)
	if p.Status != status || p.Code != code || p.Title == "" || p.Detail == "" || p.Type == "" {
		t.Errorf("problem %+v, want status %d and code %s", p, status, code)
	}
	return p
}

func (n *node) create(name string) api.WriteResult {
	n.Helper()
	body, _ := json.Marshal(api.NewZone{Name: name, Text: strings.ReplaceAll(aZoneFile, "example.com", name)})
	return read[api.WriteResult](n.T, n.ask("POST", "/api/v1/zones", string(body)), http.StatusCreated)
}

const setWWW = `{"operations":[{"op":"set","name":"www","ttl":300,"type":"A","data":["192.0.2.7","192.0.2.8"]}]}`

func TestWithoutAGoodTokenNothingIsAnswered(t *testing.T) {
	n := newNode(t)
	for name, header := range map[string]string{
		"none":        "Authorization: ",
		"basic":       "Authorization: Basic cm9vdDpyb290",
		"malformed":   "Authorization: Bearer zf_nonsense",
		"empty":       "Authorization: Bearer ",
		"other":       "Authorization: Bearer zf_aaaaaaaaaa_" + strings.Repeat("A", 43),
		"secret lost": "Authorization: Bearer " + n.token[:14] + strings.Repeat("A", 43),
	} {
		t.Run(name, func(t *testing.T) {
			res := n.ask("GET", "/api/v1/zones", "", header)
			p := problemOf(t, res, http.StatusUnauthorized, "unauthenticated")
			if strings.Contains(p.Detail+p.Hint, n.token) || res.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("problem %+v, WWW-Authenticate %q", p, res.Header.Get("WWW-Authenticate"))
			}
		})
	}
	if res := n.ask("GET", "/api/v1/openapi.json", "", "Authorization: "); res.StatusCode != http.StatusOK {
		t.Errorf("the OpenAPI document needs a token: %d", res.StatusCode)
	}
}

func TestTooManyFailedSignInsAreAnsweredWithoutLooking(t *testing.T) {
	n := newNode(t)
	bad := "Authorization: Bearer zf_aaaaaaaaaa_" + strings.Repeat("A", 43)
	for range 10 {
		n.ask("GET", "/api/v1/zones", "", bad)
	}
	res := n.ask("POST", "/api/v1/import", "a body that nobody reads", bad)
	problemOf(t, res, http.StatusTooManyRequests, "throttled")
	if res.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestMemberTokensDoNothingHere(t *testing.T) {
	n := newNode(t)
	made, err := n.door.Control.CreateToken(n.ctx, acl.Local(), control.TokenRequest{Name: "m", Kind: auth.KindMember})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/zones", "/tokens", "/backup", "/version", "/cluster", "/cluster/threshold", "/ask?name=x.example"} {
		problemOf(t, n.ask("GET", "/api/v1"+path, "", "Authorization: Bearer "+made.Text), http.StatusForbidden, "denied")
	}
}

func TestAZoneIsCreatedEditedDeletedAndRestored(t *testing.T) {
	n := newNode(t)
	made := n.create("example.com")
	if !made.Changed || !made.Created || made.Change == 0 || made.ETag == "" {
		t.Errorf("created %+v", made)
	}
	res := n.ask("PATCH", "/api/v1/zones/example.com", setWWW, `If-Match: "`+made.ETag+`"`)
	edited := read[api.WriteResult](t, res, http.StatusOK)
	if res.Header.Get("ETag") != `"`+edited.ETag+`"` || edited.ETag == made.ETag || len(edited.RRsets) != 1 {
		t.Errorf("edited %+v, ETag %s", edited, res.Header.Get("ETag"))
	}
	records := read[api.RecordList](t, n.ask("GET", "/api/v1/zones/example.com/records?name=www&type=A", ""), http.StatusOK)
	if len(records.Records) != 2 || records.Records[0] != (api.Record{Name: "www.example.com.", TTL: 300, Type: "A", Data: "192.0.2.7"}) {
		t.Errorf("records %+v", records)
	}
	gone := read[api.WriteResult](t, n.ask("DELETE", "/api/v1/zones/example.com", ""), http.StatusOK)
	if !gone.Changed {
		t.Error("nothing was deleted")
	}
	problemOf(t, n.ask("GET", "/api/v1/zones/example.com", ""), http.StatusNotFound, "not-found")
	read[api.WriteResult](t, n.ask("POST", "/api/v1/zones/example.com/restore", "{}"), http.StatusOK)
	back := read[api.ZoneDetail](t, n.ask("GET", "/api/v1/zones/example.com", ""), http.StatusOK)
	if back.Count != 5 {
		t.Errorf("%d records came back, want 5: %+v", back.Count, back.Records)
	}
}

func TestNewZonesAreRefusedWithTheirReasons(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	problemOf(t, n.ask("POST", "/api/v1/zones", `{"name":"example.com","nameservers":["ns1.example.net","ns2.example.net"]}`), http.StatusConflict, "exists")
	p := problemOf(t, n.ask("POST", "/api/v1/zones", `{"name":"bad.example","text":"www IN A 192.0.2.300\n"}`), http.StatusBadRequest, "invalid")
	if len(p.Details) == 0 || !strings.Contains(strings.Join(p.Details, "\n"), "192.0.2.300") {
		t.Errorf("details %q do not say what is wrong", p.Details)
	}
	problemOf(t, n.ask("POST", "/api/v1/zones", `{"name":"a..example"}`), http.StatusBadRequest, "invalid")
	problemOf(t, n.ask("POST", "/api/v1/zones", `{"name":"x.example","colour":"red"}`), http.StatusUnprocessableEntity, "invalid")
	problemOf(t, n.ask("POST", "/api/v1/zones", `{"name":`), http.StatusBadRequest, "invalid")
	problemOf(t, n.ask("PATCH", "/api/v1/zones/example.com", `{"operations":[{"op":"set","name":"www","ttl":1,"type":"A","data":["a.b"]}]}`), http.StatusBadRequest, "invalid")
	problemOf(t, n.ask("PATCH", "/api/v1/zones/example.com", `{"operations":[{"op":"rename","name":"www","type":"A"}]}`), http.StatusUnprocessableEntity, "invalid")
	problemOf(t, n.ask("PATCH", "/api/v1/zones/example.com?wait=some", setWWW), http.StatusUnprocessableEntity, "invalid")
	problemOf(t, n.ask("GET", "/api/v1/zones?limt=3", ""), http.StatusUnprocessableEntity, "invalid")
}

func TestIfMatchLetsOtherRecordsMergeAndTellsWhatChanged(t *testing.T) {
	n := newNode(t)
	old := n.create("example.com").ETag
	read[api.WriteResult](t, n.ask("PATCH", "/api/v1/zones/example.com", setWWW), http.StatusOK)

	mail := `{"operations":[{"op":"add","name":"@","ttl":300,"type":"MX","data":["10 mail"]}]}`
	read[api.WriteResult](t, n.ask("PATCH", "/api/v1/zones/example.com", mail, `If-Match: "`+old+`"`), http.StatusOK)
	p := problemOf(t, n.ask("PATCH", "/api/v1/zones/example.com", setWWW, `If-Match: "`+old+`"`), http.StatusPreconditionFailed, "stale")
	if !strings.Contains(strings.Join(p.Details, "\n"), "www") {
		t.Errorf("details %q do not name what changed", p.Details)
	}
}

func TestIfMatchFollowsTheRFC(t *testing.T) {
	n := newNode(t)
	etag := n.create("example.com").ETag
	for header, status := range map[string]int{
		"*":                            200,
		`"` + etag + `"`:               200,
		`"other", "` + etag + `"`:      200, // any of the list
		`W/"` + etag + `"`:             412, // weak tags never match strongly (RFC 9110 section 8.8.3.2)
		`W/"x" , "` + etag + `" , "y"`: 200,
		etag:                           400, // not quoted
		`"` + etag:                     400,
	} {
		res := n.ask("PATCH", "/api/v1/zones/example.com?dry_run=true", setWWW, "If-Match: "+header)
		if res.StatusCode != status {
			b, _ := io.ReadAll(res.Body)
			t.Errorf("If-Match: %s → %d, want %d: %s", header, res.StatusCode, status, b)
		}
	}
	res := n.ask("DELETE", "/api/v1/zones/nowhere.example", "", "If-Match: *")
	problemOf(t, res, http.StatusPreconditionFailed, "precondition")
	if res := n.ask("GET", "/api/v1/zones/example.com", "", `If-None-Match: W/"`+etag+`"`); res.StatusCode != http.StatusNotModified {
		t.Errorf("If-None-Match → %d", res.StatusCode)
	}
	if res := n.ask("GET", "/api/v1/zones/example.com/file", "", `If-None-Match: "`+etag+`"`); res.StatusCode != http.StatusNotModified {
		t.Errorf("file: If-None-Match → %d", res.StatusCode)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	n := newNode(t)
	etag := n.create("example.com").ETag
	dry := read[api.WriteResult](t, n.ask("PATCH", "/api/v1/zones/example.com?dry_run=true", setWWW), http.StatusOK)
	if len(dry.RRsets) != 1 || len(dry.RRsets[0].After) != 2 {
		t.Errorf("dry run %+v", dry)
	}
	if z := read[api.ZoneDetail](t, n.ask("GET", "/api/v1/zones/example.com", ""), http.StatusOK); z.ETag != etag {
		t.Error("the zone changed")
	}
}

func TestAZoneFileGoesOutAndComesIn(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	res := n.ask("GET", "/api/v1/zones/example.com/file", "")
	text, _ := io.ReadAll(res.Body)
	etag := res.Header.Get("ETag")
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/dns") || !strings.Contains(string(text), "192.0.2.1") {
		t.Fatalf("%s: %s", res.Header.Get("Content-Type"), text)
	}
	plain := "Content-Type: text/dns"
	same := read[api.WriteResult](t, n.ask("PUT", "/api/v1/zones/example.com/file", string(text), plain), http.StatusOK)
	if same.Changed {
		t.Error("its own export changed the zone")
	}
	edited := strings.ReplaceAll(string(text), "192.0.2.1", "192.0.2.99")
	put := read[api.WriteResult](t, n.ask("PUT", "/api/v1/zones/example.com/file", edited, plain, "If-Match: "+etag), http.StatusOK)
	if !put.Changed {
		t.Error("an edit as a file changed nothing")
	}
	problemOf(t, n.ask("PUT", "/api/v1/zones/example.com/file", string(text), plain, "If-None-Match: *"), http.StatusPreconditionFailed, "precondition")
	if res := n.ask("PUT", "/api/v1/zones/example.org/file", strings.ReplaceAll(aZoneFile, "example.com", "example.org"), plain, "If-None-Match: *"); res.StatusCode != http.StatusCreated {
		t.Errorf("a new zone by file → %d", res.StatusCode)
	}
	one := n.ask("POST", "/api/v1/import?name=example.info.db", aZoneFile, plain)
	if r := read[api.WriteResult](t, one, http.StatusCreated); !r.Created {
		t.Errorf("import of one file %+v", r)
	}
}

func TestListsArePagedAndSearched(t *testing.T) {
	n := newNode(t)
	for i := range 7 {
		n.create(fmt.Sprintf("z%d.example.com", i))
	}
	n.create("other.example.org")
	var names []string
	after := ""
	for range 10 {
		page := read[api.ZoneList](t, n.ask("GET", "/api/v1/zones?limit=3&q=example.com&after="+after, ""), http.StatusOK)
		if page.Total != 7 {
			t.Errorf("total %d", page.Total)
		}
		for _, z := range page.Zones {
			names = append(names, z.Name)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(names) != 7 || names[0] != "z0.example.com" || names[6] != "z6.example.com" {
		t.Errorf("pages hold %v", names)
	}
	problemOf(t, n.ask("GET", "/api/v1/zones?limit=1001", ""), http.StatusUnprocessableEntity, "invalid")
}

func TestABulkImportAnswersEachLineAndGoesOnAfterABadOne(t *testing.T) {
	n := newNode(t)
	var lines []any
	for i := range 150 {
		lines = append(lines, api.ImportLine{Name: fmt.Sprintf("bulk%d.example.db", i), Text: aZoneFile, MTime: time.Now()})
	}
	lines[70] = api.ImportLine{Name: "broken.example.db", Text: "www IN A nonsense\n"}
	lines[90] = map[string]any{"name": 7}
	next := 0
	results := map[int]api.ImportResult{}
	err := n.client.Lines(n.ctx, "/api/v1/import", nil, func() (any, error) {
		if next == len(lines) {
			return nil, io.EOF
		}
		next++
		return lines[next-1], nil
	}, func(line []byte) error {
		var r api.ImportResult
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		results[r.Line] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != len(lines) {
		t.Fatalf("%d results for %d lines", len(results), len(lines))
	}
	for line, r := range results {
		if bad := line == 71 || line == 91; bad != (r.Problem != nil) {
			t.Errorf("line %d: %+v", line, r)
		}
	}
	if p := results[71].Problem; p != nil && (p.Code != "invalid" || !strings.Contains(strings.Join(p.Details, " "), "nonsense")) {
		t.Errorf("line 71: %+v", p)
	}
	list := read[api.ZoneList](t, n.ask("GET", "/api/v1/zones?q=bulk", ""), http.StatusOK)
	if list.Total != 148 {
		t.Errorf("%d zones, want 148", list.Total)
	}
	count := 0
	if err := n.client.Each(n.ctx, "/api/v1/export", nil, func([]byte) error { count++; return nil }); err != nil || count != 148 {
		t.Errorf("export: %d lines, %v", count, err)
	}
	checked := 0
	err = n.client.Each(n.ctx, "/api/v1/check", nil, func(line []byte) error {
		var c api.CheckResult
		err := json.Unmarshal(line, &c)
		checked += c.Zones
		return err
	})
	if err != nil || checked != 148 {
		t.Errorf("check: %d zones, %v", checked, err)
	}
}

func TestACheckOfAllZonesShowsProgress(t *testing.T) {
	n := newNode(t)
	next := 0
	err := n.client.Lines(n.ctx, "/api/v1/import", nil, func() (any, error) {
		if next == checkedAtOnce+1 {
			return nil, io.EOF
		}
		next++
		name := fmt.Sprintf("check%04d.example", next)
		return api.ImportLine{Name: name, Text: fmt.Sprintf("$TTL 300\n@ SOA ns1.%s. host.%s. 1 1 1 1 1\n@ NS ns1.%s.\nns1 A 192.0.2.1\n", name, name, name)}, nil
	}, func([]byte) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	err = n.client.Each(n.ctx, "/api/v1/check", nil, func(line []byte) error {
		var c api.CheckResult
		err := json.Unmarshal(line, &c)
		lines = append(lines, c.Zones)
		return err
	})
	if err != nil || !slices.Equal(lines, []int{checkedAtOnce, 1}) {
		t.Errorf("lines of %v zones, %v", lines, err)
	}
}

// A program may send a line, read its result, and only then send the next one.
func TestABulkImportAnswersWhileTheRequestIsOpen(t *testing.T) {
	n := newNode(t)
	answered := make(chan struct{}, 1)
	next := 0
	err := n.client.Lines(n.ctx, "/api/v1/import", nil, func() (any, error) {
		if next == 3 {
			return nil, io.EOF
		}
		if next > 0 {
			select {
			case <-answered:
			case <-time.After(10 * time.Second):
				t.Error("no answer while the request is open")
			}
		}
		next++
		return api.ImportLine{Name: fmt.Sprintf("z%d.example", next), Text: aZoneFile}, nil
	}, func([]byte) error { answered <- struct{}{}; return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	n := newNode(t)
	huge := strings.Repeat("x", maxDocument+1)
	problemOf(t, n.ask("POST", "/api/v1/zones", `{"name":"example.com","text":"`+huge+`"}`), http.StatusRequestEntityTooLarge, "too-large")
	res := n.ask("PUT", "/api/v1/zones/example.com/file", strings.Repeat(";", maxZoneFile+1), "Content-Type: text/dns")
	problemOf(t, res, http.StatusRequestEntityTooLarge, "too-large")

	line := `{"name":"a.example","text":"` + strings.Repeat("x", maxZoneFile) + `"}`
	res = n.ask("POST", "/api/v1/import", line, "Content-Type: application/x-ndjson")
	in := bufio.NewScanner(res.Body)
	var r api.ImportResult
	if !in.Scan() || json.Unmarshal(in.Bytes(), &r) != nil || r.Problem == nil || r.Problem.Code != "too-large" {
		t.Errorf("a line over the limit: %+v", r)
	}
}

func TestWhatDoesNotExistIsAProblemToo(t *testing.T) {
	n := newNode(t)
	problemOf(t, n.ask("GET", "/api/v1/nothing", ""), http.StatusNotFound, "not-found")
	res := n.ask("PUT", "/api/v1/zones", "{}")
	problemOf(t, res, http.StatusMethodNotAllowed, "invalid")
	if res.Header.Get("Allow") != "GET, POST" {
		t.Errorf("Allow: %s", res.Header.Get("Allow"))
	}
	problemOf(t, n.ask("POST", "/api/v1/import", "x", "Content-Type: text/csv"), http.StatusUnsupportedMediaType, "invalid")
	problemOf(t, n.ask("GET", "/api/v1/changes/abc", ""), http.StatusUnprocessableEntity, "invalid")
	problemOf(t, n.ask("GET", "/api/v1/changes/99999", ""), http.StatusNotFound, "not-found")
	problemOf(t, n.ask("POST", "/api/v1/members/nobody/enable", ""), http.StatusNotFound, "not-found")
}

func TestChangesAreListedShownAndUndone(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	edit := read[api.WriteResult](t, n.ask("PATCH", "/api/v1/zones/example.com", setWWW), http.StatusOK)
	list := read[api.ChangeList](t, n.ask("GET", "/api/v1/changes?limit=1", ""), http.StatusOK)
	if len(list.Changes) != 1 || list.Changes[0].ID != edit.Change || list.Next != edit.Change {
		t.Fatalf("changes %+v", list)
	}
	older := read[api.ChangeList](t, n.ask("GET", fmt.Sprintf("/api/v1/zones/example.com/history?before=%d", list.Next), ""), http.StatusOK)
	if len(older.Changes) != 1 || older.Changes[0].Kind != "create" {
		t.Errorf("older %+v", older)
	}
	shown := read[api.Change](t, n.ask("GET", fmt.Sprintf("/api/v1/changes/%d", edit.Change), ""), http.StatusOK)
	if len(shown.RRsets) != 1 || shown.RRsets[0].Before[0].Data != "192.0.2.1" {
		t.Errorf("shown %+v", shown)
	}
	undone := read[api.WriteResult](t, n.ask("POST", fmt.Sprintf("/api/v1/changes/%d/undo", edit.Change), "{}"), http.StatusOK)
	if !undone.Changed || len(undone.RRsets) != 1 {
		t.Errorf("undone %+v", undone)
	}
	diff := read[api.Diff](t, n.ask("GET", fmt.Sprintf("/api/v1/zones/example.com/diff?from=%d&to=%d", edit.Change, undone.Change), ""), http.StatusOK)
	if len(diff.RRsets) != 1 || diff.RRsets[0].After[0].Data != "192.0.2.1" {
		t.Errorf("diff %+v", diff)
	}
}

func TestATokenIsShownOnceAndCanBeRevoked(t *testing.T) {
	n := newNode(t)
	made := read[api.CreatedToken](t, n.ask("POST", "/api/v1/tokens", `{"name":"deploy"}`), http.StatusCreated)
	bearer := "Authorization: Bearer " + made.Token
	read[api.ZoneList](t, n.ask("GET", "/api/v1/zones", "", bearer), http.StatusOK)
	res := n.ask("GET", "/api/v1/tokens", "")
	b, _ := io.ReadAll(res.Body)
	if strings.Contains(string(b), made.Token) || !strings.Contains(string(b), made.Info.ID) {
		t.Errorf("the list of tokens: %s", b)
	}
	if res := n.ask("DELETE", "/api/v1/tokens/"+made.Info.ID, ""); res.StatusCode != http.StatusNoContent {
		t.Errorf("revoke → %d", res.StatusCode)
	}
	problemOf(t, n.ask("GET", "/api/v1/zones", "", bearer), http.StatusUnauthorized, "unauthenticated")
}

func TestMonitoringNeedsNoTokenOnLoopback(t *testing.T) {
	n := newNode(t)
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 404} {
		if res := n.ask("GET", path, "", "Authorization: "); res.StatusCode != status {
			t.Errorf("%s → %d", path, res.StatusCode)
		}
	}
}

func TestABackupIsOneFile(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	res, err := n.client.Stream(n.ctx, client.Request{Method: "GET", Path: "/api/v1/backup"})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(res.Header.Get("Content-Disposition"), ".zfb") {
		t.Errorf("%v, %s", err, res.Header.Get("Content-Disposition"))
	}
	r, err := backup.Check(n.ctx, bytes.NewReader(b), nil, t.TempDir())
	if err != nil || !r.Whole() || r.Zones != 1 || !r.Sealed {
		t.Errorf("%+v, %v", r, err)
	}
	problemOf(t, n.ask("GET", "/api/v1/backup?open=perhaps", ""), http.StatusBadRequest, "invalid")
	if list := read[api.Backups](t, n.ask("GET", "/api/v1/backups", ""), http.StatusOK); len(list.Files) != 1 || list.Files[0].Path != "/x/y.zfb" {
		t.Errorf("%+v", list)
	}
	problemOf(t, n.ask("POST", "/api/v1/backups", ""), http.StatusServiceUnavailable, "unavailable")
}

func TestAZoneComesBackWithContentThatIsGiven(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	shown := read[api.ZoneDetail](t, n.ask("GET", "/api/v1/zones/example.com", ""), http.StatusOK)
	doc, err := json.Marshal(api.Restore{Content: &api.Content{Records: shown.Records, Owner: "root"}, Reason: "restored from backup of then"})
	if err != nil {
		t.Fatal(err)
	}
	content := string(doc)
	read[api.WriteResult](t, n.ask("PATCH", "/api/v1/zones/example.com", setWWW), http.StatusOK)
	dry := read[api.WriteResult](t, n.ask("POST", "/api/v1/zones/example.com/restore?dry_run=true", content), http.StatusOK)
	if len(dry.RRsets) != 1 || dry.Created || len(dry.RRsets[0].After) != 1 {
		t.Errorf("it would change %+v", dry)
	}
	if res := read[api.WriteResult](t, n.ask("POST", "/api/v1/zones/example.com/restore", content), http.StatusOK); !res.Changed || len(res.RRsets) != 1 {
		t.Errorf("it changed %+v", res)
	}
	if res := read[api.WriteResult](t, n.ask("POST", "/api/v1/zones/example.com/restore", content), http.StatusOK); res.Changed {
		t.Errorf("a second time: %+v", res)
	}
	read[api.WriteResult](t, n.ask("DELETE", "/api/v1/zones/example.com", ""), http.StatusOK)
	if res := read[api.WriteResult](t, n.ask("POST", "/api/v1/zones/example.com/restore", content), http.StatusOK); !res.Created {
		t.Errorf("after the deletion: %+v", res)
	}
	history := read[api.ChangeList](t, n.ask("GET", "/api/v1/zones/example.com/history", ""), http.StatusOK)
	if c := history.Changes[0]; c.Kind != "restore" || c.Reason != "restored from backup of then" {
		t.Errorf("the history says %+v", c)
	}
	other := strings.ReplaceAll(content, "example.com.", "example.net.")
	problemOf(t, n.ask("POST", "/api/v1/zones/example.com/restore", other), http.StatusBadRequest, "invalid")
	problemOf(t, n.ask("POST", "/api/v1/zones/example.com/restore", `{"content":{"records":[{"name":"@","ttl":1,"type":"A","data":"192.0.2.1"}]}}`), http.StatusBadRequest, "invalid")
	problemOf(t, n.ask("POST", "/api/v1/zones/example.com/restore?dry_run=true", "{}"), http.StatusBadRequest, "invalid")
}
