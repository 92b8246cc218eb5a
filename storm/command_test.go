package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The command makes a network of its own where it may, says so where it may not, and leaves nothing.
func TestTheCommandPullsCablesAndLeavesNothing(t *testing.T) {
	program := build(t, "")
	command := filepath.Join(t.TempDir(), "storm")
	if out, err := exec.Command("go", "build", "-o", command, ".").CombinedOutput(); err != nil {
		t.Fatalf("build storm: %v\n%s", err, out)
	}
	temp, dir := t.TempDir(), t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), command, append([]string{"-binary", program, "-servers", "3", "-zones", "12", "-seed", "1"}, args...)...)
		cmd.Env = append(os.Environ(), "TMPDIR="+temp)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "again: make storm DURATION=") {
			t.Errorf("storm %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	out := run("-duration", "12s", "-faults", "cable,mute", "-dir", dir)
	log, err := os.ReadFile(filepath.Join(dir, "faults.log"))
	if pulled := strings.Contains(string(log), "begin cable"); err != nil || pulled == strings.Contains(out, "cables are not pulled") {
		t.Errorf("it says\n%s\nand does\n%s%v", out, log, err)
	}
	run("-duration", "1s")
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
	if mounts, err := os.ReadFile("/proc/mounts"); err != nil || strings.Contains(string(mounts), temp) {
		t.Errorf("it leaves mounts, %v:\n%s", err, mounts)
	}
}
