package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/zonefleet/zonefleet/internal/config"
)

func (a *app) serveCommand() *cobra.Command {
	var file string
	var check bool
	c := &cobra.Command{
		Use: "serve", Short: "Run a server", Args: cobra.NoArgs,
		Long: "Run a server. The first start makes what is missing. Flags are remembered in the data folder: the next start has\n" +
			"them without being told, and a flag given then replaces its remembered value. SIGHUP, or reload, reads the\n" +
			"configuration again; SIGTERM ends the server when what is under way is done.\n\n" +
			"--check starts nothing: it shows every value in effect and where it comes from, and whatever is wrong, all at once: in\n" +
			"the configuration (exit code 2), or around it (exit code 1): addresses, ports, certificate, data folder, clock.",
	}
	serveFlags(c, &file)
	c.Flags().BoolVar(&check, "check", false, "check the configuration, start nothing")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := config.Load(config.Input{File: file, Flags: given(c.Flags()), Getenv: a.Getenv})
		if err != nil {
			return misconfigured(err)
		}
		if check {
			return a.checkServe(cfg)
		}
		return a.Serve(c.Context(), cfg)
	}
	return c
}

// serveFlags are the keys of the configuration as flags.
func serveFlags(c *cobra.Command, file *string) {
	flags := c.Flags()
	flags.StringVar(file, "config", "", "configuration file (TOML)")
	for _, k := range config.Keys() {
		name := config.FlagName(k.Name)
		switch {
		case k.Name == "data", !k.IsFlag(): // a flag of every command, of none
		case k.Many:
			flags.StringArray(name, nil, k.Help)
		default:
			flags.String(name, "", k.Help)
		}
	}
}

// misconfigured is exit code 2, as for a command line that makes no sense; what to do is in its lines.
func misconfigured(err error) error {
	var list config.Mistakes
	if errors.As(err, &list) && len(list) > 1 {
		err = fmt.Errorf("%d mistakes in the configuration:\n%w", len(list), err)
	}
	return &usageError{withHint(err, "docs/configuration.md lists the keys; serve --check shows what is in effect")}
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
