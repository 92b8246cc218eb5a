package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zonefleet/zonefleet/internal/config"
	"github.com/zonefleet/zonefleet/internal/preflight"
	"github.com/zonefleet/zonefleet/packaging"
)

// Host is where the program becomes a service.
type Host struct {
	Root    string // folder that is its root, for images; empty: this host
	Version string // of this program
	Token   string // for the running server; empty: its root token
	// Say tells people what was done, a line at a time.
	Say func(line string)
}

func (h *Host) say(format string, args ...any) { h.Say(fmt.Sprintf(format, args...)) }

// ErrNotRoot says that somebody else than root asked.
var ErrNotRoot = errors.New("this changes the host: run it as root")

// Result is what Install did.
type Result struct {
	Upgraded bool   `json:"upgraded"`
	Running  bool   `json:"running"`
	Link     string `json:"link,omitempty"` // to sign in with, once
}

// limit bounds the wait for a server that starts or is handed over to: one with very many zones loads them for minutes.
const limit = 15 * time.Minute

// Install makes the program a service and starts it; where it is one already, it is upgraded without losing a query.
func (h *Host) Install(ctx context.Context) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if os.Geteuid() != 0 {
		return Result{}, ErrNotRoot
	}
	self, err := os.Executable()
	if err != nil {
		return Result{}, fmt.Errorf("find this program's own file: %w (hint: a chroot needs /proc)", err)
	}
	if owner := h.packaged(); owner != "" {
		return Result{}, fmt.Errorf("%s belongs to a package: upgrade it with %s", packagedProgram, owner)
	}
	c, err := h.config()
	if err != nil {
		return Result{}, err
	}
	before := exists(h.path(packaging.Program)) && exists(h.path(unitFile))
	if err := errors.Join(h.checkOther(ctx, c), h.check(c, before)); err != nil {
		return Result{}, err
	}
	old := was{unit: h.unitText()}
	if old.program, err = h.putProgram(self); err != nil {
		return Result{}, err
	}
	if err := h.putFiles(ctx); err != nil {
		return Result{}, err
	}
	r := Result{Upgraded: before}
	if !h.booted() {
		h.sayHow()
		return r, nil
	}
	s := server{h, c}
	if active(ctx) {
		err = h.upgrade(ctx, s, old)
	} else if err = start(ctx, "start"); err == nil {
		err = AwaitHealthy(ctx, s.call, h.Version, nil)
	}
	if err != nil {
		return r, err
	}
	r.Running = true
	if !r.Upgraded {
		r.Link, err = s.signInLink(ctx)
	}
	return r, err
}

// packagedProgram is where packages put the program.
const packagedProgram = "/usr/bin/zonefleet"

// packaged names the package manager that the service belongs to, empty if it is this command's.
func (h *Host) packaged() string {
	for _, dir := range []string{"/usr/lib/systemd/system/", "/lib/systemd/system/"} {
		if !exists(h.path(dir + unit)) {
			continue
		}
		if exists(h.path("/var/lib/dpkg/status")) {
			return "apt"
		}
		return "dnf"
	}
	return ""
}

// config reads the configuration that the server will have: the one that is there, or the one that will be put there. A data
// folder may remember another, which the unit overrules.
func (h *Host) config() (config.Config, error) {
	in := config.Input{File: h.path(configFile), Getenv: func(string) string { return "" }, Flags: map[string][]string{}}
	if !exists(in.File) {
		f, err := os.CreateTemp("", "zonefleet-*.toml")
		if err != nil {
			return config.Config{}, err
		}
		defer os.Remove(f.Name())
		if _, err := f.WriteString(packaging.Config); err != nil {
			return config.Config{}, errors.Join(err, f.Close())
		}
		if err := f.Close(); err != nil {
			return config.Config{}, err
		}
		in.File = f.Name()
	}
	if h.staged() {
		in.Flags["data"] = []string{h.path(dataFolder)}
	}
	c, err := config.Load(in)
	if err != nil {
		return c, fmt.Errorf("%w\nhint: nothing was changed; put it right and run this again", err)
	}
	return c, nil
}

// check looks whether the server would start. What a running one holds is its own.
func (h *Host) check(c config.Config, before bool) error {
	if h.staged() {
		return nil // its addresses and ports are not this host's
	}
	if err := h.checkData(c.Data); err != nil {
		return err
	}
	var wrong []string
	for _, f := range preflight.Check(c, nil, time.Now()) {
		switch {
		case f.Error:
			wrong = append(wrong, f.Subject+": "+f.Message)
		// A resolver for this host alone may stay where it is. On an address that others ask, they would get its answers.
		case !before && f.Unserved.IsValid() && !f.Unserved.IsLoopback():
			wrong = append(wrong, f.Subject+": "+f.Message+" (hint: stop it, or name the addresses to serve with dns in "+configFile+")")
		case !before:
			h.say("note: %s: %s", f.Subject, f.Message)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the server would not start, nothing was changed:\n  %s", strings.Join(wrong, "\n  "))
	}
	return nil
}

// checkOther refuses to go beside a server that is not the service: two cannot have one data folder, and a service that works
// on another folder than the configuration says would come back without its zones.
func (h *Host) checkOther(ctx context.Context, c config.Config) error {
	if !h.booted() {
		return nil
	}
	running := preflight.RunningOn(c.Data)
	main, _ := strconv.Atoi(mainPID(ctx))
	switch {
	case main == 0 && running != 0:
		return fmt.Errorf("process %d serves from %s and is not the service, nothing was changed (hint: end it with kill %d, or whatever started it; then run this again)",
			running, c.Data, running)
	case main != 0 && running != main:
		return fmt.Errorf("%s runs as process %d, on another data folder than %s, nothing was changed (hint: name its folder with data in %s)",
			unit, main, c.Data, configFile)
	}
	return nil
}

// checkData refuses a folder that is somebody else's: one with files in it and no database.
func (h *Host) checkData(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 || exists(filepath.Join(dir, "db")) {
		return nil // what cannot be read, preflight says
	}
	return fmt.Errorf("%s has files in it and is no data folder (%s is the first), nothing was changed", dir, entries[0].Name())
}

// putFiles puts everything in its place but the program.
func (h *Host) putFiles(ctx context.Context) error {
	if err := errors.Join(h.makeAccount(), h.makeFolders()); err != nil {
		return err
	}
	files := []struct{ path, text string }{{unitFile, packaging.Unit}, {sysctlFile, packaging.Sysctl}}
	if !exists(h.path(configFile)) {
		files = append(files, struct{ path, text string }{configFile, packaging.Config})
	}
	for _, f := range files {
		changed, err := h.write(f.path, f.text)
		if err != nil {
			return err
		}
		if changed {
			h.say("%s", f.path)
		}
	}
	if err := h.enable(ctx); err != nil {
		return err
	}
	if h.booted() {
		h.raiseBuffer()
	}
	return nil
}

// raiseBuffer does what the next boot would do. A host that does not let it, as in a container, has its own bound.
func (h *Host) raiseBuffer() {
	_, value, ok := strings.Cut(packaging.Sysctl, "net.core.rmem_max = ")
	if !ok {
		return
	}
	_ = os.WriteFile("/proc/sys/net/core/rmem_max", []byte(strings.TrimSpace(value)), 0o644)
}

func (h *Host) sayHow() {
	h.say("systemd does not run here, so nothing was started. It starts with the host, or by hand:")
	h.say("  runuser -u %s -- %s serve --config %s", account, packaging.Program, configFile)
	h.say("That user needs the right to port 53: run it from a service manager that gives CAP_NET_BIND_SERVICE,")
	h.say("or give it to the file: setcap cap_net_bind_service=+ep %s", packaging.Program)
}
