package cli

import (
	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) recordSet() *cobra.Command {
	return a.recordWriter("set", "Make an RRset exactly these records",
		`  zonefleet record set example.com www 300 A 192.0.2.1 192.0.2.2
  zonefleet record set example.com @ 1h MX 10 mail , 20 mail2.example.net.
  zonefleet record set example.com @ 1h TXT "v=spf1 mx -all"`)
}

// recordWriter is set or add: the two differ in the operation only.
func (a *app) recordWriter(verb, short, example string) *cobra.Command {
	var r recordFlags
	c := &cobra.Command{
		Use: verb + " ZONE NAME TTL TYPE DATA...", Short: short, Example: example, Long: short + ".\n" + aboutNames,
		Args: cobra.MinimumNArgs(5), ValidArgsFunction: a.completeZone,
		RunE: func(c *cobra.Command, args []string) error {
			ttl, err := parseTTL(args[2])
			if err != nil {
				return err
			}
			data, err := groups(args[3], args[4:])
			if err != nil {
				return err
			}
			return a.edit(c, &r, args[0], api.Operation{Op: verb, Name: args[1], TTL: ttl, Type: args[3], Data: data})
		},
	}
	r.add(c)
	return c
}
