package cli

import (
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) zoneDiff() *cobra.Command {
	return &cobra.Command{
		Use: "diff ZONE [FROM [TO]]", Short: "Show what differs between two changes of a zone", Args: cobra.RangeArgs(1, 3), ValidArgsFunction: a.completeZone,
		Long: "FROM and TO are numbers of changes, as zone history lists them. Without TO the zone as it is now is compared, without FROM with nothing.",
		RunE: func(c *cobra.Command, args []string) error {
			q := url.Values{}
			for i, name := range []string{"from", "to"} {
				if len(args) <= i+1 {
					break
				}
				if _, err := strconv.ParseUint(args[i+1], 10, 64); err != nil {
					return usage("%q is not the number of a change", args[i+1])
				}
				q.Set(name, args[i+1])
			}
			d, err := get[api.Diff](c.Context(), a, q, "zones", args[0], "diff")
			if err != nil {
				return err
			}
			return a.show(d, func(t *text) {
				if len(d.RRsets) == 0 {
					t.line("no difference")
				}
				t.deltas(d.RRsets)
			})
		},
	}
}
