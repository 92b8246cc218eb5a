package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberRole() *cobra.Command {
	return &cobra.Command{
		Use: "role HOST standalone|synchronize|write-only", Short: "Change the role of a member", Args: cobra.ExactArgs(2), ValidArgsFunction: a.completeMember,
		RunE: func(c *cobra.Command, args []string) error {
			res, err := send[api.MemberResult](c.Context(), a, http.MethodPatch, api.MemberEdit{Role: &args[1]}, nil, "members", args[0])
			if err != nil {
				return err
			}
			return a.showMember(res)
		},
	}
}
