package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// brokenProgram builds the program with a fault in it.
func brokenProgram(t *testing.T, kind string) string {
	t.Helper()
	faults := map[string]struct{ file, old, new string }{
		"ends at once":     {"../internal/node/node.go", "\tf := newFront(o)\n", "\tos.Exit(3)\n\tf := newFront(o)\n"},
		"never gets ready": {"../internal/node/restart.go", "\tf.release()\n\tif err := f.predecessor.Ready", "\t<-ctx.Done()\n\tif err := f.predecessor.Ready"},
		"answers nothing":  {"../internal/node/front.go", "Loading: func() bool { return !f.isLoaded() }", "Loading: func() bool { return true }"},
	}
	fault, ok := faults[kind]
	text, err := os.ReadFile(fault.file)
	if !ok || err != nil || strings.Count(string(text), fault.old) != 1 {
		t.Fatalf("no place for the fault %q: %v", kind, err)
	}
	dir := t.TempDir()
	there, _ := filepath.Abs(fault.file)
	here := filepath.Join(dir, "fault.go")
	overlay, _ := json.Marshal(map[string]map[string]string{"Replace": {there: here}})
	if err := os.WriteFile(here, []byte(strings.Replace(string(text), fault.old, fault.new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "zonefleet")
	build := exec.Command("go", "build", "-trimpath", "-overlay", filepath.Join(dir, "overlay.json"), "-ldflags", "-X main.version=v0.9.0-broken", "-o", program, "../cmd/zonefleet")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// A new process that loads everything and is never ready has not taken over, although it has the data folder and answers the
// API meanwhile; and one that is ready and answers wrongly has not done so well.
func TestOnlyAProcessThatIsReadyHasTakenOver(t *testing.T) {
	s, file := upgradable(t)
	before := s.pid()
	replace(t, brokenProgram(t, "never gets ready"), file)
	if out, err := s.try("restart", "--standstill", "3s"); err == nil || !strings.Contains(err.Error(), "did not take over") {
		t.Errorf("%s, %v", out, err)
	}
	if now := s.pid(); now != before {
		t.Errorf("process %d, before it was %d", now, before)
	}
	s.answers("www.example.com", dns.TypeA, "192.0.2.1")
	replace(t, brokenProgram(t, "answers nothing"), file)
	if out, err := s.try("restart"); err == nil || !strings.Contains(err.Error(), "has taken over, but") {
		t.Errorf("%s, %v", out, err)
	}
}
