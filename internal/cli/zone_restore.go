package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
	"github.com/zonefleet/zonefleet/internal/client"
)

func (a *app) zoneRestore() *cobra.Command {
	var w writeFlags
	var r api.Restore
	c := &cobra.Command{
		Use: "restore ZONE", Short: "Bring a zone back", Args: cobra.ExactArgs(1),
		Long: "Bring a zone back as it was before it was deleted, or with --change as it was after that change.",
		RunE: func(c *cobra.Command, args []string) error {
			r.Reason = w.reason
			return a.write(c.Context(), client.Request{Method: http.MethodPost, Path: client.Path("zones", args[0], "restore"), Query: w.query(), Body: r})
		},
	}
	w.add(c)
	c.Flags().Uint64Var(&r.Change, "change", 0, "number of the change, as zone history lists them")
	return c
}
