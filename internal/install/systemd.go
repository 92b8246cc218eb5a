package install

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

const unit = "zonefleet.service"

// staged says that the files are for another root folder than the one that runs.
func (h *Host) staged() bool { return h.path("/") != "/" }

// booted reports whether systemd runs this host (sd_booted(3)).
func (h *Host) booted() bool { return !h.staged() && exists("/run/systemd/system") }

func systemctl(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, "systemctl", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("systemctl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

func active(ctx context.Context) bool {
	return systemctl(ctx, "is-active", "--quiet", unit) == nil
}

// start starts the unit and says what its log says if that fails.
func start(ctx context.Context, verb string) error {
	err := systemctl(ctx, verb, unit)
	if err == nil {
		return nil
	}
	log, _ := exec.CommandContext(ctx, "journalctl", "--unit", unit, "--lines", "15", "--no-pager", "--output", "cat").Output()
	return errors.Join(err, fmt.Errorf("its log:\n%s", strings.TrimSpace(string(log))))
}

// enable makes the unit start with the host; without systemd running, by the link that it would make.
func (h *Host) enable(ctx context.Context) error {
	if !h.booted() {
		if _, err := exec.LookPath("systemctl"); err != nil {
			return nil // this host is started by something else
		}
		return systemctl(ctx, "--root="+h.path("/"), "enable", "--quiet", unit)
	}
	if err := systemctl(ctx, "daemon-reload"); err != nil {
		return err
	}
	return systemctl(ctx, "enable", "--quiet", unit)
}

// mainPID is the process that systemd watches, empty if it watches none.
func mainPID(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "systemctl", "show", "--property", "MainPID", "--value", unit).Output()
	pid := strings.TrimSpace(string(out))
	if err != nil || pid == "0" {
		return ""
	}
	return pid
}
