package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Every ```console block of the documentation is run, page by page, against a demo cluster: what a page shows works.
func TestTheDocumentationWorks(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 7 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	env := startDemo(t)
	run := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		commands := consoleCommands(string(text))
		if len(commands) == 0 {
			continue
		}
		run += len(commands)
		t.Run(filepath.Base(page), func(t *testing.T) { runInOrder(t, env, commands) })
	}
	if run < 40 {
		t.Errorf("only %d commands were run: the search is broken", run)
	}
}

func consoleCommands(page string) []string {
	var out []string
	in := false
	for _, line := range strings.Split(page, "\n") {
		switch command, shown := strings.CutPrefix(line, "$ "); {
		case strings.HasPrefix(line, "```"):
			in = line == "```console"
		case in && shown:
			out = append(out, command)
		}
	}
	return out
}

// runInOrder runs the commands of a page in one shell each, in one folder; variables that a line sets stay.
func runInOrder(t *testing.T, env, commands []string) {
	dir := t.TempDir()
	setup := ""
	for _, command := range commands {
		if name, _, ok := strings.Cut(command, "="); ok && strings.ToUpper(name) == name {
			setup += command + "\n"
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, "sh", "-e", "-c", setup+command)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		cancel()
		if err != nil {
			t.Errorf("$ %s\n%s%v", command, out, err)
		}
		if strings.HasPrefix(command, "curl") && bytes.Contains(out, []byte(`"status":4`)) {
			t.Errorf("$ %s\n%s", command, out)
		}
	}
}

// startDemo runs the demo and returns the environment in which the command line speaks to its first server.
func startDemo(t *testing.T) []string {
	t.Helper()
	bin, dir := program(t), t.TempDir()
	dns, https := freeRun(t, 3), freeRun(t, 3)
	cmd := exec.Command(filepath.Join(bin, "zonefleet"), "demo", "--dir", dir, "--dns-port", fmt.Sprint(dns), "--http-port", fmt.Sprint(https))
	var out safeBuffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(time.Minute); !strings.Contains(out.String(), "it runs until"); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the demo does not start:\n%s", out.String())
		}
	}
	return append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+t.TempDir(), "NO_COLOR=1", "ZONEFLEET_TOKEN=",
		fmt.Sprintf("ZONEFLEET_SERVER=https://127.0.0.1:%d", https), "ZONEFLEET_DATA="+filepath.Join(dir, "server1"))
}
