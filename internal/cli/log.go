package cli

import (
	"maps"
	"net/http"
	"slices"

	"github.com/spf13/cobra"

	"github.com/zonefleet/zonefleet/internal/api"
)

func (a *app) logCommand() *cobra.Command {
	return group("log", "What a running server writes to its log", a.logLevel())
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
