package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/install"
)

func (a *app) installCommand() *cobra.Command {
	var root string
	var rollback, packaged bool
	c := &cobra.Command{
		Use: "install", Short: "Make this program a service of the host, or upgrade it there", Args: cobra.NoArgs,
		Long: "Make this program a service of the host: user, data folder, configuration, systemd unit; start it and say how to sign\n" +
			"in. What would be in the way is found before anything is changed. Where it is a service already, this program takes\n" +
			"over from the running one without losing a query; if it does not become healthy, the old one runs again. A\n" +
			"configuration that exists is never changed. Needs root.",
		RunE: func(c *cobra.Command, _ []string) error {
			h := a.host(root)
			if packaged {
				return h.HandOver(c.Context())
			}
			do := h.Install
			if rollback {
				do = h.Rollback
			}
			r, err := do(c.Context())
			if err != nil {
				return err
			}
			return a.show(r, func(t *text) { t.installed(r) })
		},
	}
	f := c.Flags()
	f.StringVar(&root, "root", "", "folder in which the host lies, for images (default /)")
	f.BoolVar(&rollback, "rollback", false, "go back to the program that the last upgrade replaced")
	f.BoolVar(&packaged, "packaged", false, "for the scripts of packages: only let the program that is in its place take over")
	_ = f.MarkHidden("packaged") // fails for a flag that there is not
	return c
}

// host is the host that is installed on; what is done there is shown while it is done.
func (a *app) host(root string) *install.Host {
	return &install.Host{Root: root, Version: a.Version, Token: a.token, Say: func(line string) { a.errText().line("%s", clean(line)) }}
}

func (t *text) installed(r install.Result) {
	switch {
	case !r.Running:
		return
	case r.Upgraded:
		t.line("%s", t.green("the service runs and is healthy"))
		return
	}
	t.line("%s", t.green("the service runs and is healthy"))
	t.line("  sign in      %s (works once, for an hour; sign-in makes another)", r.Link)
	t.line("  zones        zonefleet zone import DIR")
	t.line("  cluster      zonefleet member invite, and on a new server: zonefleet join CODE")
	t.line("  log          journalctl -u zonefleet")
	t.line("  firewall     open 53/udp, 53/tcp and 2087/tcp: docs/install.md")
}

func (a *app) uninstallCommand() *cobra.Command {
	var root string
	var purge, yes bool
	c := &cobra.Command{
		Use: "uninstall", Short: "Stop the service and remove the program; data and configuration stay", Args: cobra.NoArgs,
		Long: "Stop the service and remove the program. Data folder, configuration and user stay, so that install brings everything\n" +
			"back. With --purge they go too: every zone, key and token of this server. Needs root.",
		RunE: func(c *cobra.Command, _ []string) error {
			if purge && !yes && (!isTerminal(a.Stdin) || !a.confirms("delete every zone, key and token of this server?")) {
				return usage("--purge deletes the data of this server: give --yes too")
			}
			if err := a.host(root).Uninstall(c.Context(), purge); err != nil {
				return err
			}
			return a.show(struct {
				Purged bool `json:"purged"`
			}{purge}, func(t *text) {
				if purge {
					t.line("the service and its data are gone")
				} else {
					t.line("the service is gone; /var/lib/zonefleet and /etc/zonefleet are still there")
				}
			})
		},
	}
	f := c.Flags()
	f.StringVar(&root, "root", "", "folder in which the host lies, for images (default /)")
	f.BoolVar(&purge, "purge", false, "delete data, configuration and user too")
	f.BoolVar(&yes, "yes", false, "do not ask")
	return c
}
