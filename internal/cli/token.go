package cli

import (
	"errors"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) tokenCommand() *cobra.Command {
	return group("token", "Create, list and revoke tokens", a.tokenCreate(), a.tokenList(), a.tokenRevoke())
}

func (a *app) tokenCreate() *cobra.Command {
	var n api.NewToken
	var expires time.Duration
	c := &cobra.Command{
		Use: "create", Short: "Make a token; it is shown this once", Args: cobra.NoArgs,
		Long: "Make a token. --kind api acts for your account; leaf lets a server push zones made there and read them; relay lets it\n" +
			"pass on changes of any zone, for servers under one administration.",
		RunE: func(c *cobra.Command, _ []string) error {
			if n.Name == "" {
				return usage("say what it is for: --name")
			}
			if expires < 0 {
				return &usageError{errors.New("--expires must be in the future")}
			}
			if expires > 0 {
				at := time.Now().Add(expires).UTC()
				n.Expires = &at
			}
			res, err := send[api.CreatedToken](c.Context(), a, http.MethodPost, n, nil, "tokens")
			if err != nil {
				return err
			}
			return a.show(res, func(t *text) { t.line("%s", res.Token) })
		},
	}
	f := c.Flags()
	f.StringVar(&n.Name, "name", "", "what it is for")
	f.StringVar(&n.Kind, "kind", "api", "api, leaf or relay")
	f.IntVar(&n.MayClaim, "may-claim", 0, "how many zones at home here that no account owns may pass to the holder at its first synchronization")
	f.DurationVar(&expires, "expires", 0, "how long it works, as 720h (default: for ever)")
	f.StringSliceVar(&n.Addresses, "from", nil, "address or prefix from which it works, repeatable (default: everywhere)")
	return c
}

func (a *app) tokenList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List tokens", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.TokenList](c.Context(), a, nil, "tokens")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				tb := t.table("ID", "NAME", "KIND", "USER", "CREATED", "EXPIRES", "HOLDER")
				for _, k := range list.Tokens {
					end := "-"
					switch {
					case k.Revoked:
						end = "revoked"
					case k.Expires != nil:
						end = when(*k.Expires)
					}
					tb.row(k.ID, k.Name, k.Kind, k.User, when(k.Created), end, orDash(k.Holder))
				}
				tb.print()
			})
		},
	}
}

func (a *app) tokenRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "Make a token worthless at once", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := send[struct{}](c.Context(), a, http.MethodDelete, nil, nil, "tokens", args[0]); err != nil {
				return err
			}
			return a.show(struct {
				ID      string `json:"id"`
				Revoked bool   `json:"revoked"`
			}{args[0], true}, func(t *text) { t.line("token %s is revoked", args[0]) })
		},
	}
}
