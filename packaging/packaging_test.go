package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The number is what systemd thinks a service is exposed to, from 0 to 10, here times ten.
func TestTheServiceIsExposedToLittle(t *testing.T) {
	out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20", "zonefleet.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "Overall exposure level for zonefleet.service") {
		t.Errorf("nothing was measured:\n%s", out)
	}
}

// systemd only warns of what it does not know, so that is an error here. The program has to exist for that.
func TestTheUnitIsUnderstood(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "zonefleet")
	unit := strings.ReplaceAll(Unit, Program, program)
	if unit == Unit {
		t.Fatalf("the unit does not start %s", Program)
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "zonefleet.service")
	if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "zonefleet.service") {
		t.Errorf("%v\n%s", err, out)
	}
}
