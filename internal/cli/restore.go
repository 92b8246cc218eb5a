package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/backup"
)

func (a *app) restoreCommand() *cobra.Command {
	var key keyFlag
	var bare bool
	var pick picked
	c := &cobra.Command{
		Use: "restore FILE", Short: "Make a data folder from a backup, or put back zones into a running server", Args: cobra.ExactArgs(1),
		Long: "Make a data folder (--data) from a backup, for `zonefleet serve`. The folder must not exist or be empty. No server is\n" +
			"needed. What the lost server wrote after the backup comes back from the other servers of the cluster.\n\n" +
			"With --zone or --owner, zones are put back into the server that runs, and with it into the whole cluster: the\n" +
			"difference to now is shown first, then each becomes a change like any other.",
		RunE: func(c *cobra.Command, args []string) error {
			if pick.any() {
				if key.file != "" || bare {
					return usage("zones need no recovery key")
				}
				return a.restoreZones(c.Context(), args[0], pick)
			}
			if c.Flags().Changed("dry-run") || c.Flags().Changed("yes") {
				return usage("--dry-run and --yes go with --zone or --owner")
			}
			return a.restoreFolder(c.Context(), args[0], key, bare)
		},
	}
	key.add(c)
	c.Flags().BoolVar(&bare, "without-secrets", false, "restore zones, history and settings only, as a new server that no member knows")
	pick.add(c)
	return c
}

func (a *app) restoreFolder(ctx context.Context, file string, k keyFlag, bare bool) error {
	key, err := a.key(k)
	if err != nil {
		return err
	}
	data := a.dataFolder()
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	h, s, err := backup.Restore(ctx, f, key, bare, data)
	if err != nil {
		return restoreError(file, err)
	}
	return a.show(struct {
		Data   string `json:"data"`
		Server string `json:"server"`
		Zones  int    `json:"zones"`
	}{data, h.Server, s.Zones}, func(t *text) {
		t.line("restored %s of %s; start it: zonefleet serve --data %s", plural(s.Zones, "zone", "zones"), orDash(clean(h.Server)), data)
		if bare {
			t.line("it has a new key and new tokens: its members do not know it yet (zonefleet join, member accept-key)")
		}
	})
}

func restoreError(file string, err error) error {
	var damage *backup.Damage
	switch {
	case errors.As(err, &damage):
		return withHint(fmt.Errorf("%s is not a whole backup: %w", file, err), "backup --check %s names everything that is damaged", file)
	case errors.Is(err, backup.ErrSealed):
		return withHint(fmt.Errorf("%s: %w", file, err),
			"give it with --key-file; --without-secrets restores zones, history and settings as a new server")
	}
	return fmt.Errorf("%s: %w", file, err)
}
