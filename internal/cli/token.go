package cli

import (
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) tokenCommand() *cobra.Command {
	return group("token", "Create, list, change and revoke tokens",
		a.tokenCreate(), a.tokenList(), a.tokenShow(), a.tokenEdit(), a.tokenRevoke())
}

func (a *app) tokenCreate() *cobra.Command {
	var n api.NewToken
	var expires string
	var acme []string
	c := &cobra.Command{
		Use: "create", Short: "Make a token; it is shown this once", Args: cobra.NoArgs,
		Long: "Make a token. --kind api acts for your account; leaf lets a server push zones made there and read them; relay lets it\n" +
			"pass on changes of any zone, for servers under one administration.\n\n" +
			"With --names the token can read and write the records at these names, of the types in --types, and do nothing else.\n" +
			"In a name one label may be *, which stands for one label or more. --acme NAME is the same for certificates by ACME\n" +
			"(DNS-01): TXT records at _acme-challenge.NAME; --acme '*' is for every name.",
		Example: "  zonefleet token create --name certbot --acme www.example.com --acme '*.shop.example.com'\n" +
			"  zonefleet token create --name dyndns --names home.example.com --types A,AAAA --expires 2027-12-31",
		RunE: func(c *cobra.Command, _ []string) error {
			if n.Name == "" {
				return usage("say what it is for: --name")
			}
			if err := expiry(expires, &n.Expires); err != nil {
				return err
			}
			if len(acme) > 0 {
				if len(n.Names)+len(n.Types) > 0 {
					return usage("--acme says the names and types: leave --names and --types out")
				}
				n.Types = []string{"TXT"}
				for _, name := range acme {
					n.Names = append(n.Names, "_acme-challenge."+name)
				}
			}
			res, err := send[api.CreatedToken](c.Context(), a, http.MethodPost, n, nil, "tokens")
			if err != nil {
				return err
			}
			return a.show(res, func(t *text) {
				t.line("%s", res.Token)
				for _, w := range res.Info.Warnings { // beside the token, which is what standard output is for
					fmt.Fprintln(a.Stderr, "warning:", clean(w))
				}
			})
		},
	}
	f := c.Flags()
	f.StringVar(&n.Name, "name", "", "what it is for: letters, digits, dots, - and _")
	f.StringVar(&n.Kind, "kind", "api", "api, leaf or relay")
	f.IntVar(&n.MayClaim, "may-claim", 0, "how many zones at home here that no account owns may pass to the holder at its first synchronization")
	f.StringVar(&expires, "expires", "", "when it ends: a day, as 2027-12-31 (at its end, UTC), or in how long, as 720h (default: never)")
	f.StringSliceVar(&n.Addresses, "from", nil, "address or prefix from which it works, repeatable (default: everywhere)")
	f.StringSliceVar(&n.Names, "names", nil, "name pattern to whose records it is narrowed, repeatable")
	f.StringSliceVar(&n.Types, "types", nil, "type of these records, repeatable (default: all)")
	f.StringSliceVar(&n.Privileges, "privileges", nil, "privilege that it has of yours, repeatable (default: all)")
	f.StringSliceVar(&acme, "acme", nil, "name for which it may get certificates by ACME, repeatable")
	return c
}

// expiry reads a day, which lasts until its end, or a duration from now.
func expiry(text string, at **time.Time) error {
	if text == "" {
		return nil
	}
	end, err := time.Parse(time.DateOnly, text)
	if err == nil {
		end = end.Add(24*time.Hour - time.Second)
	} else {
		in, err := time.ParseDuration(text)
		if err != nil || in <= 0 {
			return usage("--expires takes a day, as 2027-12-31, or a time to come, as 720h")
		}
		end = time.Now().Add(in).UTC()
	}
	*at = &end
	return nil
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
				tb := t.table("ID", "NAME", "KIND", "USER", "CREATED", "EXPIRES", "HOLDER", "FOR")
				for _, k := range list.Tokens {
					tb.row(k.ID, k.Name, k.Kind, k.User, when(k.Created), tokenEnd(k), orDash(k.Holder), orDash(tokenScope(k)))
				}
				tb.print()
			})
		},
	}
}
