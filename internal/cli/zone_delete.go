package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneDelete() *cobra.Command {
	var w writeFlags
	var match string
	c := &cobra.Command{
		Use: "delete ZONE", Short: "Delete a zone; restore brings it back", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeZone,
		RunE: func(c *cobra.Command, args []string) error {
			q := w.query()
			if w.reason != "" {
				q.Set("reason", w.reason)
			}
			return a.write(c.Context(), client.Request{Method: http.MethodDelete, Path: client.Path("zones", args[0]), Query: q, IfMatch: match})
		},
	}
	w.add(c)
	c.Flags().StringVar(&match, "if-match", "", "only if the zone still has this version (etag)")
	return c
}
