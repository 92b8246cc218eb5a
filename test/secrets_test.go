package test

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Everything that has to do with secrets is done with everything logged; nothing that is written or shown has one.
func TestNoSecretIsLoggedOrShownTwice(t *testing.T) {
	debug := []string{"--log-level", "debug"}
	a, b := startServer(t, "a.test", debug...), startServer(t, "b.test", debug...)
	secrets := map[string]string{}
	for _, s := range []*server{a, b} {
		for _, kind := range []string{"api", "leaf", "relay"} {
			secrets[kind+" token made at "+s.name] = s.newToken(kind)
		}
	}
	relay := b.newToken("relay")
	secrets["token of the link"] = relay
	a.run("member", "add", b.https, "--api-token", relay, "--role", "synchronize", "--zones", "all", "--reverse-trust", "--sync-now", "--debug")
	a.run("zone", "create", "example.com", "--ns", "ns1.example.net", "--ns", "ns2.example.net", "--wait")
	a.run("member", "edit", "b.test", "--api-token", relay)

	// Whatever is refused is logged with its reason, never with what was presented.
	wrong := "zf_" + strings.Repeat("a", 10) + "_" + strings.Repeat("W", 43)
	secrets["wrong token"] = wrong
	for _, token := range []string{wrong, "no-token-at-all-but-somebodys-password"} {
		secrets[token] = token
		if _, err := a.try("zone", "list", "--token", token); err == nil {
			t.Errorf("%s is accepted", token)
		}
		if _, err := a.try("member", "add", b.https, "--api-token", token, "--role", "standalone"); err == nil {
			t.Errorf("a link with %s is accepted", token)
		}
	}
	signIn := a.signInLink()
	secrets["sign-in link"] = signIn
	made := a.run("sign-in")
	_, code, _ := strings.Cut(strings.TrimSpace(made), "/signin/")
	if code == "" {
		t.Fatalf("sign-in says %s", made)
	}
	secrets["link of sign-in"] = code
	for range 2 { // the second time it does not work any more
		get(t, "https://"+a.https+"/signin/"+signIn)
	}
	a.run("backup", filepath.Join(t.TempDir(), "backup.tar.zst"))
	a.run("token", "revoke", strings.Split(secrets["api token made at a.test"], "_")[1])
	a.run("reload")

	shown := map[string]string{}
	for _, s := range []*server{a, b} {
		for _, command := range []string{"token list", "member list", "cluster status", "events list --limit 1000", "settings list", "change list", "log level"} {
			shown[command+" at "+s.name], _ = s.try(append(strings.Fields(command), "--output", "json")...) // a status may be an exit code
		}
		shown["metrics of "+s.name] = s.get("/metrics")
	}
	for _, s := range []*server{a, b} {
		s.stop()
		s.addFiles(secrets, shown)
	}
	for where, text := range shown {
		if text == "" {
			t.Errorf("%s is empty: this test looks at nothing", where)
		}
		if strings.HasPrefix(where, "log of") && !strings.Contains(text, `"level":"DEBUG"`) {
			t.Errorf("%s has no debug line: this test looks at nothing", where)
		}
		for what, secret := range secrets {
			for _, form := range formsOf(secret) {
				if strings.Contains(text, form) {
					t.Errorf("%s: the %s is in it, as %.12s…", where, what, form)
				}
			}
		}
		if found := regexp.MustCompile(`zf_[0-9a-z]+_[0-9A-Za-z_-]{20,}`).FindString(text); found != "" {
			t.Errorf("%s: a token is in it: %.16s…", where, found)
		}
	}
}

func (s *server) newToken(kind string) string {
	var made struct {
		Token string `json:"token"`
	}
	s.json(&made, "token", "create", "--kind", kind, "--name", kind+"-for-this-test")
	return made.Token
}

// signInLink is the code in what serve prints for people, where it is meant to be.
func (s *server) signInLink() string {
	s.t.Helper()
	_, after, found := strings.Cut(s.log.String(), "/signin/")
	if !found {
		s.t.Fatalf("no sign-in link:\n%s", s.log)
	}
	return strings.Fields(after)[0]
}

func get(t *testing.T, url string) {
	t.Helper()
	c := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

// addFiles adds the secrets of the data folder, and what the stopped server wrote: its log, without the sign-in link
// that it printed for people, and the transactions.
func (s *server) addFiles(secrets, shown map[string]string) {
	s.t.Helper()
	for _, name := range []string{"root.token", "node.key", "seal.key"} {
		b, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			s.t.Fatal(err)
		}
		secrets[name+" of "+s.name] = strings.TrimSpace(string(b))
	}
	var lines []string
	for _, line := range strings.Split(s.log.String(), "\n") {
		if !strings.HasPrefix(line, "  sign in  ") {
			lines = append(lines, line)
		}
	}
	shown["log of "+s.name] = strings.Join(lines, "\n")
	err := filepath.WalkDir(filepath.Join(s.dir, "log"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		shown[d.Name()+" of "+s.name] = string(b)
		return err
	})
	if err != nil && s.name == "a.test" { // its link is in debug mode
		s.t.Error(err)
	}
}

// formsOf are the ways in which a secret could be written: as it is, its halves, its hash, in hexadecimal or base64.
func formsOf(secret string) []string {
	forms := []string{secret}
	if parts := strings.SplitN(secret, "_", 3); parts[0] == "zf" {
		forms = append(forms, parts[2], parts[2][:16])
	}
	for _, line := range strings.Split(secret, "\n") { // of PEM
		if len(line) > 16 && !strings.HasPrefix(line, "-----") {
			forms = append(forms, line)
		}
	}
	hash := sha256.Sum256([]byte(secret))
	for _, b := range [][]byte{[]byte(secret), hash[:]} {
		forms = append(forms, hex.EncodeToString(b), base64.StdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b))
	}
	return forms
}
