package install

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zonefleet/zonefleet/packaging"
)

// staged is a host that is a folder: what is written there can be looked at, and nothing is started.
func staged(t *testing.T) *Host {
	t.Helper()
	h := &Host{Root: t.TempDir(), Version: "test", Say: func(line string) { t.Log(line) }}
	for _, dir := range []string{"etc", "usr/local/bin"} {
		if err := os.MkdirAll(filepath.Join(h.Root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *Host) text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(h.path(path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// program is a file that stands for one.
func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zonefleet")
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheProgramIsReplacedAndTheOldOneKept(t *testing.T) {
	h := staged(t)
	for _, version := range []string{"one", "two", "three"} {
		if _, err := h.putProgram(program(t, version)); err != nil {
			t.Fatal(err)
		}
	}
	if now, old := h.text(t, packaging.Program), h.text(t, previous); now != "three" || old != "two" {
		t.Errorf("%s, before it %s", now, old)
	}
	for range 2 { // back, and forth
		if err := h.swap(); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.swap(); err != nil || h.text(t, packaging.Program) != "two" || h.text(t, previous) != "three" {
		t.Errorf("%v: %s, before it %s", err, h.text(t, packaging.Program), h.text(t, previous))
	}
	if replaced, err := h.putProgram(h.path(packaging.Program)); replaced || err != nil {
		t.Errorf("a program that installs itself in its own place: %v, %v", replaced, err)
	}
}

func TestWithoutAnOldProgramThereIsNoWayBack(t *testing.T) {
	h := staged(t)
	if _, err := h.putProgram(program(t, "one")); err != nil {
		t.Fatal(err)
	}
	if err := h.swap(); !errors.Is(err, os.ErrNotExist) || h.text(t, packaging.Program) != "one" {
		t.Errorf("%v", err)
	}
}

func TestAConfigurationThatExistsIsRead(t *testing.T) {
	h := staged(t)
	if c, err := h.config(); err != nil || c.Listen != ":2087" {
		t.Errorf("without one: %v, %v", c.Listen, err)
	}
	if _, err := h.write(configFile, "listen = \":2089\"\n"); err != nil {
		t.Fatal(err)
	}
	if c, err := h.config(); err != nil || c.Listen != ":2089" {
		t.Errorf("%v, %v", c.Listen, err)
	}
	if _, err := h.write(configFile, "lisen = \":2089\"\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.config(); err == nil || !strings.Contains(err.Error(), "unknown key lisen") {
		t.Errorf("%v", err)
	}
}

// A data folder remembers the configuration file of its last start, which may be gone, or have been on another machine.
func TestWhatADataFolderRemembersDoesNotStopIt(t *testing.T) {
	h := staged(t)
	if _, err := h.write(dataFolder+"/settings.toml", "config = \"/gone/zonefleet.toml\"\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.config(); err != nil {
		t.Error(err)
	}
}

func TestAFolderOfSomebodyElseIsRefused(t *testing.T) {
	h, dir := staged(t), t.TempDir()
	if err := h.checkData(dir); err != nil {
		t.Errorf("an empty one: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.checkData(dir); err == nil || !strings.Contains(err.Error(), "thesis.txt") {
		t.Errorf("%v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := h.checkData(dir); err != nil {
		t.Errorf("a data folder: %v", err)
	}
}
