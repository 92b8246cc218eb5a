package cli

import "github.com/spf13/cobra"

// recordAdd is its own command because additions made at two servers at once are served together, while of two sets
// one is served and the other listed as a conflict.
func (a *app) recordAdd() *cobra.Command {
	return a.recordWriter("add", "Add records to an RRset",
		`  zonefleet record add example.com _acme-challenge 60 TXT 4kQ0hBrLcq9r`)
}
