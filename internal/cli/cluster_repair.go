package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) clusterRepair() *cobra.Command {
	var r api.RepairRequest
	var yes bool
	c := &cobra.Command{
		Use: "repair", Short: "Repair what differs, as each member's role says", Args: cobra.NoArgs,
		Long: "Repair what the last comparison found, as each member's role says: zones are sent again as a whole, or what the member\n" +
			"has is joined here. Zones that only one side has are never fetched or deleted. What will be done is shown first.",
		RunE: func(c *cobra.Command, _ []string) error {
			plan := r
			plan.DryRun = true
			report, err := send[api.RepairReport](c.Context(), a, http.MethodPost, plan, nil, "cluster", "repair")
			if err != nil {
				return err
			}
			if r.DryRun || zonesOf(report) == 0 {
				return a.show(report, func(t *text) { t.repair(report) })
			}
			if !yes {
				a.errText().repair(report)
				if !a.confirm("Do that? [y/N] ") {
					return usage("nothing was done; give --yes where nobody can be asked")
				}
			}
			r.Shown = report.Statement
			if report, err = send[api.RepairReport](c.Context(), a, http.MethodPost, r, nil, "cluster", "repair"); err != nil {
				return err
			}
			return a.show(report, func(t *text) { t.repair(report) })
		},
	}
	a.driftFlags(c, &r.Member, &r.Zone)
	c.Flags().BoolVar(&r.DryRun, "dry-run", false, "only show what would be done")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func zonesOf(r api.RepairReport) (n int) {
	for _, m := range r.Members {
		n += len(m.Send) + len(m.Overwrite) + len(m.Take)
	}
	return n
}

func (t *text) repair(r api.RepairReport) {
	verb := func(done, would string) string {
		if r.DryRun {
			return would
		}
		return done
	}
	for _, m := range r.Members {
		t.line("%s", t.bold(clean(m.Member)))
		t.repaired(verb("sent again", "would be sent again"), m.Send)
		t.repaired(verb("sent again to replace what differs there", "would be sent again, and replace what differs there"), m.Overwrite)
		t.repaired(verb("joined here", "would be joined here"), m.Take)
		for _, z := range m.Leave {
			t.line("  left alone: %s", clean(z.Zone+": "+z.Kind+" ("+orDash(z.Note)+")"))
			t.ways(z)
		}
		switch {
		case m.Differ == 0 && r.DryRun:
			t.line("  nothing differs")
		case m.Differ == 0:
			t.line("  %s", t.green("nothing differs any more"))
		case !r.DryRun:
			t.line("  %s", t.red(plural(m.Differ, "zone differs", "zones differ")+" still"))
		}
	}
}

func (t *text) repaired(what string, zones []string) {
	if len(zones) > 0 {
		t.oneSided(what, api.OneSided{Count: len(zones), Zones: zones})
	}
}
