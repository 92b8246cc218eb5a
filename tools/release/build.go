package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// build compiles the program for an architecture. Nothing of this machine goes into it: no path, no state of the
// checkout, no build id, and no setting of the environment that would change the code.
func (r *release) build(arch string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "zonefleet-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "zonefleet")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", path, "./cmd/zonefleet")
	cmd.Dir = r.root
	cmd.Env = append(without(os.Environ(), "GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GOROOT"),
		"CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build for %s: %w\n%s", arch, err, out)
	}
	return os.ReadFile(path)
}

func without(environ []string, names ...string) []string {
	var out []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		keep := true
		for _, n := range names {
			keep = keep && n != name
		}
		if keep {
			out = append(out, v)
		}
	}
	return out
}

// generated are the files that the program writes about itself: completion of its commands in shells.
func (r *release) generated() ([]file, error) {
	program, err := r.build(runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "zonefleet-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "zonefleet")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		return nil, err
	}
	var files []file
	for shell, to := range map[string]string{
		"bash": "/usr/share/bash-completion/completions/zonefleet",
		"zsh":  "/usr/share/zsh/vendor-completions/_zonefleet",
		"fish": "/usr/share/fish/vendor_completions.d/zonefleet.fish",
	} {
		var out, errs bytes.Buffer
		cmd := exec.Command(path, "completion", shell)
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("completion for %s: %w %s", shell, err, errs.String())
		}
		files = append(files, file{path: to, mode: 0o644, body: out.Bytes()})
	}
	return files, nil
}
