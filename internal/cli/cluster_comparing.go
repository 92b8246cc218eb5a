package cli

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) clusterComparing() *cobra.Command {
	var policy, account string
	var off bool
	c := &cobra.Command{
		Use: "comparing [EVERY]", Short: "Show or change how often members are compared, and what happens with what differs", Args: cobra.MaximumNArgs(1),
		Long: "Show or change how often members are compared (EVERY: 1h, 30m; a minute to a week), and what happens by itself with zones\n" +
			"that differ. Policies: report leaves it to a person, heal repairs as cluster repair does, adopt takes over what the\n" +
			"member has. What one side had acknowledged and lost is brought again in any case.",
		RunE: func(c *cobra.Command, args []string) error {
			k, err := get[api.Comparing](c.Context(), a, nil, "cluster", "comparing")
			if err != nil {
				return err
			}
			given := len(args) == 1 || policy != "" || c.Flags().Changed("off")
			if len(args) == 1 {
				every, err := time.ParseDuration(args[0])
				if err != nil {
					return usage("%q is no duration like 1h or 30m", args[0])
				}
				k.Every, k.Off = int(every/time.Second), false
			}
			if c.Flags().Changed("off") {
				k.Off = off
			}
			switch {
			case policy == "" && account != "":
				return usage("--account needs --policy")
			case account != "":
				if k.Policies == nil {
					k.Policies = map[string]string{}
				}
				k.Policies[account] = policy
			case policy != "":
				k.Policy = policy
			}
			if given {
				if k, err = send[api.Comparing](c.Context(), a, http.MethodPut, k, nil, "cluster", "comparing"); err != nil {
					return err
				}
			}
			return a.show(k, func(t *text) { t.comparing(k) })
		},
	}
	f := c.Flags()
	f.StringVar(&policy, "policy", "", "report, heal or adopt")
	f.StringVar(&account, "account", "", "set the policy for the zones of this account only")
	f.BoolVar(&off, "off", false, "compare only when a link opens, and on demand (--off=false: by the clock again)")
	return c
}

func (t *text) comparing(k api.Comparing) {
	if k.Off {
		t.line("members are compared when a link opens, and on demand")
	} else {
		t.line("members are compared when a link opens, and every %s", time.Duration(k.Every)*time.Second)
	}
	t.line("zones that differ: %s", k.Policy)
	for _, account := range slices.Sorted(maps.Keys(k.Policies)) {
		t.line("zones of %s: %s", clean(account), k.Policies[account])
	}
}
