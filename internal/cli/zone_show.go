package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ZONE", Short: "Show a zone with its records", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeZone,
		RunE: func(c *cobra.Command, args []string) error {
			z, err := get[api.ZoneDetail](c.Context(), a, nil, "zones", args[0])
			if err != nil {
				return err
			}
			return a.show(z, func(t *text) {
				t.line("%s  serial %d  %s", t.bold(z.Name), z.Serial, plural(z.Count, "record", "records"))
				t.line("owner %s, home %s, created %s, version %s", z.Owner, homeOf(z.Zone), when(z.Created), z.ETag)
				if z.Conflicts > 0 {
					t.line("%s", t.yellow(plural(z.Conflicts, "conflict", "conflicts")+": see conflict list "+z.Name))
				}
				t.line("")
				t.records(z.Records)
			})
		},
	}
}

// homeOf says so when the server where the zone was made is no member (any more).
func homeOf(z api.Zone) string {
	if z.Home == "" || z.HomeKnown || z.Deleted {
		return orDash(z.Home)
	}
	return z.Home + " (not a member)"
}

func (t *text) records(list []api.Record) {
	tb := t.table("NAME", "TTL", "TYPE", "DATA")
	for _, r := range list {
		tb.row(r.Name, strconv.FormatUint(uint64(r.TTL), 10), r.Type, r.Data)
	}
	tb.print()
}
