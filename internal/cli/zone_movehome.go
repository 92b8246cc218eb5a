package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneMoveHome() *cobra.Command {
	var f setFlags
	c := &cobra.Command{
		Use: "move-home SERVER ZONE...", Short: "Make another server the home of zones", Args: cobra.MinimumNArgs(2),
		Long: "Make this server, or a member of it, the home of zones: it may change them also where it is taken for a leaf, and the\n" +
			"home before may not any more. What the zones answer does not change.",
		RunE: func(c *cobra.Command, args []string) error {
			m := api.MoveHome{NewChangeSet: api.NewChangeSet{Zones: args[1:], Reason: f.reason}, Home: args[0]}
			return a.beginSet(c.Context(), f, m, "zones", "home")
		},
	}
	f.add(c)
	return c
}
