package test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// backups is the answer of backup --list and --now.
type backups struct {
	Last  *time.Time `json:"last"`
	Where string     `json:"where"`
	Bytes int64      `json:"bytes"`
	Zones int        `json:"zones"`
	Error string     `json:"error"`
	Late  bool       `json:"late"`
	Next  *time.Time `json:"next"`
	Files []struct {
		Path string `json:"path"`
	} `json:"files"`
}

// backup makes the nightly backup now.
func (s *server) backup() (b backups) {
	s.t.Helper()
	s.json(&b, "backup", "--now")
	return b
}

// recoveryKey puts the server's recovery key into a file.
func (s *server) recoveryKey() string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "recovery.key")
	if err := os.WriteFile(path, []byte(s.run("backup", "--recovery-key")), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// report is the answer of backup --check.
type report struct {
	Whole   bool     `json:"whole"`
	Server  string   `json:"server"`
	Format  int      `json:"format"`
	Zones   int      `json:"zones"`
	Sealed  bool     `json:"sealed"`
	Damages []string `json:"damages"`
}

func TestAServerComesBackFromItsBackupWithItsRecoveryKey(t *testing.T) {
	a, b := pair(t)
	a.has("example.com", "example.net")
	b.answers("www.example.net", dns.TypeA, "192.0.2.1")
	key, kept := a.recoveryKey(), a.backup()
	if info, err := os.Stat(kept.Where); err != nil || info.Mode().Perm() != 0o600 || kept.Zones != 2 {
		t.Fatalf("%v, %v: %+v", info, err, kept)
	}
	if _, err := a.try("restore", kept.Where, "--data", filepath.Join(t.TempDir(), "x")); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("restored without the key: %v", err)
	}
	if _, err := a.try("restore", kept.Where, "--data", filepath.Join(t.TempDir(), "x"), "--key-file", b.recoveryKey()); err == nil || !strings.Contains(err.Error(), "another recovery key") {
		t.Errorf("restored with another's key: %v", err)
	}
	a.set("example.com", "192.0.2.5", "--wait=all") // after the backup: only b has it
	file := filepath.Join(t.TempDir(), "kept.zfb")
	if err := os.Rename(kept.Where, file); err != nil {
		t.Fatal(err)
	}
	a.kill()
	if err := os.RemoveAll(a.dir); err != nil {
		t.Fatal(err)
	}
	a.run("restore", file, "--key-file", key)
	a.start()
	a.answers("www.example.com", dns.TypeA, "192.0.2.5")
	a.set("example.net", "192.0.2.6", "--wait=all")
	b.answers("www.example.net", dns.TypeA, "192.0.2.6")
	b.set("example.net", "192.0.2.7", "--wait=all")
	a.answers("www.example.net", dns.TypeA, "192.0.2.7")
}

func TestABackupRevealsNoSecret(t *testing.T) {
	a, b := pair(t)
	a.has("example.com")
	token := a.token("relay")
	file := a.backup().Where
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"node.key", "seal.key", "root.token"} {
		secret, err := os.ReadFile(filepath.Join(a.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, bytes.TrimSpace(secret)) {
			t.Errorf("%s lies in it in the clear", name)
		}
	}
	// Rows are compressed, so they are looked for in what comes back without the key.
	dir := filepath.Join(t.TempDir(), "bare")
	a.run("restore", file, "--data", dir, "--without-secrets")
	for _, name := range []string{"node.key", "root.token"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s came back without the key", name)
		}
	}
	bare := newServer(t, "bare.zonefleet.test")
	bare.dir = dir
	bare.start()
	bare.answers("www.example.com", dns.TypeA, "192.0.2.1")
	if list := bare.members(); len(list) != 0 {
		t.Errorf("members came back without the key: %+v", list)
	}
	if _, err := bare.try("token", "list", "--token", token); err == nil {
		t.Error("a token works at a server restored without the key")
	}
	if out := bare.run("token", "list"); strings.Contains(out, "relay") {
		t.Errorf("tokens came back without the key:\n%s", out)
	}
	_ = b
}

func TestAZoneComesBackFromLastNightIntoARunningCluster(t *testing.T) {
	web, ns1, ns2 := trio(t)
	web.has("example.com", "example.net", "example.org")
	ns2.answers("www.example.org", dns.TypeA, "192.0.2.1")
	night := web.backup().Where
	web.set("example.com", "192.0.2.66", "--wait=all")
	web.run("record", "set", "example.com", "junk", "300", "A", "192.0.2.67")
	ns1.run("zone", "delete", "example.net", "--wait=all")
	web.set("example.org", "192.0.2.68", "--wait=all") // stays as it is

	shown := web.run("zone", "restore", "example.com", "--from", night, "--dry-run")
	if !containsAll(shown, "2 RRsets differ", "- junk.example.com. 300 A 192.0.2.67", "+ www.example.com. 300 A 192.0.2.1") {
		t.Errorf("the difference is\n%s", shown)
	}
	web.answers("www.example.com", dns.TypeA, "192.0.2.66")
	web.run("zone", "restore", "example.com", "--from", night, "--wait=all")
	web.run("restore", night, "--zone", "example.net", "--wait=all")
	for _, s := range []*server{web, ns1, ns2} {
		s.answers("www.example.com", dns.TypeA, "192.0.2.1")
		s.answers("junk.example.com", dns.TypeA)
		s.answers("www.example.net", dns.TypeA, "192.0.2.1")
		s.answers("www.example.org", dns.TypeA, "192.0.2.68")
	}
	if out := web.run("zone", "history", "example.com", "--limit", "1"); !containsAll(out, "restore", "restored from backup of ") {
		t.Errorf("the history says\n%s", out)
	}
	if out := web.run("zone", "restore", "example.com", "--from", night); !strings.Contains(out, "is as it was then") {
		t.Errorf("a second time:\n%s", out)
	}
	web.run("restore", night, "--owner", "root", "--wait=all")
	ns1.answers("www.example.org", dns.TypeA, "192.0.2.1")
	if _, err := web.try("zone", "restore", "nothing.example", "--from", night); err == nil || !strings.Contains(err.Error(), "no zone nothing.example in it") {
		t.Errorf("a zone that is not in it: %v", err)
	}
}

func TestBackupsOfThePreviousReleaseAreRead(t *testing.T) {
	a := newServer(t, "a.zonefleet.test").ofPrevious()
	a.start()
	a.has("example.com", "example.net")
	file := filepath.Join(t.TempDir(), "old.tar.zst")
	a.run("backup", file)
	a.stop()
	a.upgraded()
	var r report
	if a.json(&r, "backup", "--check", file); !r.Whole || r.Format != 1 || r.Zones != 2 || r.Server != a.name {
		t.Errorf("%+v", r)
	}
	a.start()
	a.set("example.com", "192.0.2.66")
	a.run("zone", "restore", "example.com", "--from", file)
	a.answers("www.example.com", dns.TypeA, "192.0.2.1")
	a.stop()
	if err := os.RemoveAll(a.dir); err != nil {
		t.Fatal(err)
	}
	a.run("restore", file) // it is not sealed
	a.start()
	a.answers("www.example.net", dns.TypeA, "192.0.2.1")
}

func TestDamageOfABackupIsNamed(t *testing.T) {
	a := startServer(t, "a.zonefleet.test")
	a.has("example.com", "example.net")
	file := a.backup().Where
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{
		"has another checksum": flipped(whole, len(whole)/2),
		"the file ends here":   whole[:len(whole)-20],
		"follow the end":       append(bytes.Clone(whole), "more"...),
	} {
		path := filepath.Join(t.TempDir(), "damaged.zfb")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := a.try("backup", "--check", path); err == nil || !strings.Contains(out, name) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if _, err := a.try("restore", path, "--data", filepath.Join(t.TempDir(), "x"), "--without-secrets"); err == nil {
			t.Errorf("%s: it was restored", name)
		}
		if _, err := a.try("zone", "restore", "example.com", "--from", path); err == nil {
			t.Errorf("%s: a zone was restored from it", name)
		}
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0x10
	return b
}

func TestANightThatWasMissedIsMadeUpForAndOldBackupsGo(t *testing.T) {
	a := startServer(t, "a.zonefleet.test", "--backup-keep", "1")
	a.has("example.com")
	var b backups
	time.Sleep(4 * time.Second) // it notes since when it runs 3 s after its start
	a.stop()
	half := filepath.Join(a.dir, "backups", ".backup-unfinished-123")
	if err := os.MkdirAll(filepath.Dir(half), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	for days := range 2 {
		a.extra = []string{"--clock-offset", fmt.Sprintf("%dh", 24*(days+1))}
		a.start()
		var before time.Time
		if b.Last != nil {
			before = *b.Last
		}
		eventually(t, 30*time.Second, "the missed night is made up for", func() error {
			a.json(&b, "backup", "--list")
			if b.Last == nil || !b.Last.After(before) {
				return fmt.Errorf("%+v", b)
			}
			return nil
		})
		a.stop()
	}
	if len(b.Files) != 1 || b.Files[0].Path != b.Where {
		t.Errorf("%+v", b)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("what a kill left is there")
	}
}

func TestTheBackupCommandGetsTheFileAndItsFailureIsTold(t *testing.T) {
	dir := t.TempDir()
	kept, config := filepath.Join(dir, "kept.zfb"), filepath.Join(dir, "zonefleet.toml")
	configure := func(script string) {
		path := filepath.Join(dir, "keep.sh")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(config, []byte(`backup_command = ["`+path+`", "$HOME; touch `+dir+`/shell"]`+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure(`cat > "` + kept + `"; case "$ZONEFLEET_BACKUP_NAME" in zonefleet-*.zfb) ;; *) exit 9;; esac`)
	a := startServer(t, "a.zonefleet.test", "--config", config)
	a.has("example.com")
	a.backup()
	var r report
	if a.json(&r, "backup", "--check", kept); !r.Whole || r.Zones != 1 {
		t.Errorf("the command got %+v", r)
	}
	if _, err := os.Stat(filepath.Join(dir, "shell")); err == nil {
		t.Error("a shell read the arguments")
	}
	configure("cat > /dev/null; echo the vault is closed >&2; exit 3")
	if _, err := a.try("backup", "--now"); err == nil || !containsAll(err.Error(), "exit status 3", "the vault is closed") {
		t.Errorf("a command that fails: %v", err)
	}
	configure("exit 0") // without reading
	if out := a.run("backup", "--list"); !strings.Contains(out, "the last one failed") {
		t.Errorf("the list says\n%s", out)
	}
	a.tells("backup-failed", "the vault is closed")
	a.answers("www.example.com", dns.TypeA, "192.0.2.1")
}

func TestAFolderThatCannotBeWrittenHurtsNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := startServer(t, "a.zonefleet.test", "--backup-dir", filepath.Join(file, "backups"))
	a.has("example.com")
	if _, err := a.try("backup", "--now"); err == nil || !strings.Contains(err.Error(), "make the folder of backups") {
		t.Errorf("into a file: %v", err)
	}
	a.set("example.com", "192.0.2.2")
	a.answers("www.example.com", dns.TypeA, "192.0.2.2")
	a.stop()
	a.extra = append(a.extra, "--clock-offset", "72h")
	a.start()
	eventually(t, 30*time.Second, "somebody must act", func() error {
		out, err := a.try("cluster", "status")
		if !strings.Contains(out, "no backup was ever made") {
			return fmt.Errorf("%s %w", out, err)
		}
		return nil
	})
	a.tells("backup-late", "no backup was ever made")
	if text := a.get("/metrics"); !strings.Contains(text, "zonefleet_backup_late 1") {
		t.Error("the metric does not say that the backup is late")
	}
}
