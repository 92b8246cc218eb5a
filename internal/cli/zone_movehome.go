package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneMoveHome() *cobra.Command {
	var f setFlags
	var m matchFlags
	c := &cobra.Command{
		Use: "move-home SERVER [ZONE...]", Short: "Make another server the home of zones", Args: cobra.MinimumNArgs(1),
		Long: "Make this server, or a member of it, the home of zones: it may change them also where it is taken for a leaf, and the\n" +
			"home before may not any more. What the zones answer does not change.",
		RunE: func(c *cobra.Command, args []string) error {
			set, err := m.set(args[1:], f.reason)
			if err != nil {
				return err
			}
			return a.beginSet(c.Context(), f, api.MoveHome{NewChangeSet: set, Home: args[0]}, "zones", "home")
		},
	}
	f.add(c)
	m.add(c)
	return c
}
