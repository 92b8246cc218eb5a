package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The commented configuration that packages install says something of every key, in the order of the documentation, and
// what it says is true: with nothing commented out it is read, and all as it stands changes nothing.
func TestTheExampleHasEveryKey(t *testing.T) {
	const path = "../../packaging/zonefleet.toml"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	last := -1
	for _, k := range Keys() {
		at := strings.Index(text, "\n# "+k.Name+" = ")
		if k.Name == keyClockOffset { // for tests only
			if at >= 0 {
				t.Errorf("%s is for tests only", k.Name)
			}
			continue
		}
		if at < last {
			t.Errorf("%s is missing, or not in its place", k.Name)
		}
		last = max(last, at)
	}
	var wrong Mistakes
	if got := readFile(path, &wrong); len(got) > 0 || wrong != nil {
		t.Errorf("it says %v, %v", got, wrong)
	}
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if bare := strings.TrimPrefix(line, "# "); strings.Contains(bare, " = ") && !strings.Contains(bare, ". ") {
			line = bare
		}
		lines = append(lines, line)
	}
	dir := t.TempDir()
	full := write(t, filepath.Join(dir, "full.toml"), strings.Join(lines, "\n"))
	c := load(t, Input{File: full, Flags: map[string][]string{"data": {dir}}})
	plain := load(t, Input{Flags: map[string][]string{"data": {dir}, "name": {"ns1.example.net"}}})
	for _, v := range c.Changed(plain) {
		switch v.Key {
		case "dns", "tls_cert", "tls_key", "allow_transfer", "allow_https", "allow_api", "backup_dir", "backup_command": // their default is "none"
		default:
			t.Errorf("%s: %q is not the default", v.Key, v.Text)
		}
	}
}
