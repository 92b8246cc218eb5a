package cli

import (
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberInvite() *cobra.Command {
	var n api.NewInvite
	var leaf bool
	var expires time.Duration
	c := &cobra.Command{
		Use: "invite", Short: "Make a one-time code with which a new server joins; it is shown this once", Args: cobra.NoArgs,
		Long: "Make a one-time code with which a new server joins: there, run `zonefleet join CODE`. Keep it secret until it is used: it\n" +
			"gives a place in the cluster. With --replaces, the new server takes the place of a member that is gone for good.",
		RunE: func(c *cobra.Command, _ []string) error {
			if leaf {
				n.Kind = "leaf"
			}
			n.ExpiresIn = expires.String()
			res, err := send[api.CreatedInvite](c.Context(), a, http.MethodPost, n, nil, "invites")
			if err != nil {
				return err
			}
			return a.show(res, func(t *text) {
				t.line("%s", res.Code)
				i := res.Info
				may := "may change any zone"
				if i.Kind == "leaf" {
					may = "may change its own zones only"
				}
				e := a.errText() // the code alone is on standard output
				e.line("works once, until %s; the server that joins with it %s here, as %s", when(i.Expires), may, i.Role)
				if i.Replaces != "" {
					e.line("and takes the place of %s", clean(i.Replaces))
				}
			})
		},
	}
	f := c.Flags()
	f.StringVar(&n.Name, "name", "", "what it is for, shown in lists")
	f.StringVar(&n.Role, "role", "synchronize", "of the link from the new server to this one: standalone, write-only, synchronize")
	f.BoolVar(&leaf, "leaf", false, "a web server: let it change only the zones made on it (default: a relay, which passes on any)")
	f.StringVar(&n.Replaces, "replaces", "", "member whose place it takes: its rows, tokens and zones, under its name")
	f.DurationVar(&expires, "expires", 24*time.Hour, "how long it works")
	f.StringSliceVar(&n.Addresses, "address", nil, "HOST:PORT by which the new server reaches this one, repeatable (default: as advertised)")
	return c
}

func (a *app) memberInvites() *cobra.Command {
	return &cobra.Command{
		Use: "invites", Short: "List join codes and what became of them", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := get[api.InviteList](c.Context(), a, nil, "invites")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				if len(list.Invites) == 0 {
					t.line("no join codes")
					return
				}
				tb := t.table("ID", "NAME", "ROLE", "KIND", "CREATED", "EXPIRES", "STATE", "SERVER")
				for _, i := range list.Invites {
					tb.row(i.ID, orDash(i.Name), i.Role, i.Kind, when(i.Created), when(i.Expires), i.State, orDash(first(i.UsedBy, i.Replaces)))
				}
				tb.print()
			})
		},
	}
}

func (a *app) memberUninvite() *cobra.Command {
	return &cobra.Command{
		Use: "uninvite ID", Short: "Make a join code worthless", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := send[struct{}](c.Context(), a, http.MethodDelete, nil, nil, "invites", args[0]); err != nil {
				return err
			}
			return a.show(struct {
				ID      string `json:"id"`
				Revoked bool   `json:"revoked"`
			}{args[0], true}, func(t *text) { t.line("join code %s is revoked", args[0]) })
		},
	}
}
