package cli

import (
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) tokenShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a token, without its secret", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := get[api.Token](c.Context(), a, nil, "tokens", args[0])
			if err != nil {
				return err
			}
			return a.show(k, func(t *text) { t.token(k) })
		},
	}
}

func (a *app) tokenEdit() *cobra.Command {
	var e api.TokenEdit
	var name, expires string
	var from, names, types, privileges []string
	c := &cobra.Command{
		Use: "edit ID", Short: "Change a token; what is not given stays", Args: cobra.ExactArgs(1),
		Long: "Change a token; what is not given stays, and so does its secret. --from '' lets it work from everywhere again.",
		RunE: func(c *cobra.Command, args []string) error {
			given := c.Flags().Changed
			if err := expiry(expires, &e.Expires); err != nil {
				return err
			}
			if given("name") {
				e.Name = &name
			}
			for flag, list := range map[string]struct {
				said []string
				to   **[]string
			}{"from": {from, &e.Addresses}, "names": {names, &e.Names}, "types": {types, &e.Types}, "privileges": {privileges, &e.Privileges}} {
				if given(flag) {
					kept := withoutEmpty(list.said)
					*list.to = &kept
				}
			}
			k, err := send[api.Token](c.Context(), a, http.MethodPatch, e, nil, "tokens", args[0])
			if err != nil {
				return err
			}
			return a.show(k, func(t *text) { t.token(k) })
		},
	}
	f := c.Flags()
	f.StringVar(&name, "name", "", "its new name")
	f.StringVar(&expires, "expires", "", "when it ends: a day, as 2027-12-31 (at its end, UTC), or in how long, as 720h")
	f.BoolVar(&e.Never, "never", false, "it does not expire any more")
	f.StringSliceVar(&from, "from", nil, "address or prefix from which it works, repeatable")
	f.StringSliceVar(&names, "names", nil, "name pattern to whose records it is narrowed, repeatable")
	f.StringSliceVar(&types, "types", nil, "type of these records, repeatable")
	f.StringSliceVar(&privileges, "privileges", nil, "privilege that it has of yours, repeatable")
	return c
}

func (a *app) tokenRevoke() *cobra.Command {
	var all, servers, dry bool
	c := &cobra.Command{
		Use: "revoke [ID]", Short: "Make a token, or all of them, worthless at once", Args: cobra.MaximumNArgs(1),
		Long: "Make a token worthless at once. With --all every token of your account but the one that asks and the one in\n" +
			"DATA/root.token; those of servers of the cluster only with --servers, since their links end.",
		RunE: func(c *cobra.Command, args []string) error {
			if all != (len(args) == 0) {
				return usage("give the id of a token, or --all")
			}
			if all {
				return a.revokeAll(c, servers, dry)
			}
			if _, err := send[struct{}](c.Context(), a, http.MethodDelete, nil, nil, "tokens", args[0]); err != nil {
				return err
			}
			return a.show(struct {
				ID      string `json:"id"`
				Revoked bool   `json:"revoked"`
			}{args[0], true}, func(t *text) { t.line("token %s is revoked", args[0]) })
		},
	}
	f := c.Flags()
	f.BoolVar(&all, "all", false, "all tokens of the account")
	f.BoolVar(&servers, "servers", false, "with --all: those of servers too")
	f.BoolVar(&dry, "dry-run", false, "with --all: count only")
	return c
}

func (a *app) revokeAll(c *cobra.Command, servers, dry bool) error {
	q := map[string][]string{}
	if dry {
		q["dry_run"] = []string{"true"}
	}
	done, err := send[api.RevokedTokens](c.Context(), a, http.MethodPost, api.RevokeTokens{Servers: servers}, q, "tokens", "revoke")
	if err != nil {
		return err
	}
	return a.show(done, func(t *text) {
		verb := "revoked"
		if dry {
			verb = "there are"
		}
		t.line("%s: %s of programs, %s of servers", verb, plural(done.Programs, "token", "tokens"), plural(done.Servers, "token", "tokens"))
	})
}

func withoutEmpty(list []string) []string {
	out := []string{}
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// tokenEnd is when a token ends, or how it ended.
func tokenEnd(k api.Token) string {
	switch {
	case k.Revoked:
		return "revoked"
	case k.Expired:
		return "expired " + when(*k.Expires)
	case k.Expires != nil:
		return when(*k.Expires)
	}
	return "-"
}

// tokenScope is what a token is narrowed to, empty if to nothing.
func tokenScope(k api.Token) string {
	if len(k.Names) == 0 {
		return ""
	}
	types := "records"
	if len(k.Types) > 0 {
		types = strings.Join(k.Types, ",")
	}
	return types + " at " + strings.Join(k.Names, ", ")
}

func (t *text) token(k api.Token) {
	tb := t.table("FIELD", "VALUE")
	for _, f := range [][2]string{
		{"id", k.ID},
		{"name", k.Name},
		{"kind", k.Kind},
		{"user", k.User},
		{"created", when(k.Created)},
		{"expires", tokenEnd(k)},
		{"from", orDash(strings.Join(k.Addresses, " "))},
		{"for", orDash(tokenScope(k))},
		{"privileges", orElse(strings.Join(k.Privileges, " "), "all of its owner's")},
		{"holder", orDash(k.Holder)},
	} {
		tb.row(f[0], f[1])
	}
	tb.print()
	t.warnings(k.Warnings)
}
