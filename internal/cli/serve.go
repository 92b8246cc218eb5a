package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zonefleet/zonefleet/internal/config"
)

func (a *app) serveCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "serve", Short: "Run a server", Args: cobra.NoArgs,
		Long: "Run a server. The first start makes what is missing. Flags are remembered in the data folder: the next start has\n" +
			"them without being told, and a flag given then replaces its remembered value.",
	}
	flags := c.Flags()
	flags.StringVar(&file, "config", "", "configuration file (TOML)")
	for _, k := range config.Keys() {
		name := config.FlagName(k.Name)
		switch {
		case k.Name == "data": // a flag of every command
		case k.Many:
			flags.StringArray(name, nil, k.Help)
		default:
			flags.String(name, "", k.Help)
		}
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := config.Load(config.Input{File: file, Flags: given(c.Flags()), Getenv: a.Getenv})
		if err != nil {
			return &usageError{err}
		}
		return a.Serve(c.Context(), cfg)
	}
	return c
}

// given are the flags that somebody gave, by the keys of the configuration.
func given(flags *pflag.FlagSet) map[string][]string {
	out := map[string][]string{}
	for _, k := range config.Keys() {
		f := flags.Lookup(config.FlagName(k.Name))
		if f == nil || !f.Changed {
			continue
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			out[k.Name] = list.GetSlice()
		} else {
			out[k.Name] = []string{f.Value.String()}
		}
	}
	return out
}
