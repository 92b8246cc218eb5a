package test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Who has edit-mx alone sees all records of a zone and changes its MX records: the page offers no other, and what a form
// sends all the same is refused at once, by the page, at the review and on saving alike.
func TestAUserWithEditMXChangesMXRecordsAlone(t *testing.T) {
	s := startServer(t, "web.zonefleet.test")
	s.run("user", "add", "mia", "--privileges", "edit-mx")
	s.run("zone", "create", "mia.example", "--owner", "mia", "--ns", "ns1.zonefleet.test")
	s.run("record", "set", "mia.example", "www", "300", "A", "192.0.2.1")
	s.run("record", "set", "mia.example", "@", "300", "MX", "10 mail.zonefleet.test.")
	const password = "Correct-Horse-7-Battery"
	s.password("mia", password)
	api := newVisitor(t, s, "mia", func(r *http.Request) { r.SetBasicAuth("mia", password) })
	const address = `{"operations":[{"op":"set","name":"www","type":"A","data":["192.0.2.9"]}]}`
	const mail = `{"operations":[{"op":"set","name":"@","type":"MX","data":["20 mail2.zonefleet.test."]}]}`
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/api/v1/zones/mia.example/review", address, 403},
		{"PATCH", "/api/v1/zones/mia.example?dry_run=true", address, 403},
		{"PATCH", "/api/v1/zones/mia.example", address, 403},
		{"POST", "/api/v1/zones/mia.example/review", mail, 200},
		{"PATCH", "/api/v1/zones/mia.example?dry_run=true", mail, 200},
	} {
		if status, all := api.asks(t, c.method, c.path, []byte(c.body)); status != c.status {
			t.Errorf("%s %s: %d, want %d\n%s", c.method, c.path, status, c.status, all)
		}
	}
	pages := newVisitor(t, s, "mia", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
	if status, all := pages.asks(t, "GET", strings.TrimPrefix(lastWord(s.run("user", "link", "mia")), "https://"+s.https), nil); status/100 == 5 {
		t.Fatalf("signing in: %d %s", status, all)
	}
	_, page := pages.asks(t, "GET", "/zones/mia.example", nil)
	for _, want := range []string{"192.0.2.1", "You may change MX records", `aria-label="Edit @ MX 10 mail.zonefleet.test."`, "Add a record"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, not := range []string{`aria-label="Edit www A`, `aria-label="Delete www A`, `aria-label="Select www A`, "/zones/mia.example/raw"} {
		if strings.Contains(page, not) {
			t.Errorf("the page offers %s", not)
		}
	}
	_, form := pages.asks(t, "GET", "/zones/mia.example?open=new", nil)
	if got := regexp.MustCompile(`<option value="([^"]+)"`).FindAllStringSubmatch(form, -1); len(got) != 1 || got[0][1] != "MX" {
		t.Errorf("the form offers the types %v", got)
	}
	draft := func(name, rtype string, data ...string) (int, string) {
		q := url.Values{"do": {"set"}, "name": {name}, "type": {rtype}, "d0": {data[0]}}
		if len(data) > 1 {
			q.Set("d1", data[1])
		}
		return pages.asks(t, "POST", "/zones/mia.example/draft", []byte(q.Encode()))
	}
	if status, all := draft("www", "A", "192.0.2.9"); status != 403 || !strings.Contains(all, "edit-mx is for MX records only") {
		t.Errorf("an address in the draft: %d %s", status, all)
	}
	if status, all := draft("@", "MX", "30", "mail3.zonefleet.test"); status != 200 || !strings.Contains(all, "not saved") {
		t.Errorf("a mail server in the draft: %d %s", status, all)
	}
	if status, all := pages.asks(t, "GET", "/zones/mia.example/review", nil); status != 200 || !strings.Contains(all, "mail3.zonefleet.test") || !strings.Contains(all, "do-save") {
		t.Errorf("the review: %d %s", status, all)
	}
	text := url.Values{"against": {regexp.MustCompile(`name="against" value="([^"]+)"`).FindStringSubmatch(form)[1]}, "text": {zoneFile("192.0.2.77")}}
	if status, all := pages.asks(t, "POST", "/zones/mia.example/raw", []byte(text.Encode())); status != 403 || !strings.Contains(all, "192.0.2.77") {
		t.Errorf("a whole text: %d %s", status, all)
	}
}
