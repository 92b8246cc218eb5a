package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zonefleet/zonefleet/internal/logs"
)

func load(t *testing.T, in Input) Config {
	t.Helper()
	c, err := Load(prepared(in))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func prepared(in Input) Input {
	if in.Hostname == nil {
		in.Hostname = func() (string, error) { return "Web1.Example.net", nil }
	}
	return in
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNothingGivenIsAWorkingConfiguration(t *testing.T) {
	got := load(t, Input{})
	want := Config{
		Name: "web1.example.net", Data: DefaultData, Listen: ":2087", Advertise: "web1.example.net:2087",
		Profile: ProfileStandard, LogFormat: logs.Auto,
		Backup: Backup{At: 2 * time.Hour, Keep: 7, Dir: DefaultData + "/backups"},
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{}), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func TestStrongerLayersWin(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "z.toml"), "name = \"file.example\"\nlisten = \":1\"\nlog_level = \"debug\"\n")
	env := map[string]string{"ZONEFLEET_NAME": "env.example", "ZONEFLEET_LISTEN": ":2"}
	c := load(t, Input{
		File: file, Getenv: func(k string) string { return env[k] },
		Flags: map[string][]string{"name": {"flag.example"}, "data": {dir}},
	})
	if c.Name != "flag.example" || c.Listen != ":2" || c.LogLevels.String() != "debug" {
		t.Errorf("name %s (want the flag), listen %s (want the environment), log level %s (want the file)", c.Name, c.Listen, c.LogLevels)
	}
	if c.Advertise != "flag.example:2" {
		t.Errorf("advertise %s does not follow name and port", c.Advertise)
	}
}

func TestFlagsAreRememberedAndReplacedOneByOne(t *testing.T) {
	dir := t.TempDir()
	flags := map[string][]string{
		"data": {dir}, "name": {"ns1.example"}, "dns": {"127.0.0.1:5301", "::1"}, "clock_offset": {"2h"},
		"allow_transfer": {"192.0.2.7", "2001:db8::/32"},
	}
	first := load(t, Input{Flags: flags})
	if first.ClockOffset != 2*time.Hour {
		t.Errorf("clock offset %v", first.ClockOffset)
	}
	if err := first.Remember(); err != nil {
		t.Fatal(err)
	}
	again := load(t, Input{Flags: map[string][]string{"data": {dir}, "name": {"ns2.example"}}})
	if again.Name != "ns2.example" {
		t.Errorf("name %s: a flag given now replaces what is remembered", again.Name)
	}
	wantDNS := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:5301"), netip.MustParseAddrPort("[::1]:53")}
	if d := cmp.Diff(wantDNS, again.DNS, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); d != "" {
		t.Error(d)
	}
	if len(again.AllowTransfer) != 2 || again.AllowTransfer[0].String() != "192.0.2.7/32" {
		t.Errorf("allow transfer %v", again.AllowTransfer)
	}
	if again.ClockOffset != 0 {
		t.Error("the clock offset was remembered")
	}
	if err := again.Remember(); err != nil {
		t.Fatal(err)
	}
	third := load(t, Input{Flags: map[string][]string{"data": {dir}}})
	if third.Name != "ns2.example" || len(third.DNS) != 2 {
		t.Errorf("third start: name %s, dns %v", third.Name, third.DNS)
	}
}

func TestARememberedFileIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "z.toml"), `log_format = "json"`)
	c := load(t, Input{File: file, Flags: map[string][]string{"data": {dir}}})
	if err := c.Remember(); err != nil {
		t.Fatal(err)
	}
	if again := load(t, Input{Flags: map[string][]string{"data": {dir}}}); again.LogFormat != "json" {
		t.Errorf("log format %s: the remembered file was not read", again.LogFormat)
	}
	os.Remove(file)
	_, err := Load(prepared(Input{Flags: map[string][]string{"data": {dir}}}))
	if err == nil || !strings.Contains(err.Error(), "remembered in") {
		t.Errorf("error %v does not say where the name of the missing file comes from", err)
	}
}

func TestTheFileMayNameTheDataFolder(t *testing.T) {
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "z.toml"), `data = "`+dir+`/data"`)
	if c := load(t, Input{File: file}); c.Data != dir+"/data" {
		t.Errorf("data folder %s", c.Data)
	}
}

func TestMistakesInAFileNameTheirLine(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"unknown key":      {"# hello\nname = \"a.example\"\nlistne = \":1\"\n", "z.toml:3: unknown key listne"},
		"dash for _":       {"\ntls-cert = \"x\"\n", "z.toml:2: unknown key tls-cert (did you mean tls_cert?)"},
		"a table":          {"[dns]\naddr = \"x\"\n", "z.toml:1: there are no tables"},
		"dotted key":       {"\ndns.addr = \"x\"\n", "z.toml:2: unknown key dns.addr"},
		"twice":            {"name = \"a\"\nname = \"b\"\n", "z.toml:2: name is given twice"},
		"number":           {"listen = 2087\n", "z.toml:1: listen: takes a string"},
		"array":            {"name = [\"a\"]\n", "z.toml:1: name: takes a string"},
		"array of numbers": {"dns = [1]\n", "z.toml:1: dns: the array takes strings"},
		"broken TOML":      {"name = \"a\"\n\nlisten = \"x\n", "z.toml:3: "},
		"bad value":        {"\n\nprofile = \"web\"\n", "z.toml:3: profile: \"web\" is not one of standard, nameserver"},
		"wildcard":         {"dns = \"0.0.0.0\"\n", "z.toml:1: dns: \"0.0.0.0\" is the wildcard"},
		"port":             {"listen = \":99999\"\n", "z.toml:1: listen: \"99999\" is not a port"},
		"host":             {"name = \"a_b.example\"\n", "z.toml:1: name: \"a_b.example\" is not a host name"},
		"transfer":         {"allow_transfer = [\"web\"]\n", "z.toml:1: allow_transfer: \"web\" is not an address"},
		"backup time":      {"backup_time = \"25:00\"\n", "z.toml:1: backup_time: \"25:00\" is not a time of day"},
		"backup keep":      {"backup_keep = \"0\"\n", "z.toml:1: backup_keep: \"0\" is not a number of backups"},
		"backup command":   {"backup_command = [\"cat\"]\n", "z.toml:1: backup_command: takes an array"},
		"half of a pair":   {"tls_cert = \"x\"\n", "tls_cert and tls_key belong together"},
		"one port twice":   {"dns = \"127.0.0.1:5353\"\nlisten = \"127.0.0.1:5353\"\n", "listen 127.0.0.1:5353 and dns 127.0.0.1:5353 are one TCP port"},
		"everywhere":       {"dns = \"127.0.0.1\"\nlisten = \":53\"\n", "listen :53 and dns 127.0.0.1:53 are one TCP port"},
		"remembered only":  {"config = \"x\"\n", "z.toml:1: unknown key config"},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, filepath.Join(t.TempDir(), "z.toml"), tc.text)
			_, err := Load(prepared(Input{File: file}))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %q, want it to contain %q", err, tc.want)
			}
		})
	}
}

func TestMistakesElsewhereNameTheirPlace(t *testing.T) {
	_, err := Load(prepared(Input{Flags: map[string][]string{"advertise": {"0.0.0.0:1"}}}))
	if err == nil || !strings.HasPrefix(err.Error(), "flag --advertise: ") {
		t.Errorf("flag: %v", err)
	}
	_, err = Load(prepared(Input{Getenv: func(k string) string {
		return map[string]string{"ZONEFLEET_DNS": "127.0.0.1, nowhere"}[k]
	}}))
	if err == nil || !strings.HasPrefix(err.Error(), "environment ZONEFLEET_DNS: ") {
		t.Errorf("environment: %v", err)
	}
	if _, err := Load(Input{Hostname: func() (string, error) { return "my host", nil }}); err == nil {
		t.Error("a host name with a space was taken")
	}
}

func TestTheBackupCommandIsOfTheFileAlone(t *testing.T) {
	file := write(t, filepath.Join(t.TempDir(), "z.toml"), "backup_time = \"23:30\"\nbackup_command = [\"/bin/cat\", \"a b\", \"$HOME\"]\n")
	env := func(k string) string {
		return map[string]string{"ZONEFLEET_BACKUP_COMMAND": "/bin/other"}[k]
	}
	got := load(t, Input{File: file, Getenv: env}).Backup
	if d := cmp.Diff([]string{"/bin/cat", "a b", "$HOME"}, got.Command); d != "" || got.At != 23*time.Hour+30*time.Minute {
		t.Errorf("%+v\n%s", got, d)
	}
	if got := load(t, Input{Getenv: env}).Backup; got.Command != nil {
		t.Errorf("taken from the environment: %v", got.Command)
	}
	if got := load(t, Input{Flags: map[string][]string{"backup_time": {"off"}}}).Backup; !got.Off {
		t.Error("the backup is not off")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("name = \"a\"\ndns = [\"127.0.0.1\"]\n"))
	f.Add([]byte("[a]\nb.c = 1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var wrong Mistakes
		l := parse("f", b, true, &wrong)
		if wrong != nil {
			return
		}
		text, err := l.text()
		if err != nil {
			t.Fatal(err)
		}
		again := parse("f", text, true, &wrong)
		if wrong != nil {
			t.Fatalf("%v in %s", wrong, text)
		}
		if d := cmp.Diff(texts(l), texts(again)); d != "" {
			t.Errorf("written and read again: %s", d)
		}
	})
}

func texts(l layer) map[string][]string {
	out := map[string][]string{}
	for k, g := range l {
		out[k] = append([]string{}, g.texts...)
	}
	return out
}
