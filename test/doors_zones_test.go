package test

import (
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The rule of names (nobody but root makes a zone above or below another account's, or of a public suffix) holds at every
// door: REST, both ways of importing, the command line and the pages.
func TestTheRuleOfNamesHoldsAtEveryDoor(t *testing.T) {
	s := startServer(t, "web.zonefleet.test")
	s.run("user", "add", "ann", "--privileges", "create-dns,edit-dns,kill-dns,manage-api-tokens")
	s.run("zone", "create", "taken.example", "--owner", "root", "--ns", "ns1.zonefleet.test")
	s.run("zone", "create", "deep.below.example", "--owner", "root", "--ns", "ns1.zonefleet.test")
	const password = "Correct-Horse-7-Battery"
	set := exec.Command(s.program(), "user", "password", "ann")
	set.Env = append(os.Environ(), "ZONEFLEET_SERVER=https://"+s.https, "ZONEFLEET_DATA="+s.dir, "ZONEFLEET_TOKEN=", "HOME="+t.TempDir())
	set.Stdin = strings.NewReader(password + "\n")
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	ann := func(method, path, media, body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "https://"+s.https+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("ann", password)
		r.Header.Set("Content-Type", media)
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	b := openBrowser(t, s)
	b.mayAnswer(422)
	b.mayAnswer(403) // the first page is for who may see the cluster
	b.visit(strings.TrimSpace(lastWord(s.run("user", "link", "ann"))))
	b.do(chromedp.WaitVisible("header .who"))
	for _, z := range []string{"sub.taken.example", "below.example", "co.uk"} {
		if code, body := ann("POST", "/zones", "application/json", `{"name":"`+z+`"}`); code < 400 {
			t.Errorf("REST makes %s: %d %s", z, code, body)
		}
		if code, body := ann("POST", "/zones", "application/json", `{"name":"`+z+`","template":"simple","ipv4":"192.0.2.1"}`); code < 400 {
			t.Errorf("REST makes %s of a template: %d %s", z, code, body)
		}
		if code, body := ann("POST", "/import?zone="+z, "text/dns", zoneFile("192.0.2.1")); code < 400 {
			t.Errorf("an import makes %s: %d %s", z, code, body)
		}
		if code, body := ann("PUT", "/zones/"+z+"/file", "text/dns", zoneFile("192.0.2.1")); code < 400 {
			t.Errorf("a file makes %s: %d %s", z, code, body)
		}
		b.open("/zones/add")
		b.do(chromedp.SendKeys("#f-domain", z), chromedp.SendKeys("#f-ipv4", "192.0.2.1"), chromedp.Click("main button.main"))
		b.shows("#f-domain-error", ".")
	}
	if code, body := ann("POST", "/zones", "application/json", `{"name":"own.example","template":"simple","ipv4":"192.0.2.1"}`); code != http.StatusCreated {
		t.Fatalf("her own: %d %s", code, body)
	}
	if code, body := ann("POST", "/zones", "application/json", `{"name":"sub.own.example"}`); code != http.StatusCreated {
		t.Errorf("below her own: %d %s", code, body)
	}
	code, body := ann("POST", "/tokens", "application/json", `{"name":"cli"}`)
	if code >= 300 {
		t.Fatalf("a token: %d %s", code, body)
	}
	_, token, _ := strings.Cut(body, `"zf_`)
	token, _, _ = strings.Cut(token, `"`)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("zf_"+token), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, z := range []string{"sub.taken.example", "below.example", "co.uk"} {
		if out, err := s.try("--token-file", file, "zone", "create", z, "--ns", "ns1.zonefleet.test"); err == nil {
			t.Errorf("the command line makes %s: %s", z, out)
		}
	}
	if out, err := s.try("--token-file", file, "zone", "create", "more.own.example", "--ns", "ns1.zonefleet.test"); err != nil {
		t.Errorf("below her own: %s %v", out, err)
	}
	if out := s.run("zone", "list"); containsAll(out, "co.uk") || containsAll(out, "sub.taken") || !containsAll(out, "more.own.example") {
		t.Errorf("there are\n%s", out)
	}
	s.run("zone", "create", "sub.taken.example", "--ns", "ns1.zonefleet.test") // root may
}

func lastWord(s string) string {
	words := strings.Fields(s)
	for _, w := range words {
		if strings.HasPrefix(w, "https://") {
			return w
		}
	}
	return ""
}
