package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) signInCommand() *cobra.Command {
	return &cobra.Command{
		Use: "sign-in", Short: "Make a link that signs a browser in, once", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			link, err := send[api.SignInLink](c.Context(), a, http.MethodPost, nil, nil, "sign-in-link")
			if err != nil {
				return err
			}
			return a.show(link, func(t *text) { t.line("%s", clean(link.URL)) })
		},
	}
}
