package cli

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) userCommand() *cobra.Command {
	return group("user", "Users and their accounts: who may sign in, and what they may",
		a.userList(), a.userShow(), a.userAdd(), a.userEdit(), a.userDelete(), a.userPassword(), a.userUnlock(), a.userTOTP(), a.userRemoveCode(), a.userLink(), a.userSessions())
}

func (a *app) userList() *cobra.Command {
	var owner, search string
	c := &cobra.Command{
		Use: "list", Short: "List users: root all of them, others themselves and their accounts", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.listUsers(c, url.Values{"owner": {owner}, "q": {search}})
		},
	}
	c.Flags().StringVar(&owner, "owner", "", "whose accounts")
	c.Flags().StringVar(&search, "search", "", "part of the name")
	return c
}

// listUsers shows all pages.
func (a *app) listUsers(c *cobra.Command, q url.Values) error {
	var all api.UserList
	q.Set("limit", "1000")
	for {
		list, err := get[api.UserList](c.Context(), a, q, "users")
		if err != nil {
			return err
		}
		all.Users, all.Total = append(all.Users, list.Users...), list.Total
		if list.Next == "" {
			break
		}
		q.Set("after", list.Next)
	}
	return a.show(all, func(t *text) {
		tb := t.table("NAME", "OWNER", "ZONES", "ACCOUNTS", "PRIVILEGES", "SIGN-IN")
		for _, u := range all.Users {
			tb.row(u.Name, u.Owner, strconv.Itoa(u.Zones), strconv.Itoa(u.Accounts), orDash(strings.Join(u.Privileges, " ")), signInOf(u))
		}
		tb.print()
	})
}

func signInOf(u api.User) string {
	switch {
	case u.Suspended:
		return "suspended"
	case !u.Password:
		return "no password"
	case u.Code:
		return "password and code"
	}
	return "password"
}

func (a *app) userShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show a user", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			u, err := get[api.User](c.Context(), a, nil, "users", args[0])
			if err != nil {
				return err
			}
			return a.show(u, func(t *text) { t.user(u) })
		},
	}
}

func (t *text) user(u api.User) {
	t.line("name         %s", clean(u.Name))
	t.line("owner        %s", clean(u.Owner))
	t.line("contact      %s", orDash(clean(u.Contact)))
	t.line("privileges   %s", orDash(strings.Join(u.Privileges, " ")))
	var names []string
	for _, n := range u.Nameservers {
		names = append(names, clean(n.Name))
	}
	t.line("nameservers  %s", orDash(strings.Join(names, " ")))
	if u.Unique {
		t.line("clustering   unique: with own members")
	}
	t.line("sign-in      %s", signInOf(u))
	t.line("zones        %d", u.Zones)
	t.line("accounts     %d", u.Accounts)
	t.warnings(u.Warnings)
}

func (a *app) userAdd() *cobra.Command {
	var n api.NewUser
	var list string
	c := &cobra.Command{
		Use: "add NAME", Short: "Add an account; user link or user password lets it sign in", Args: cobra.ExactArgs(1),
		Example: "  zonefleet user add seller --privileges clustering,create-dns,edit-dns,kill-dns\n" +
			"  zonefleet user add shop --owner seller --privileges manage-dns-records",
		RunE: func(c *cobra.Command, args []string) error {
			n.Name = args[0]
			if err := a.savedPrivileges(c, list, &n.Privileges); err != nil {
				return err
			}
			u, err := send[api.User](c.Context(), a, http.MethodPost, n, nil, "users")
			if err != nil {
				return err
			}
			return a.show(u, func(t *text) {
				t.line("user %s added, of %s", clean(u.Name), clean(u.Owner))
				t.warnings(u.Warnings)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&n.Owner, "owner", "", "who owns the account: root or a reseller (default: yourself)")
	f.StringVar(&n.Contact, "contact", "", "mail address")
	f.StringSliceVar(&n.Privileges, "privileges", nil, "what it may, by WHM's names; privileges list shows them")
	f.StringVar(&list, "list", "", "saved list of privileges to give")
	return c
}

// savedPrivileges adds those of a saved list.
func (a *app) savedPrivileges(c *cobra.Command, name string, to *[]string) error {
	if name == "" {
		return nil
	}
	lists, err := get[api.PrivilegeLists](c.Context(), a, nil, "privilege-lists")
	if err != nil {
		return err
	}
	for _, l := range lists.Lists {
		if l.Name == name {
			*to = append(*to, l.Privileges...)
			return nil
		}
	}
	return usage("there is no saved list %s: privileges list shows those that there are", name)
}

func (a *app) userEdit() *cobra.Command {
	var owner, contact string
	var suspend, unsuspend, dry bool
	c := &cobra.Command{
		Use: "edit NAME", Short: "Change a user; what is not given stays as it is", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if suspend && unsuspend {
				return usage("--suspend and --unsuspend do not go together")
			}
			e := api.UserEdit{}
			given := func(name string, v *string) *string {
				if c.Flags().Changed(name) {
					return v
				}
				return nil
			}
			e.Owner, e.Contact = given("owner", &owner), given("contact", &contact)
			if suspend || unsuspend {
				e.Suspended = &suspend
			}
			if dry {
				return a.previewUser(c, args[0], e)
			}
			return a.patchUser(c, args[0], e)
		},
	}
	f := c.Flags()
	f.BoolVar(&dry, "dry-run", false, "show what it would do, also to zones at other servers, and change nothing")
	f.StringVar(&owner, "owner", "", "who owns the account from now on")
	f.StringVar(&contact, "contact", "", "mail address; empty: none")
	f.BoolVar(&suspend, "suspend", false, "nobody signs in as the user or its accounts, and their tokens rest")
	f.BoolVar(&unsuspend, "unsuspend", false, "as before it was suspended")
	return c
}

func (a *app) patchUser(c *cobra.Command, name string, e api.UserEdit) error {
	u, err := send[api.User](c.Context(), a, http.MethodPatch, e, nil, "users", name)
	if err != nil {
		return err
	}
	return a.show(u, func(t *text) { t.user(u) })
}

func (a *app) previewUser(c *cobra.Command, name string, e api.UserEdit) error {
	v, err := send[api.UserEditPreview](c.Context(), a, http.MethodPost, e, nil, "users", name, "preview")
	if err != nil {
		return err
	}
	return a.show(v, func(t *text) {
		t.line("%s  nothing is changed", t.bold(clean(v.User)))
		for _, s := range v.Changes {
			t.line("  %s", clean(s))
		}
		t.stays(v.Stays)
	})
}

func (a *app) userDelete() *cobra.Command {
	var trash, dry bool
	var confirm int
	c := &cobra.Command{
		Use: "delete NAME", Short: "Delete a user; its zones stay and are root's, or go to the trash", Args: cobra.ExactArgs(1),
		Long: "Delete a user: sessions end, tokens are revoked, own members go, its accounts pass to root.\n" +
			"Its zones stay, are answered, and are root's; with --trash they go to the trash on all servers, and their number must be\n" +
			"given with --confirm. --dry-run says the numbers.",
		RunE: func(c *cobra.Command, args []string) error {
			q := url.Values{}
			for name, on := range map[string]bool{"trash": trash, "dry_run": dry} {
				if on {
					q.Set(name, "true")
				}
			}
			if confirm != 0 {
				q.Set("confirm", strconv.Itoa(confirm))
			}
			d, err := send[api.UserDeletion](c.Context(), a, http.MethodDelete, nil, q, "users", args[0])
			if err != nil {
				return err
			}
			return a.show(d, func(t *text) {
				what, zones := "deleted", "stay and are root's"
				if dry {
					what = "would be deleted"
				}
				if trash {
					zones = "go to the trash"
				}
				t.line("user %s %s: %s %s, %s to root, %s revoked, %s removed", clean(d.User), what, plural(d.Zones, "zone", "zones"), zones,
					plural(d.Accounts, "account passes", "accounts pass"), plural(d.Tokens, "token", "tokens"), plural(d.Members, "member", "members"))
				t.stays(d.Stays)
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&trash, "trash", false, "its zones go to the trash on all servers")
	f.IntVar(&confirm, "confirm", 0, "number of these zones")
	f.BoolVar(&dry, "dry-run", false, "say what would happen, do nothing")
	return c
}

func (a *app) userPassword() *cobra.Command {
	return &cobra.Command{
		Use: "password NAME", Short: "Set the password of a user, read from standard input; its sessions end", Args: cobra.ExactArgs(1),
		Example: "  zonefleet user password root",
		RunE: func(c *cobra.Command, args []string) error {
			password, err := a.newPassword(c.Context(), args[0])
			if err != nil {
				return err
			}
			if _, err := send[struct{}](c.Context(), a, http.MethodPut, api.SetPassword{Password: password}, nil, "users", args[0], "password"); err != nil {
				return err
			}
			return a.show(struct{}{}, func(t *text) { t.line("the password of %s is set", clean(args[0])) })
		},
	}
}

func (a *app) userUnlock() *cobra.Command {
	var drop bool
	c := &cobra.Command{
		Use: "unlock NAME", Short: "Forget the failed sign-ins of a user", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := send[struct{}](c.Context(), a, http.MethodPost, api.Unlock{DropCode: drop}, nil, "users", args[0], "unlock"); err != nil {
				return err
			}
			return a.show(struct{}{}, func(t *text) { t.line("%s may try again", clean(args[0])) })
		},
	}
	c.Flags().BoolVar(&drop, "drop-code", false, "the user signs in without an authenticator from now on: it is lost")
	return c
}

func (a *app) userRemoveCode() *cobra.Command {
	var code string
	c := &cobra.Command{
		Use: "remove-code NAME", Short: "Have a user sign in without an authenticator again", Args: cobra.ExactArgs(1),
		Long: "Remove the authenticator of a user, as root or as who owns the account and may set passwords; or with --code the own one.",
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := send[struct{}](c.Context(), a, http.MethodDelete, api.TOTPRemoval{Code: code}, nil, "users", args[0], "totp"); err != nil {
				return err
			}
			return a.show(struct{}{}, func(t *text) { t.line("%s signs in without a code from now on", clean(args[0])) })
		},
	}
	c.Flags().StringVar(&code, "code", "", "of the own authenticator, or a recovery code")
	return c
}

func (a *app) userLink() *cobra.Command {
	return &cobra.Command{
		Use: "link NAME", Short: "Make a link that signs a browser in as the user, once; there a password can be set", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			link, err := send[api.SignInLink](c.Context(), a, http.MethodPost, nil, nil, "users", args[0], "link")
			if err != nil {
				return err
			}
			return a.show(link, func(t *text) { t.line("%s", clean(link.URL)) })
		},
	}
}

func (a *app) userSessions() *cobra.Command {
	var end string
	var all bool
	c := &cobra.Command{
		Use: "sessions NAME", Short: "List or end the open sessions of a user", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if all || end != "" {
				q := url.Values{}
				if end != "" {
					q.Set("id", end)
				}
				if _, err := send[struct{}](c.Context(), a, http.MethodDelete, nil, q, "users", args[0], "sessions"); err != nil {
					return err
				}
			}
			list, err := get[api.SessionList](c.Context(), a, nil, "users", args[0], "sessions")
			if err != nil {
				return err
			}
			return a.show(list, func(t *text) {
				tb := t.table("ID", "FROM", "BY", "OPENED", "SEEN", "UNTIL")
				for _, s := range list.Sessions {
					tb.row(s.ID, s.From, s.Means, when(s.Opened), when(s.Seen), when(s.Until))
				}
				tb.print()
			})
		},
	}
	c.Flags().StringVar(&end, "end", "", "id of a session to end")
	c.Flags().BoolVar(&all, "end-all", false, "end all")
	return c
}
