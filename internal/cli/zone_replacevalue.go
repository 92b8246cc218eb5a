package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneReplaceValue() *cobra.Command {
	var f setFlags
	c := &cobra.Command{
		Use: "replace-value FROM TO", Short: "Replace an address or a host name in all zones", Args: cobra.ExactArgs(2),
		Long: "Replace an address in all A or AAAA records, or a host name in all CNAME, MX, NS and SRV records, of all zones, as one\n" +
			"change set: a server moved. What will change is shown first, with --dry-run that alone. Texts (SPF) stay as they are.",
		Example: "  zonefleet zone replace-value 203.0.113.10 198.51.100.7 --dry-run",
		RunE: func(c *cobra.Command, args []string) error {
			return a.beginSet(c.Context(), f, api.ReplaceValue{From: args[0], To: args[1], Reason: f.reason}, "zones", "replace")
		},
	}
	f.add(c)
	return c
}
