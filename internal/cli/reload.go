package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) reloadCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reload", Short: "Let a running server read its configuration again", Args: cobra.NoArgs,
		Long: "Let a running server read its configuration again, as SIGHUP does. What cannot change while it runs is named and takes\n" +
			"effect when it starts again; with a mistake anywhere nothing changes.",
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := send[api.Reloaded](c.Context(), a, http.MethodPost, nil, nil, "reload")
			if err != nil {
				return err
			}
			return a.show(r, func(t *text) {
				for _, v := range r.Changed {
					t.line("%s = %s (%s)", v.Key, orDash(clean(v.Value)), clean(v.From))
				}
				for _, v := range r.NextStart {
					t.line("%s %s = %s (%s)", t.yellow("at the next start:"), v.Key, orDash(clean(v.Value)), clean(v.From))
				}
				if len(r.Changed)+len(r.NextStart) == 0 {
					t.line("nothing has changed")
				}
			})
		},
	}
}
