package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneTTL() *cobra.Command {
	var f setFlags
	var m matchFlags
	c := &cobra.Command{
		Use: "ttl TTL [ZONE...]", Short: "Give all records of zones a TTL", Args: cobra.MinimumNArgs(1),
		Long: "Give all records of zones a TTL, those of SOA and NS too, as one change set. TTL is in seconds, or 5m, 4h, 1d.",
		RunE: func(c *cobra.Command, args []string) error {
			ttl, err := parseTTL(args[0])
			if err != nil {
				return err
			}
			if ttl == nil {
				return usage("%s is no TTL", args[0])
			}
			set, err := m.set(args[1:], f.reason)
			if err != nil {
				return err
			}
			return a.beginSet(c.Context(), f, api.SetTTL{NewChangeSet: set, TTL: *ttl}, "zones", "ttl")
		},
	}
	f.add(c)
	m.add(c)
	return c
}
