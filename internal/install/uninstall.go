package install

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/zonefleet/zonefleet/packaging"
)

// Uninstall stops the service and removes the program. The data folder, the configuration and the account stay, unless purge
// says otherwise: then every zone, key and token of this server is gone.
func (h *Host) Uninstall(ctx context.Context, purge bool) error {
	if os.Geteuid() != 0 {
		return ErrNotRoot
	}
	if owner := h.packaged(); owner != "" {
		return fmt.Errorf("%s belongs to a package: remove it with %s", packagedProgram, owner)
	}
	if h.booted() && exists(h.path(unitFile)) {
		if err := systemctl(ctx, "disable", "--now", "--quiet", unit); err != nil {
			return err
		}
	}
	err := remove(h.path(unitFile), h.path("/etc/systemd/system/multi-user.target.wants/"+unit), h.path(sysctlFile),
		h.path(packaging.Program), h.path(previous))
	if h.booted() {
		err = errors.Join(err, systemctl(ctx, "daemon-reload"))
	}
	if err != nil || !purge {
		return err
	}
	return errors.Join(os.RemoveAll(h.path(dataFolder)), os.RemoveAll(h.path("/etc/zonefleet")),
		os.RemoveAll(h.path("/etc/systemd/system/zonefleet.service.d")), h.removeAccount())
}
