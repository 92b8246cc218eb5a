package cli

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) logCommand() *cobra.Command {
	return group("log", "What a running server writes to its log", a.logLevel(), a.logCluster())
}

func (a *app) logLevel() *cobra.Command {
	return &cobra.Command{
		Use: "level [[PACKAGE] LEVEL]", Short: "Show or change from which severity on lines are written", Args: cobra.MaximumNArgs(2),
		Long: "Show or change from which severity on lines are written: debug, info, warn or error, for one package or for all. It holds\n" +
			"until the server reloads its configuration or starts again; for longer, set log_level there.",
		Example:           "  zonefleet log level store debug\n  zonefleet log level info",
		ValidArgsFunction: a.completeLogLevel,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				l, err := get[api.LogLevels](c.Context(), a, nil, "log", "level")
				return a.showLogLevels(l, err)
			}
			change := api.LogLevel{Level: args[len(args)-1]}
			if len(args) == 2 {
				change.Package = args[0]
			}
			l, err := send[api.LogLevels](c.Context(), a, http.MethodPut, change, nil, "log", "level")
			return a.showLogLevels(l, err)
		},
	}
}

func (a *app) showLogLevels(l api.LogLevels, err error) error {
	if err != nil {
		return err
	}
	return a.show(l, func(t *text) {
		tb := t.table("PACKAGE", "LEVEL")
		for _, name := range slices.Sorted(maps.Keys(l.Packages)) {
			tb.row(name, l.Packages[name])
		}
		tb.print()
	})
}

func (a *app) completeLogLevel(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	levels := []string{"debug", "info", "warn", "error"}
	switch len(args) {
	case 0:
		l, err := get[api.LogLevels](c.Context(), a, nil, "log", "level")
		if err != nil {
			return levels, cobra.ShellCompDirectiveNoFileComp
		}
		return append(slices.Sorted(maps.Keys(l.Packages)), levels...), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return levels, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) logCluster() *cobra.Command {
	var member, zone string
	var limit int
	c := &cobra.Command{
		Use: "cluster", Short: "List the newest transactions of members in debug mode", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			q := url.Values{"limit": {strconv.Itoa(limit)}, "member": {member}, "zone": {zone}}
			l, err := get[api.ClusterLog](c.Context(), a, q, "log", "cluster")
			if err != nil {
				return err
			}
			return a.show(l, func(t *text) {
				tb := t.table("TIME", "MEMBER", "DIRECTION", "WHAT", "ZONE", "SERIAL", "BYTES", "MS", "RESULT")
				for _, x := range l.Transactions {
					tb.row(x.Time, x.Member, x.Direction, x.What, orDash(x.Zone), strconv.FormatUint(uint64(x.Serial), 10), strconv.Itoa(x.Bytes),
						strconv.FormatFloat(x.Millis, 'f', 1, 64), x.Result)
				}
				tb.print()
			})
		},
	}
	f := c.Flags()
	f.StringVar(&member, "member", "", "part of a member's name")
	f.StringVar(&zone, "zone", "", "zone")
	f.IntVar(&limit, "limit", 100, "how many at most, up to 1000")
	return c
}
