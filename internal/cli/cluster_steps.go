package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) clusterSteps() *cobra.Command {
	return &cobra.Command{
		Use: "steps", Short: "Show the steps into a cluster, and which of them are done", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w, err := get[api.WayIn](c.Context(), a, nil, "cluster", "way-in")
			if err != nil {
				return err
			}
			return a.show(w, func(t *text) { t.steps(w.Steps) })
		},
	}
}

func (t *text) steps(steps []api.Step) {
	tb := t.table("STEP", "DONE", "STATE", "COMMAND")
	for _, s := range steps {
		done := "no"
		if s.Done {
			done = "yes"
		}
		tb.row(s.Name, done, s.State, s.Command)
	}
	tb.print()
}
