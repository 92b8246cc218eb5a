package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// wordy fills the server's store with what makes a backup of some length.
func (s *server) wordy() {
	s.t.Helper()
	zones := map[string]string{}
	for i := range 300 {
		zones["z"+strings.Repeat("x", i%40)+string(rune('a'+i/40))+".example"] = zoneFile("192.0.2.1")
	}
	s.run("zone", "import", writeZones(s.t, zones))
}

func TestABackupThatIsKilledOrMeetsAFullDiskLeavesTheLastOneAndNoOther(t *testing.T) {
	dir := t.TempDir()
	mountTmpfs(t, dir, "size=3m")
	a := startServer(t, "a.zonefleet.test", "--backup-dir", dir)
	a.wordy()
	a.has("example.com")
	good := a.backup()
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	if _, err := a.try("backup", "--now"); err == nil || !containsAll(err.Error(), "have to stay free", "backup_dir") {
		t.Errorf("onto a full disk: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		ended := make(chan struct{})
		go func() { defer close(ended); _, _ = a.try("backup", "--now") }()
		time.Sleep(time.Duration(5+10*i) * time.Millisecond)
		a.kill()
		<-ended
		a.start()
	}
	a.answers("www.example.com", dns.TypeA, "192.0.2.1")
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	kept := false
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		kept = kept || path == good.Where
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s is left over", e.Name())
			continue
		}
		var r report
		if a.json(&r, "backup", "--check", path); !r.Whole {
			t.Errorf("%s: %+v", e.Name(), r)
		}
	}
	if !kept {
		t.Errorf("the last good one is gone: %v", entries)
	}
	a.backup()
}
