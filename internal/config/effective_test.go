package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "settings.toml"), "colour = \"red\"\n")
	file := write(t, filepath.Join(dir, "z.toml"), strings.Join([]string{
		`listne = ":1"`, `profile = "web"`, `log_level = "info,store=loud"`, `tls_cert = "/x"`, `name = 7`,
	}, "\n"))
	env := map[string]string{"ZONEFLEET_ALLOW_TRANSFER": "everybody"}
	_, err := Load(prepared(Input{
		File: file, Getenv: func(k string) string { return env[k] }, Flags: map[string][]string{"data": {dir}, "dns": {"0.0.0.0"}},
	}))
	var wrong Mistakes
	if !errors.As(err, &wrong) || len(wrong) != 8 {
		t.Fatalf("%d mistakes:\n%v", len(wrong), err)
	}
	for _, want := range []string{
		file + ":1: unknown key listne (did you mean listen?)",
		file + `:2: profile: "web" is not one of`,
		file + `:3: log_level: "loud" is not a level`,
		file + ":4: tls_cert and tls_key belong together",
		file + ":5: name: takes a string",
		"environment ZONEFLEET_ALLOW_TRANSFER: allow_transfer: ",
		"flag --dns: dns: ",
		dir + "/settings.toml:1: unknown key colour (docs/",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}

func TestASlipIsRecognized(t *testing.T) {
	for slip, want := range map[string]string{
		"listne": "listen", "lsiten": "listen", "advertize": "advertise", "alow_transfer": "allow_transfer", "log-level": "log_level",
		"dsn": "dns", "loglevel": "log_level", "tls": "tls_cert", "tls_certificate": "tls_cert", "nmae": "name",
	} {
		if got := suggest(slip); got != " (did you mean "+want+"?)" {
			t.Errorf("%s: %s", slip, got)
		}
	}
	for _, other := range []string{"colour", "zone", "", strings.Repeat("listen", 1000)} {
		if got := suggest(other); strings.Contains(got, "did you mean") && other != strings.Repeat("listen", 1000) {
			t.Errorf("%q: %s", other, got)
		}
	}
}

func TestEachValueSaysWhereItComesFrom(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "settings.toml"), "allow_transfer = [\"192.0.2.0/24\"]\n")
	file := write(t, filepath.Join(dir, "z.toml"), "\nlisten = \":1\"\n")
	env := map[string]string{"ZONEFLEET_LOG_LEVEL": "store=debug"}
	c := load(t, Input{File: file, Getenv: func(k string) string { return env[k] }, Flags: map[string][]string{"data": {dir}, "dns": {"127.0.0.1:54", "::1"}}})
	got := map[string]string{}
	for _, v := range c.Effective() {
		got[v.Key] = v.Text + " from " + v.From
	}
	want := map[string]string{
		"data": dir + " from flag --data", "name": "web1.example.net from name of this host", "dns": "127.0.0.1:54, [::1]:53 from flag --dns",
		"listen": ":1 from " + file + ":2", "advertise": "web1.example.net:1 from name and listen", "profile": "standard from default",
		"tls_cert": " from default", "tls_key": " from default", "allow_transfer": "192.0.2.0/24 from " + dir + "/settings.toml:1",
		"allow_https": " from default", "allow_api": " from default",
		"log_level": "info,store=debug from environment ZONEFLEET_LOG_LEVEL", "log_format": "auto from default", "clock_offset": "0s from default",
		"backup_time": "02:00 from default", "backup_keep": "7 from default", "backup_dir": dir + "/backups from default", "backup_command": " from default",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What a file says anew is either taken by the running server or named as waiting for the next start.
func TestReloadTellsLiveValuesFromOthers(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "z.toml"), "")
	old := load(t, Input{File: file, Flags: map[string][]string{"data": {dir}}})
	live := map[string]string{
		"profile": "nameserver", "tls_cert": "/c.pem", "tls_key": "/k.pem", "allow_transfer": "192.0.2.1", "allow_https": "192.0.2.0/24", "allow_api": "2001:db8::/32", "log_level": "debug", "log_format": "text",
		"backup_time": "off", "backup_keep": "3", "backup_dir": "/b", "backup_command": "/bin/cat",
	}
	fixed := map[string]string{
		"name": "new.example", "dns": "127.0.0.1", "listen": ":7", "advertise": "a.example:1", "clock_offset": "1h", "data": dir + "/other",
	}
	text := ""
	for _, k := range Keys() {
		if _, isLive := live[k.Name]; isLive != k.Live {
			t.Errorf("%s: live is %v", k.Name, k.Live)
		}
		if k.Name != keyData { // a flag
			text += k.Name + ` = "` + live[k.Name] + fixed[k.Name] + "\"\n"
		}
	}
	write(t, file, text)
	read, err := old.Reload()
	if err != nil {
		t.Fatal(err)
	}
	now := old.With(read)
	for _, v := range read.Changed(old) {
		if v.Text == "" || v.From != file+":1" && !strings.HasPrefix(v.From, file+":") {
			t.Errorf("%+v", v)
		}
	}
	if n := len(read.Changed(old)); n != len(Keys())-1 {
		t.Errorf("%d values changed", n)
	}
	for _, v := range now.Changed(old) {
		if !v.Live {
			t.Errorf("%s changed in the running server", v.Key)
		}
		delete(live, v.Key)
	}
	if len(live) > 0 {
		t.Errorf("not taken by the running server: %v", live)
	}
	write(t, file, "name = ")
	if _, err := now.Reload(); err == nil || !strings.Contains(err.Error(), file+":1") {
		t.Errorf("a broken file: %v", err)
	}
	if _, err := load(t, Input{Flags: map[string][]string{"data": {dir}}}).Reload(); errors.Is(err, fs.ErrNotExist) || err != nil {
		t.Errorf("no file at all: %v", err)
	}
}
