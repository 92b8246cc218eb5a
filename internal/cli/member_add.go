package cli

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) memberAdd() *cobra.Command {
	var m api.NewMember
	var file string
	var dryRun bool
	c := &cobra.Command{
		Use: "add HOST[:PORT]", Short: "Check a server and add it to the DNS cluster table", Args: cobra.ExactArgs(1),
		Long: "Check a server and add it to the DNS cluster table. The token is made on that server with\n" +
			"`zonefleet token create --kind leaf` (it may change the zones made here) or `--kind relay` (any zone).\n" +
			"A server that has joined a member of this one with a code needs none, but --member-fingerprint: its `join` prints the command.",
		RunE: func(c *cobra.Command, args []string) error {
			m.Host = args[0]
			if file != "" {
				if m.Token != "" {
					return usage("give --api-token or --api-token-file, not both")
				}
				var err error
				if m.Token, err = readToken(file); err != nil {
					return err
				}
			}
			if m.Token == "" && m.Fingerprint == "" {
				return usage("the server's token is missing: --api-token or --api-token-file")
			}
			if dryRun {
				return a.previewAdd(c.Context(), m)
			}
			res, err := send[api.MemberResult](c.Context(), a, http.MethodPost, m, nil, "members")
			if err != nil {
				return err
			}
			return a.showMember(res)
		},
	}
	f := c.Flags()
	f.StringVar(&m.Role, "role", "synchronize", "standalone: receive; write-only: send; synchronize: both; \"\": as the profiles of both servers suggest")
	f.StringVar(&m.Zones, "zones", "common", "zones that only the member has: common leaves those made later there, all takes them")
	f.StringVar(&m.Username, "username", "root", "account at the server")
	f.StringVar(&m.Token, "api-token", "", "API token of that account, made there")
	f.StringVar(&file, "api-token-file", "", "file that holds it")
	f.BoolVar(&m.ReverseTrust, "reverse-trust", false, "add this server there too, as standalone")
	f.BoolVar(&m.SyncNow, "sync-now", false, "synchronize zones immediately")
	f.BoolVar(&m.Leaf, "leaf", false, "take from it only changes of its own zones")
	f.BoolVar(&m.Debug, "debug", false, "write each transaction to DATA/log/cluster.log")
	f.StringVar(&m.Backend, "backend", "zonefleet", "what kind of server it is")
	f.StringVar(&m.Fingerprint, "member-fingerprint", "", "fingerprint of its key, if known; another key is then refused")
	f.BoolVar(&dryRun, "dry-run", false, "ask the server, show its key and what adding it would do, and save nothing")
	return c
}
