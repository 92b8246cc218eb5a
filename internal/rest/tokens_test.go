package rest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zonefleet/zonefleet/internal/api"
)

const challenge = `{"operations":[{"op":"%OP","name":"_acme-challenge.www","ttl":60,"type":"TXT","data":["\"proof-of-%N\""]}]}`

func challengeOf(op, n string) string {
	return strings.NewReplacer("%OP", op, "%N", n).Replace(challenge)
}

// acme makes a token for challenges below a name.
func (n *node) acme(names string) (header string, info api.Token) {
	n.Helper()
	made := read[api.CreatedToken](n.T, n.ask("POST", "/api/v1/tokens", `{"name":"certbot","names":["`+names+`"],"types":["TXT"]}`), http.StatusCreated)
	return "Authorization: Bearer " + made.Token, made.Info
}

// The whole flow of a certificate by DNS-01: is the zone here, set the challenges (two at once: name and wildcard), look, take
// them away again.
func TestATokenForChallengesGetsACertificate(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	token, info := n.acme("_acme-challenge.*")
	if strings.Join(info.Names, " ") != "_acme-challenge.*" || strings.Join(info.Types, " ") != "TXT" {
		t.Errorf("the token is %+v", info)
	}
	const zone = "/api/v1/zones/example.com"
	before := read[api.ZoneDetail](t, n.ask("GET", zone, "", token), http.StatusOK)
	if len(before.Records) != 0 {
		t.Errorf("it sees %v", before.Records)
	}
	for _, proof := range []string{"a", "b"} {
		read[api.WriteResult](t, n.ask("PATCH", zone, challengeOf("add", proof), token), http.StatusOK)
	}
	shown := read[api.RecordList](t, n.ask("GET", zone+"/records", "", token), http.StatusOK)
	if len(shown.Records) != 2 || shown.Records[0].Data != `"proof-of-a"` || shown.Records[0].TTL != 60 {
		t.Errorf("it sees %v", shown.Records)
	}
	for _, proof := range []string{"a", "b"} {
		read[api.WriteResult](t, n.ask("PATCH", zone, challengeOf("delete", proof), token), http.StatusOK)
	}
	after := read[api.ZoneDetail](t, n.ask("GET", zone, ""), http.StatusOK)
	for _, r := range after.Records {
		if r.Type == "TXT" {
			t.Errorf("%v is left", r)
		}
	}
}

// Everything else is refused, whole, and nothing of the rest of the zone is told.
func TestATokenForSomeRecordsChangesThemAndNothingElse(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	n.create("example.org")
	token, info := n.acme("_acme-challenge.*.example.com")
	full := read[api.ZoneDetail](t, n.ask("GET", "/api/v1/zones/example.com", ""), http.StatusOK)
	mixed := `{"operations":[{"op":"set","name":"_acme-challenge.www","ttl":60,"type":"TXT","data":["x"]},{"op":"set","name":"www","ttl":60,"type":"A","data":["192.0.2.66"]}]}`
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", "/zones/example.com", mixed},
		{"POST", "/zones/example.com/review", mixed},
		{"POST", "/zones/example.com/review", `{"operations":[{"op":"delete","name":"www","type":"A"}]}`},
		{"PATCH", "/zones/example.com", `{"operations":[{"op":"delete","name":"www","type":"A"}]}`},
		{"PATCH", "/zones/example.com", `{"operations":[{"op":"set","name":"_acme-challenge.www","ttl":60,"type":"A","data":["192.0.2.66"]}]}`},
		{"PATCH", "/zones/example.com", `{"operations":[{"op":"set","name":"_acme-challenge","ttl":60,"type":"TXT","data":["x"]}]}`},
		{"PATCH", "/zones/example.org", challengeOf("set", "a")},
		{"PATCH", "/zones/nowhere.example", challengeOf("set", "a")},
		{"GET", "/zones/example.org", ""},
		{"GET", "/zones", ""},
		{"POST", "/zones", `{"name":"_acme-challenge.x.example.com"}`},
		{"DELETE", "/zones/example.com", ""},
		{"GET", "/tokens", ""},
		{"POST", "/tokens", `{"name":"wider"}`},
		{"PATCH", "/tokens/" + info.ID, `{"names":["*"]}`},
		{"GET", "/events", ""},
		{"GET", "/members", ""},
		{"GET", "/settings", ""},
		{"GET", "/zones/example.com/history", ""},
		{"GET", "/conflicts?zone=example.com", ""},
		{"GET", "/backup", ""},
		{"GET", "/cluster", ""},
		{"GET", "/ask?name=www.example.com", ""},
	} {
		p := problemOf(t, n.ask(c.method, "/api/v1"+c.path, c.body, token), http.StatusForbidden, "denied")
		if !strings.Contains(p.Detail, "TXT at _acme-challenge.*.example.com") || strings.Contains(p.Detail, "192.0.2.1") {
			t.Errorf("%s %s: %s", c.method, c.path, p.Detail)
		}
	}
	// A whole zone file, also one that only adds a challenge to what is there, and whatever version it is made against.
	text := new(bytes.Buffer)
	if _, err := text.ReadFrom(n.ask("GET", "/api/v1/zones/example.com/file", "").Body); err != nil {
		t.Fatal(err)
	}
	text.WriteString("_acme-challenge.www 60 IN TXT x\n")
	for _, version := range []string{"If-Match: " + `"` + full.ETag + `"`, "If-Match: *", "If-Match: "} {
		p := problemOf(t, n.ask("PUT", "/api/v1/zones/example.com/file", text.String(), token, "Content-Type: text/dns", version), http.StatusForbidden, "denied")
		if strings.Contains(p.Detail+strings.Join(p.Details, ""), "www.example.com") {
			t.Errorf("with %q it tells %s %v", version, p.Detail, p.Details)
		}
	}
	if now := read[api.ZoneDetail](t, n.ask("GET", "/api/v1/zones/example.com", ""), http.StatusOK); now.ETag != full.ETag {
		t.Errorf("something was changed: %v", now.Records)
	}
	var many strings.Builder
	for i := range 50 {
		many.WriteString(`,{"op":"set","name":"h` + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `","ttl":60,"type":"A","data":["192.0.2.66"]}`)
	}
	p := problemOf(t, n.ask("PATCH", "/api/v1/zones/example.com", `{"operations":[`+many.String()[1:]+`]}`, token), http.StatusForbidden, "denied")
	if len(p.Details) != 20 {
		t.Errorf("%d lines", len(p.Details))
	}
}

func TestATokenIsEditedAndRevoked(t *testing.T) {
	n := newNode(t)
	token, made := n.acme("_acme-challenge.*")
	problemOf(t, n.ask("POST", "/api/v1/tokens", `{"name":"certbot"}`), http.StatusConflict, "exists")
	problemOf(t, n.ask("POST", "/api/v1/tokens", `{"name":"no blanks"}`), http.StatusBadRequest, "invalid")
	path := "/api/v1/tokens/" + made.ID
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	edited := read[api.Token](t, n.ask("PATCH", path, `{"name":"lego","expires":"`+until.Format(time.RFC3339)+`"}`), http.StatusOK)
	if edited.Name != "lego" || !edited.Expires.Equal(until) || strings.Join(edited.Names, "") != "_acme-challenge.*" || len(edited.Types) != 1 {
		t.Errorf("it is %+v", edited)
	}
	if edited = read[api.Token](t, n.ask("PATCH", path, `{"never":true,"addresses":["198.51.100.1"],"types":["TXT","CAA"]}`), http.StatusOK); edited.Expires != nil || edited.Name != "lego" || len(edited.Types) != 2 {
		t.Errorf("it is %+v", edited)
	}
	n.create("example.com")
	problemOf(t, n.ask("GET", "/api/v1/zones/example.com", "", token), http.StatusUnauthorized, "unauthenticated") // from another address
	problemOf(t, n.ask("PATCH", path, `{"names":[],"types":[]}`), http.StatusBadRequest, "invalid")
	read[api.CreatedToken](t, n.ask("POST", "/api/v1/tokens", `{"name":"ns1","kind":"relay"}`), http.StatusCreated)

	if all := read[api.RevokedTokens](t, n.ask("POST", "/api/v1/tokens/revoke?dry_run=true", `{}`), http.StatusOK); all.Programs != 1 || all.Servers != 1 {
		t.Errorf("there are %+v", all)
	}
	if all := read[api.RevokedTokens](t, n.ask("POST", "/api/v1/tokens/revoke", `{}`), http.StatusOK); all.Programs != 1 || all.Servers != 0 {
		t.Errorf("revoked %+v", all)
	}
	revoked := 0
	for _, k := range read[api.TokenList](t, n.ask("GET", "/api/v1/tokens", ""), http.StatusOK).Tokens {
		if k.Revoked {
			revoked++
		}
	}
	if revoked != 1 {
		t.Errorf("%d are revoked", revoked)
	}
	problemOf(t, n.ask("PATCH", path, `{"name":"again"}`), http.StatusConflict, "conflict")
}

// A token has some of its account's privileges; what it makes and changes has no more.
func TestATokenGivesNoMoreThanItHas(t *testing.T) {
	n := newNode(t)
	n.create("example.com")
	made := read[api.CreatedToken](t, n.ask("POST", "/api/v1/tokens", `{"name":"editor","privileges":["edit-dns","manage-api-tokens"]}`), http.StatusCreated)
	token := "Authorization: Bearer " + made.Token
	read[api.WriteResult](t, n.ask("PATCH", "/api/v1/zones/example.com", setWWW, token), http.StatusOK)
	problemOf(t, n.ask("DELETE", "/api/v1/zones/example.com", "", token), http.StatusForbidden, "denied")
	problemOf(t, n.ask("GET", "/api/v1/settings", "", token), http.StatusForbidden, "denied")
	for _, wider := range []string{`{"name":"w","privileges":["kill-dns"]}`, `{"name":"w","privileges":["all"]}`, `{"name":"w","kind":"leaf"}`} {
		problemOf(t, n.ask("POST", "/api/v1/tokens", wider, token), http.StatusForbidden, "denied")
	}
	child := read[api.CreatedToken](t, n.ask("POST", "/api/v1/tokens", `{"name":"child"}`, token), http.StatusCreated)
	if got := strings.Join(child.Info.Privileges, " "); got != "edit-dns manage-api-tokens" {
		t.Errorf("what it makes has %q", got)
	}
	problemOf(t, n.ask("PATCH", "/api/v1/tokens/"+child.Info.ID, `{"privileges":["all"]}`, token), http.StatusForbidden, "denied")
	for _, k := range read[api.TokenList](t, n.ask("GET", "/api/v1/tokens", ""), http.StatusOK).Tokens {
		if k.Name == "test" {
			problemOf(t, n.ask("PATCH", "/api/v1/tokens/"+k.ID, `{"addresses":["198.51.100.1"]}`, token), http.StatusForbidden, "denied")
		}
	}
	problemOf(t, n.ask("POST", "/api/v1/tokens", `{"name":"none","privileges":[]}`), http.StatusBadRequest, "invalid")
	renamed := read[api.Token](t, n.ask("PATCH", "/api/v1/tokens/"+made.Info.ID, `{"name":"writer"}`), http.StatusOK)
	if len(renamed.Privileges) != 2 {
		t.Errorf("an update without privileges leaves %v", renamed.Privileges)
	}
}

// What gets a token around its limits is said where it is given, and nowhere else.
func TestWhatATokensPrivilegesOpenIsWarnedOf(t *testing.T) {
	n := newNode(t)
	for _, c := range []struct{ body, warned string }{
		{`{"name":"a","privileges":["edit-dns"]}`, ""},
		{`{"name":"b","privileges":["edit-dns","manage-api-tokens","passwd","create-user-session"]}`, "manage-api-tokens create-user-session passwd"},
		{`{"name":"c","privileges":["all"]}`, "all"},
		{`{"name":"d"}`, ""},
		{`{"name":"e","addresses":["127.0.0.1"]}`, "all"},
		{`{"name":"f","names":["_acme-challenge.*"],"addresses":["127.0.0.1"]}`, ""},
		{`{"name":"g","kind":"leaf","addresses":["127.0.0.1"]}`, ""},
	} {
		made := read[api.CreatedToken](t, n.ask("POST", "/api/v1/tokens", c.body), http.StatusCreated).Info
		shown := read[api.Token](t, n.ask("GET", "/api/v1/tokens/"+made.ID, ""), http.StatusOK)
		for _, list := range [][]string{made.Warnings, shown.Warnings} {
			if got := about(list); got != c.warned {
				t.Errorf("%s warns of %q, not of %q", c.body, got, c.warned)
			}
		}
	}
	made := read[api.CreatedToken](t, n.ask("POST", "/api/v1/tokens", `{"name":"h","privileges":["edit-dns"]}`), http.StatusCreated)
	if edited := read[api.Token](t, n.ask("PATCH", "/api/v1/tokens/"+made.Info.ID, `{"privileges":["clustering"]}`), http.StatusOK); about(edited.Warnings) != "clustering" {
		t.Errorf("an edit warns of %q", edited.Warnings)
	}
}

// about is the privileges that warnings begin with.
func about(warnings []string) string {
	var names []string
	for _, w := range warnings {
		name, _, _ := strings.Cut(w, ":")
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// A reseller with clustering gets around restrictions on zones: whoever gives the privilege is told, however it is given.
func TestWhoGivesClusteringIsWarned(t *testing.T) {
	n := newNode(t)
	if u := read[api.User](t, n.ask("POST", "/api/v1/users", `{"name":"plain","privileges":["edit-dns"]}`), http.StatusCreated); len(u.Warnings) != 0 {
		t.Errorf("edit-dns warns of %q", u.Warnings)
	}
	given := read[api.User](t, n.ask("POST", "/api/v1/users", `{"name":"seller","privileges":["clustering","edit-dns"]}`), http.StatusCreated)
	edited := read[api.User](t, n.ask("PATCH", "/api/v1/users/plain", `{"privileges":["clustering"]}`), http.StatusOK)
	shown := read[api.User](t, n.ask("GET", "/api/v1/users/seller", ""), http.StatusOK)
	saved := read[api.PrivilegeList](t, n.ask("PUT", "/api/v1/privilege-lists/hosting", `{"privileges":["clustering"]}`), http.StatusOK)
	for what, list := range map[string][]string{"adding": given.Warnings, "editing": edited.Warnings, "showing": shown.Warnings, "a list": saved.Warnings} {
		if about(list) != "clustering" || !strings.Contains(list[0], "past many restrictions on zones") {
			t.Errorf("%s warns of %q", what, list)
		}
	}
}
