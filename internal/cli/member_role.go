package cli

import (
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberRole() *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use: "role HOST standalone|synchronize|write-only", Short: "Change the role of a member", Args: cobra.ExactArgs(2), ValidArgsFunction: a.completeMember,
		RunE: func(c *cobra.Command, args []string) error {
			if dryRun {
				return a.previewMember(c.Context(), args[0], url.Values{"role": {args[1]}})
			}
			res, err := send[api.MemberResult](c.Context(), a, http.MethodPatch, api.MemberEdit{Role: &args[1]}, nil, "members", args[0])
			if err != nil {
				return err
			}
			return a.showMember(res)
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what it would do, and change nothing")
	return c
}
