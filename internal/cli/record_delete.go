package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) recordDelete() *cobra.Command {
	var r recordFlags
	c := &cobra.Command{
		Use: "delete ZONE NAME [TTL] TYPE [DATA...]", Short: "Delete an RRset, or records of it", Args: cobra.MinimumNArgs(3), ValidArgsFunction: a.completeZone,
		Long: "Delete the records given, or without DATA the whole RRset. The TTL may stand there, so that a line can be\ndeleted as it was set, and does not matter.\n" + aboutNames,
		RunE: func(c *cobra.Command, args []string) error {
			rest := args[2:]
			if isTTL(rest[0]) {
				rest = rest[1:]
			}
			if len(rest) == 0 {
				return usage("which type?")
			}
			data, err := groups(rest[0], rest[1:])
			if err != nil {
				return err
			}
			return a.edit(c, &r, args[0], api.Operation{Op: "delete", Name: args[1], Type: rest[0], Data: data})
		},
	}
	r.add(c)
	return c
}
