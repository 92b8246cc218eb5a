package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberEdit() *cobra.Command {
	var role, zones, username, token, file string
	var port int
	var debug, leaf, reverse bool
	c := &cobra.Command{
		Use: "edit HOST", Short: "Change settings of a member; what is not given stays", Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeMember,
		RunE: func(c *cobra.Command, args []string) error {
			if file != "" {
				var err error
				if token, err = readToken(file); err != nil {
					return err
				}
			}
			var e api.MemberEdit
			given := c.Flags().Changed
			e.Role = ifGiven(given("role"), role)
			e.Zones = ifGiven(given("zones"), zones)
			e.Username = ifGiven(given("username"), username)
			e.Token = ifGiven(token != "", token)
			e.Port = ifGiven(given("port"), port)
			e.Debug = ifGiven(given("debug"), debug)
			e.Leaf = ifGiven(given("leaf"), leaf)
			e.ReverseTrust = ifGiven(given("reverse-trust"), reverse)
			if e == (api.MemberEdit{}) {
				return usage("nothing to change: give a flag")
			}
			res, err := send[api.MemberResult](c.Context(), a, http.MethodPatch, e, nil, "members", args[0])
			if err != nil {
				return err
			}
			return a.showMember(res)
		},
	}
	f := c.Flags()
	f.StringVar(&role, "role", "", "standalone, synchronize or write-only")
	f.StringVar(&zones, "zones", "", "common or all")
	f.StringVar(&username, "username", "", "account at the server")
	f.StringVar(&token, "api-token", "", "API token made there")
	f.StringVar(&file, "api-token-file", "", "file that holds it")
	f.IntVar(&port, "port", 0, "HTTPS port of the server")
	f.BoolVar(&debug, "debug", false, "write each transaction to DATA/log/cluster.log")
	f.BoolVar(&reverse, "reverse-trust", false, "this server is registered there too, as standalone; =false undoes it")
	f.BoolVar(&leaf, "leaf", false, "take from it only changes of its own zones")
	return c
}

func ifGiven[T any](given bool, v T) *T {
	if !given {
		return nil
	}
	return &v
}
