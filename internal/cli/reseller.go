package cli

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) resellerCommand() *cobra.Command {
	return group("reseller", "Resellers: privileges, nameservers, unique DNS clustering",
		a.resellerList(), a.resellerShow(), a.resellerPrivileges(), a.resellerNameservers(), a.resellerUnique())
}

func (a *app) resellerList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List resellers: root's users with a privilege or with accounts", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.listUsers(c, url.Values{"resellers": {"true"}}) },
	}
}

func (a *app) resellerShow() *cobra.Command {
	c := a.userShow()
	c.Short = "Show a reseller; user list --owner NAME lists the accounts"
	return c
}

func (a *app) resellerPrivileges() *cobra.Command {
	var list string
	var none bool
	c := &cobra.Command{
		Use: "privileges NAME [PRIVILEGE...]", Short: "Give a reseller these privileges and no others", Args: cobra.MinimumNArgs(1),
		Example: "  zonefleet reseller privileges seller clustering create-dns edit-dns\n  zonefleet reseller privileges seller --none",
		RunE: func(c *cobra.Command, args []string) error {
			set := append([]string{}, args[1:]...)
			if err := a.savedPrivileges(c, list, &set); err != nil {
				return err
			}
			if len(set) == 0 && !none {
				return usage("say which privileges, or --none; privileges list shows them")
			}
			return a.patchUser(c, args[0], api.UserEdit{Privileges: &set})
		},
	}
	c.Flags().StringVar(&list, "list", "", "saved list of privileges to give")
	c.Flags().BoolVar(&none, "none", false, "take all away")
	return c
}

func (a *app) resellerNameservers() *cobra.Command {
	var inherit bool
	c := &cobra.Command{
		Use: "nameservers NAME [HOST[=ADDRESS,...]...]", Short: "Set the nameservers that new zones of a reseller's accounts get", Args: cobra.MinimumNArgs(1),
		Example: "  zonefleet reseller nameservers seller ns1.seller.example=192.0.2.1 ns2.seller.example=192.0.2.2,2001:db8::2",
		RunE: func(c *cobra.Command, args []string) error {
			list := []api.UserNameserver{}
			for _, text := range args[1:] {
				name, addresses, _ := strings.Cut(text, "=")
				n := api.UserNameserver{Name: name}
				for _, one := range strings.FieldsFunc(addresses, func(r rune) bool { return r == ',' }) {
					if _, err := netip.ParseAddr(one); err != nil {
						return usage("%q is not an address", one)
					}
					n.Addresses = append(n.Addresses, one)
				}
				list = append(list, n)
			}
			if len(list) == 0 && !inherit {
				return usage("give one to four nameservers, or --inherit")
			}
			return a.patchUser(c, args[0], api.UserEdit{Nameservers: &list})
		},
	}
	c.Flags().BoolVar(&inherit, "inherit", false, "those of the owner, or of the settings")
	return c
}

func (a *app) resellerUnique() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use: "unique-clustering NAME on|off", Short: "Let a reseller's accounts be clustered with members of its own, or with root's", Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if args[1] != "on" && args[1] != "off" {
				return usage("say on or off")
			}
			on := args[1] == "on"
			if dry {
				return a.previewUser(c, args[0], api.UserEdit{Unique: &on})
			}
			return a.patchUser(c, args[0], api.UserEdit{Unique: &on})
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "show what it would do, also to zones at other servers, and change nothing")
	return c
}

func (a *app) privilegesCommand() *cobra.Command {
	return group("privileges", "What can be given to users, and saved lists of it", a.privilegesList(), a.privilegesSave(), a.privilegesDelete())
}

// privilegesShown is what privileges list prints.
type privilegesShown struct {
	Privileges []api.Privilege     `json:"privileges"`
	Lists      []api.PrivilegeList `json:"lists"`
}

func (a *app) privilegesList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List privileges by WHM's names with what each does here, and saved lists", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			known, err := get[api.Privileges](c.Context(), a, nil, "privileges")
			if err != nil {
				return err
			}
			lists, err := get[api.PrivilegeLists](c.Context(), a, nil, "privilege-lists")
			if err != nil {
				return err
			}
			return a.show(privilegesShown{known.Privileges, lists.Lists}, func(t *text) {
				tb := t.table("PRIVILEGE", "DOES")
				for _, p := range known.Privileges {
					does := p.Does
					if does == "" {
						does = "nothing here; it is kept"
					}
					tb.row(p.Name, does)
				}
				tb.print()
				for _, p := range known.Privileges {
					if p.Warn != "" {
						t.warnings([]string{p.Name + ": " + p.Warn})
					}
				}
				for _, l := range lists.Lists {
					t.line("list %s: %s", clean(l.Name), strings.Join(l.Privileges, " "))
				}
			})
		},
	}
}

func (a *app) privilegesSave() *cobra.Command {
	return &cobra.Command{
		Use: "save LIST PRIVILEGE...", Short: "Save a list of privileges under a name", Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			doc := map[string][]string{"privileges": args[1:]}
			l, err := send[api.PrivilegeList](c.Context(), a, http.MethodPut, doc, nil, "privilege-lists", args[0])
			if err != nil {
				return err
			}
			return a.show(l, func(t *text) {
				t.line("list %s saved", clean(args[0]))
				t.warnings(l.Warnings)
			})
		},
	}
}

func (a *app) privilegesDelete() *cobra.Command {
	return &cobra.Command{
		Use: "delete LIST", Short: "Forget a list; users keep what they have", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := send[struct{}](c.Context(), a, http.MethodDelete, nil, nil, "privilege-lists", args[0]); err != nil {
				return err
			}
			return a.show(struct{}{}, func(t *text) { t.line("list %s deleted", clean(args[0])) })
		},
	}
}
