package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove HOST", Short: "Remove a member; all zones stay here", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeMember,
		RunE: func(c *cobra.Command, args []string) error {
			res, err := send[api.RemoveResult](c.Context(), a, http.MethodDelete, nil, nil, "members", args[0])
			if err != nil {
				return err
			}
			return a.show(res, func(t *text) {
				t.line("%s is removed; %s here, %d of them with %s as their home", clean(res.Host), plural(res.ZonesKept, "zone stays", "zones stay"), res.ZonesAtHome, clean(res.Host))
				t.notices(res.Notices)
			})
		},
	}
}
