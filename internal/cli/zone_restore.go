package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneRestore() *cobra.Command {
	var p picked
	var r api.Restore
	var file string
	c := &cobra.Command{
		Use: "restore ZONE...", Short: "Bring zones back", Args: cobra.MinimumNArgs(1),
		Long: "Bring a zone back as it was before it was deleted, with --change as it was after that change, or with --from as it was\n" +
			"when a backup was made. The difference to now is shown first. Several deleted zones are restored as one change set.",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				if file != "" || r.Change != 0 || p.write.wait != "" || p.dry {
					return usage("--change, --from, --wait and --dry-run go with one zone")
				}
				set := api.DeleteOrRestore{Kind: "restore", NewChangeSet: api.NewChangeSet{Zones: args, Reason: p.write.reason}}
				return a.beginSet(c.Context(), setFlags{confirm: p.confirm, yes: p.yes}, set, "changesets")
			}
			if file != "" {
				if r.Change != 0 {
					return usage("give --change or --from, not both")
				}
				p.zones = args
				return a.restoreZones(c.Context(), file, p)
			}
			if p.dry || p.yes || p.confirm != 0 {
				return usage("--dry-run, --yes and --confirm go with --from")
			}
			r.Reason = p.write.reason
			return a.write(c.Context(), client.Request{Method: http.MethodPost, Path: client.Path("zones", args[0], "restore"), Query: p.write.query(), Body: r})
		},
	}
	p.write.add(c)
	p.addAct(c)
	c.Flags().Uint64Var(&r.Change, "change", 0, "number of the change, as zone history lists them")
	c.Flags().StringVar(&file, "from", "", "backup file")
	return c
}
