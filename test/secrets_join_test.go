package test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/internal/auth"
)

// A join with everything logged, with codes that are used, revoked, guessed and of a server that is replaced: neither side
// writes or shows a code's secret, or a token that came of it; nor the recovery key of backups.
func TestNoSecretOfAJoinIsLoggedOrShown(t *testing.T) {
	debug := []string{"--log-level", "debug", "--backup-time", "off"}
	a, b := startServer(t, "inviting.test", debug...), startServer(t, "b.test", debug...)
	a.has("example.com")
	secrets, shown := map[string]string{}, map[string]string{}
	code := func(what string, flags ...string) string {
		text := a.invite(flags...)
		secrets[what] = text
		c, err := auth.ParseCode(text)
		if err != nil {
			t.Fatal(err)
		}
		secrets["secret of the "+what], secrets["token of the "+what] = string(c.Secret[:]), c.TokenText()
		return text
	}
	join := func(s *server, text string, works bool) {
		out, err := s.try("join", text, "--timeout", "10s")
		if (err == nil) != works {
			t.Errorf("join at %s: %v", s.name, err)
		}
		if err != nil {
			_, says, _ := strings.Cut(err.Error(), "exit status") // what comes before is the command itself
			out += says
		}
		shown["what join says at "+s.name] += out + "\n"
	}
	used := code("code that is used", "--name", "for-b")
	join(b, used, true)
	join(b, used, true)
	stranger := startServer(t, "stranger.test", debug...)
	join(stranger, used, false)
	guess, err := auth.ParseCode(code("code that is guessed at"))
	if err != nil {
		t.Fatal(err)
	}
	guess.Secret[7]++
	secrets["guess"], secrets["token of the guess"] = guess.Text(), guess.TokenText()
	join(stranger, guess.Text(), false)
	revoked := code("code that is revoked")
	info, err := auth.ParseCode(revoked)
	if err != nil {
		t.Fatal(err)
	}
	a.run("member", "uninvite", info.ID)
	join(stranger, revoked, false)
	fresh := b.replaced()
	fresh.start()
	join(fresh, code("code of a replacement", "--replaces", b.name), true)
	fresh.connected(a.name)
	secrets["recovery key"] = a.run("backup", "--recovery-key")
	a.run("backup", "--now")

	servers := []*server{a, fresh, stranger}
	for _, s := range servers {
		for _, command := range []string{
			"member invites", "token list", "member list", "cluster status", "events list --limit 1000", "settings list", "backup --list", "change held", "change list",
		} {
			shown[command+" at "+s.name], _ = s.try(append(strings.Fields(command), "--output", "json")...)
		}
		shown["metrics of "+s.name] = s.get("/metrics")
	}
	for _, s := range servers {
		s.stop()
		s.addFiles(secrets, shown)
	}
	files, err := filepath.Glob(filepath.Join(a.dir, "backups", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no nightly backup: %v", err)
	}
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		shown["octets of "+filepath.Base(f)] = string(content)
	}
	for where, text := range shown {
		if text == "" {
			t.Errorf("%s is empty: this test looks at nothing", where)
		}
		for what, secret := range secrets {
			for _, form := range formsOf(strings.TrimSpace(secret)) {
				if strings.Contains(text, form) {
					t.Errorf("%s: the %s is in it, as %.12q…", where, what, form)
				}
			}
		}
		if found := regexp.MustCompile(`zf_[0-9a-z]+_[0-9A-Za-z_-]{20,}|zfjoin-[0-9A-Za-z_-]{20,}`).FindString(text); found != "" {
			t.Errorf("%s: %.16s… is in it", where, found)
		}
	}
}
